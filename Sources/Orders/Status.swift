/// Where an order is in its life.
///
/// Everything that hangs on a status stands in one table: ``row``. Code asks the table and lists no statuses of its own;
/// SQL, OpenAPI and the documents need them as text, and `StatusTableTests` holds each against the table. How to add one:
/// "Adding a status" in CONTRIBUTING.
public enum Status: String, Sendable, CaseIterable, Codable {
  /// Recorded, not yet sent. Fails without a person when there is no route or validation refuses it.
  case pending
  /// The intent is committed; bytes may have gone out. Goes back to `pending` when it is proved not sent.
  case sending
  /// The provider has it. Becomes `held` at its deadline. Goes back to `pending` when no partner of a desk takes it.
  case sent
  /// The answer to a send was lost and is being found out. Goes back to `pending` when it is proved not received.
  case unresolved
  /// Needs a person; the reason says why.
  case held
  /// Delivered; the PIN is stored if there is one. Final, unless a second look contests it.
  case completed
  /// Proved not delivered; a refund is safe. Final, unless a second look contests it.
  case failed
  /// Withdrawn before it was sent, or proved not received after a refund claim. Final, unless it was sent once and a second
  /// look contests it.
  case cancelled
  /// It had ended, and the provider says otherwise since: needs a person, who leaves it `completed` or `failed`.
  case contested

  /// The table.
  public var row: StatusRow {
    switch self {
    case .pending:
      StatusRow(
        waitsFor: .job(.send), leadsTo: [.sending, .failed, .cancelled, .held], person: .sendsOrWithdraws,
        mayBeAtProvider: false, isDoubtful: false, refundSafe: .no, event: "sevk.order.created",
        meaning: "recorded and waiting to be sent to a provider")
    case .sending:
      StatusRow(
        // The job that sends it, or takes it up when its sender is gone.
        waitsFor: .job(.send), leadsTo: [.sent, .completed, .failed, .cancelled, .pending, .unresolved, .held],
        person: .waits,
        mayBeAtProvider: true, isDoubtful: false, refundSafe: .no, event: nil,
        meaning: "being handed to the provider right now")
    case .sent:
      StatusRow(
        waitsFor: .job(.check), leadsTo: [.completed, .failed, .held, .pending, .cancelled], person: .takesUp,
        mayBeAtProvider: true, isDoubtful: false, refundSafe: .no, event: "sevk.order.sent",
        meaning: "the provider has the order and is working on it", fromDeskAlone: [.pending, .cancelled])
    case .unresolved:
      StatusRow(
        waitsFor: .job(.check), leadsTo: [.sent, .completed, .failed, .cancelled, .pending, .held], person: .takesUp,
        mayBeAtProvider: true, isDoubtful: true, refundSafe: .unknown, event: "sevk.order.unresolved",
        meaning: "the provider's answer was lost; we are finding out whether it has the order")
    case .held:
      StatusRow(
        waitsFor: .person, leadsTo: [], person: .decides,
        // It may be there; but nothing is sent before a person has looked.
        mayBeAtProvider: false, isDoubtful: true, refundSafe: .unknown, event: "sevk.order.held",
        meaning: "stopped for a person to decide")
    case .completed:
      StatusRow(
        waitsFor: .nothing, leadsTo: [.contested], person: .waits,
        mayBeAtProvider: false, isDoubtful: false, refundSafe: .no, event: "sevk.order.completed",
        meaning: "delivered")
    case .failed:
      StatusRow(
        waitsFor: .nothing, leadsTo: [.contested], person: .waits,
        mayBeAtProvider: false, isDoubtful: false, refundSafe: .yes, event: "sevk.order.failed",
        meaning: "not delivered, and proved so; a refund is safe")
    case .cancelled:
      StatusRow(
        waitsFor: .nothing, leadsTo: [.contested], person: .waits,
        mayBeAtProvider: false, isDoubtful: false, refundSafe: .yes, event: "sevk.order.cancelled",
        meaning: "withdrawn before it reached a provider")
    case .contested:
      StatusRow(
        waitsFor: .person, leadsTo: [], person: .decides,
        mayBeAtProvider: false, isDoubtful: true, refundSafe: .no, event: "sevk.order.contested",
        meaning: "it had ended, but the provider says otherwise since; a person decides which is true")
    }
  }
}
