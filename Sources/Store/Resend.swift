internal import EventLoop
public import Orders
internal import Postgres

/// The intent to repeat a send whose answer was lost under its reference; see ``SameReference``.
public struct Resend: Sendable {
  /// The order as it was when that was decided.
  public let order: Order
  /// The account that the request goes to; see ``Provider/accountEpoch``.
  public let accountEpoch: Int
  /// As ``Transition/sentPrint``, of what is sent now.
  public let print: [UInt8]
  /// Until the request has surely ended, from the commit on.
  public let lasts: Duration
  public let note: Reason

  public init(_ order: Order, accountEpoch: Int, print: [UInt8], lasts: Duration, note: Reason) {
    self.order = order
    self.accountEpoch = accountEpoch
    self.print = print
    self.lasts = lasts
    self.note = note
  }
}

extension Store {
  /// Commits the intent. What is forgotten of it is harmless, so it is written once and not persistently: whoever does not
  /// hear of its commit does not send.
  ///
  /// - Returns: the order as it is from then on; nil when it must not be sent: it has moved on, its refund was claimed, its
  ///   provider's account or the request is another one, or it was repeated ``SameReference/resendsMax`` times.
  public func begin(_ resend: Resend) async throws -> Order? {
    let rows = try await pool.run(
      Statements.resend,
      [
        .text(resend.order.id.description), .int(resend.order.version), .int(resend.order.checks),
        .int(resend.accountEpoch), .bytea(resend.print), .int(SameReference.resendsMax),
        .int(resend.lasts.milliseconds), .text(resend.note.text), .text(resend.note.code?.rawValue),
      ])
    return try rows.first.map { try OrderRow.decode($0) }
  }

  /// What is kept of the request of a send, so that a repetition is surely the same: bound to its order, and nothing can be
  /// read from it.
  ///
  /// - Parameter earlier: what was kept of the send: a secret key that was changed since makes it no other request.
  public nonisolated func sentPrint(
    of parameters: [String: String], _ id: OrderID, like earlier: [UInt8]? = nil
  ) throws -> [UInt8] {
    var text: [UInt8] = []
    for (name, value) in parameters.sorted(by: { $0.key < $1.key }) {
      for part in [name, value] { text += Array("\(part.utf8.count):".utf8) + Array(part.utf8) }
    }
    return try fingerprint(ofWitness: Array("sent/".utf8) + text, of: id, like: earlier)
  }
}
