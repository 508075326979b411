/// What the sandbox's panel answers: the last digit of whom an order is for chooses the story that it plays.
///
/// | digit | story |
/// |---|---|
/// | 1, and whatever is not below | delivered, with a PIN |
/// | 2 | refused |
/// | 3 | the answer to the send is lost; it was received, and is delivered |
/// | 4 | the answer is lost, and the order was never received; sent again, it is delivered |
/// | 5 | taken, and cancelled after a minute |
/// | 6 | said to be delivered and then to be cancelled, so that it is held for a person |
/// | 7 | delivered, and a minute after it was sent said to be cancelled, so that a second look finds it contested |
///
/// Pure: what the panel knows of an order comes from ``SandboxOrder``.
public enum SandboxScript {
  /// How each PIN begins, so that nobody takes it for a real one.
  public static let pinMark = "TEST-"
  public static let cancelledAfter = Duration.seconds(60)
  /// When an order that was delivered is reversed, from its send on.
  public static let reversedAfter = Duration.seconds(60)
  /// A send that the panel has always known, so that it can be told from those that it never got.
  public static let knownReference = "000000000000000000"

  /// What an answer begins with.
  enum Word {
    static let accepted = "accepted"
    static let refused = "refused"
    static let waiting = "waiting"
    static let delivered = "delivered"
    static let cancelled = "cancelled"
    static let notFound = "not_found"
  }

  private static let scheme = "sandbox:"
  static let accountURL = scheme + "/account"
  private static let orders = scheme + "/orders/"

  static func url(of reference: String) -> String { orders + reference }

  /// The reference that a request is about; nil for one about the account.
  public static func reference(in url: String) -> String? {
    url.hasPrefix(orders) ? String(url.dropFirst(orders.count)) : nil
  }

  /// The answer to a request about the account.
  public static let working = "working"

  /// The answer to a send; nil where it is lost.
  public static func answerToSend(_ order: SandboxOrder) -> String? {
    switch story(of: order) {
    case .refused: "\(Word.refused) the sandbox refuses players that end in 2"
    case .lost, .neverReceived: nil
    case .delivered, .cancelled, .contradicted, .reversed: Word.accepted
    }
  }

  /// The answer to a question.
  ///
  /// - Parameter order: nil where no such send is known.
  public static func answer(about reference: String, _ order: SandboxOrder?) -> String {
    guard let order else {
      return reference == knownReference ? delivered(reference, "the first order") : unknown
    }
    switch story(of: order) {
    case .delivered, .lost: return delivered(reference, "delivered in the sandbox")
    case .refused, .neverReceived: return unknown
    case .cancelled:
      return order.age < cancelledAfter
        ? "\(Word.waiting) it is cancelled a minute after it was sent" : "\(Word.cancelled) the sandbox gave up"
    case .contradicted:
      return order.isDeliverySaid
        ? "\(Word.cancelled) this is what the sandbox contradicts itself with"
        : delivered(reference, "delivered, says the sandbox")
    case .reversed:
      return order.age < reversedAfter
        ? delivered(reference, "delivered; reversed a minute after it was sent")
        : "\(Word.cancelled) the sandbox took it back"
    }
  }

  private enum Story {
    case delivered, refused, lost, neverReceived, cancelled, contradicted, reversed
  }

  private static func story(of order: SandboxOrder) -> Story {
    switch order.player?.last {
    case "2": .refused
    case "3": .lost
    case "4": order.attempt == 1 ? .neverReceived : .delivered
    case "5": .cancelled
    case "6": .contradicted
    case "7": .reversed
    default: .delivered
    }
  }

  private static let unknown = "\(Word.notFound) the sandbox has no such order"

  /// The PIN is made of the reference, so that it is the same whenever it is said, and no other order's.
  private static func delivered(_ reference: String, _ note: String) -> String {
    "\(Word.delivered) \(pinMark)\(reference) \(note)"
  }
}
