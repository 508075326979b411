/// What a word changes of an order at a desk: written in one statement, or not at all.
public struct FulfilmentChange: Sendable, Equatable {
  /// Who speaks next if nobody else does.
  public enum Deadline: Sendable, Equatable {
    /// Stays as it is.
    case kept
    /// Somebody has to take it within this.
    case accept(Duration)
    /// Whoever has it has to be done by the provider's deadline from now on.
    case done
    /// None: it is not at the desk any more.
    case none
  }

  /// The order's status from then on; `pending` means the next route, and `failed` where there is none.
  public var to = Status.sent
  public var stage: Stage
  public var holder: Int64?
  /// The offers that change, as they are from then on.
  public var offers: [Fulfilment.Offer] = []
  public var cancel: CancelRequest?
  public var deadline = Deadline.kept
  public var reason: Reason
  /// What is then known of the send.
  public var sendState: SendState?
  public var tries: Int
  /// Whether others see it: then the order's version grows, and an event tells it.
  public var isTold = true
  /// Whether the customer gets a code with it.
  public var makesCode = false

  /// Nothing changed yet.
  public init(_ now: Fulfilment, _ reason: Reason = Reason(.inProgress)) {
    stage = now.stage
    holder = now.holder
    cancel = now.cancel
    tries = now.tries
    self.reason = reason
  }
}

/// What follows from a word about an order at a desk.
public enum FulfilmentVerdict: Sendable, Equatable {
  case change(FulfilmentChange)
  /// It is so already.
  case asItIs
  /// The clock: nothing is due before that; nil: nothing ever is.
  case notYet(Duration?)
  /// No, why, and what the partner may say instead.
  case refused(String, allowed: [PartnerWord.Target])
  /// As ``refused(_:allowed:)``; the wrong try is written.
  case wrongCode(FulfilmentChange, triesLeft: Int, allowed: [PartnerWord.Target])
  /// The order is no business of theirs.
  case notFound
}
