/// What becomes of an order that ends the processes that work on it.
///
/// Such an order must neither stop the others nor be forgotten, so after a few deaths a person gets it (`held`).
public enum PoisonOrder {
  /// Most processes that may die while they send an order, each time under a new reference.
  public static let sendersDiedMax = 3

  /// The move of an order whose job is buried because its workers died.
  ///
  /// - Returns: nil when there is nothing to do: the order is settled or held, or another job goes on with it, or its last
  ///   send may still be under way, in which case it must be looked at again.
  public static func hold(_ order: Order, _ work: Status.Work, workersDied: Int) -> Transition? {
    // Another job goes on with it, or none.
    guard order.status.work == work else { return nil }
    let next: String
    switch order.status {
    case .pending:
      next = "It was not being sent at that moment"
    case .sending:
      // Until then one of those processes may only be frozen, and its request on its way.
      if let wait = order.untilDue, wait > .zero { return nil }
      next = "Its request may have left"
    case .sent, .unresolved:
      next = "The provider may have delivered"
    case .held, .completed, .failed, .cancelled, .contested: return nil
    }
    let doing = work == .send ? "sending it" : "asking the provider about it"
    var move = Transition(
      order, to: .held,
      Reason(
        .processesDied,
        "\(workersDied) processes died, froze or lost Redis while \(doing), so no other tries; their logs show why. "
          + next))
    if order.status == .sending { move.sendState = .unknown }
    return move
  }

  /// Why an order that was proved not received is not sent again by itself; nil when it is.
  public static func reasonNotToSendAgain(sendersDied: Int) -> String? {
    guard sendersDied >= sendersDiedMax else { return nil }
    return "\(sendersDied) processes died while sending it, so no other tries; their logs show why"
  }
}
