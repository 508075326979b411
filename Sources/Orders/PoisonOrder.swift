/// What becomes of an order that ends the processes that work on it.
///
/// Such an order must neither stop the others nor be forgotten, so after a few deaths a person gets it (`held`).
public enum PoisonOrder {
  /// Most processes that may die while they send an order, each time under a new reference.
  public static let sendersDiedMax = 3

  /// What a job does to its order.
  public enum Work: Sendable { case send, check }

  /// The move of an order whose job is buried because its workers died.
  ///
  /// - Returns: nil when there is nothing to do: the order is settled or held, or another job goes on with it, or its last
  ///   send may still be under way, in which case it must be looked at again.
  public static func hold(_ order: Order, _ work: Work, workersDied: Int) -> Transition? {
    let next: String
    switch (work, order.status) {
    case (.send, .pending):
      next = "It was not being sent at that moment"
    case (.send, .sending):
      // Until then one of those processes may only be frozen, and its request on its way.
      if let wait = order.untilDue, wait > .zero { return nil }
      next = "Its request may have left"
    case (.check, .sent), (.check, .unresolved):
      next = "The provider may have delivered"
    case (.send, _), (.check, _): return nil
    }
    let doing = work == .send ? "sending it" : "asking the provider about it"
    var move = Transition(
      order, to: .held,
      reason:
        "\(workersDied) processes died, froze or lost Redis while \(doing), so no other tries; their logs show why. "
        + next, code: .processesDied)
    if order.status == .sending { move.attempt = .unknown }
    return move
  }

  /// Why an order that was proved not received is not sent again by itself; nil when it is.
  public static func reasonNotToSendAgain(sendersDied: Int) -> String? {
    guard sendersDied >= sendersDiedMax else { return nil }
    return "\(sendersDied) processes died while sending it, so no other tries; their logs show why"
  }
}
