/// When orders that ended are asked about again, and what of the answers contradicts their end.
///
/// A provider may reverse what it delivered, or deliver what it refused. Like everything that moves an order, such an answer
/// has to come twice, seconds apart.
public enum SecondLookRule {
  /// After an order's end, where its provider sets nothing else.
  public static let delaysUsual: [Duration] = [.seconds(3600), .seconds(86_400)]
  /// Questions that may get no answer before a look is given up; the next one comes anyway.
  public static let triesMax = 5
  public static let delaysMax = 5

  /// What of an answer can't be true beside the order's end.
  public struct Contradiction: Sendable, Equatable {
    /// For people.
    public let words: String
    /// What the second answer must repeat, beside what stands in the answer itself.
    public let kind: String
  }

  /// Whether the look at an answer is over.
  public enum Verdict: Sendable, Equatable {
    /// Nothing speaks against the end.
    case agrees
    case contradicts(Contradiction)
    /// It says nothing of the order: ask again.
    case silent
  }

  /// - Parameters:
  ///   - status: how the order ended.
  ///   - isSamePin: whether a PIN in the answer is the one that is stored; true where there is nothing to compare.
  public static func judge(_ outcome: QueryOutcome, _ status: Status, isSamePin: Bool) -> Verdict {
    let isDelivered = status == .completed
    let end = status == .cancelled ? "it was withdrawn here as not received" : "it failed here"
    switch outcome {
    case .completed where !isDelivered:
      return .contradicts(.init(words: "\(end), but the provider says that it delivered it", kind: "delivered"))
    case .completed where !isSamePin:
      return .contradicts(.init(words: "the provider gives another PIN for it than it gave before", kind: "pin"))
    case .completed: return .agrees
    case .cancelled(let why) where isDelivered:
      return .contradicts(
        .init(words: "it was delivered, but the provider says that it is cancelled: \(why)", kind: "cancelled"))
    case .cancelled: return .agrees
    case .waiting(let text) where !isDelivered:
      return .contradicts(
        .init(words: "\(end), but the provider says that it has it: \(text)", kind: "waiting"))
    // A delivered order that a panel lists as being worked on is no more than a slow list; old ones leave lists.
    case .waiting, .notFound: return .agrees
    case .queryFailed, .unintelligible: return .silent
    }
  }

  /// The pause before a look is repeated that got no answer.
  public static func pause(afterTries tries: Int) -> Duration {
    .seconds(60 << min(max(tries, 0), 6))
  }
}
