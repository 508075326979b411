/// Decides how fast a provider is asked about orders while it does not answer questions. Pure; each worker has its own.
///
/// A question costs no money, so the provider is never closed for them. But one that times out holds a slot for as long,
/// and the questions of a thousand orders would hold them all. After a few in a row without any answer only one at a
/// time is asked, after a pause that doubles each time, until one is answered; the others wait.
public struct QuestionBreaker: Sendable, Equatable {
  /// So many questions in a row without an answer slow them.
  public static let failuresInARowMax = 5
  public static let pauseFirst = Duration.seconds(1)
  public static let pauseMax = Duration.seconds(60)

  /// Questions in a row without an answer.
  public private(set) var failuresInARow = 0
  /// Until the next question is asked; zero while all are.
  public private(set) var pause = Duration.zero
  /// Grows with each change: a question that was asked before the last one says nothing about the time since.
  public private(set) var version = 0

  public init() {}

  public var isSlow: Bool { pause > .zero }

  /// A question came back.
  ///
  /// - Parameters:
  ///   - isAnswer: whether anything did, an error page included.
  ///   - asked: the version when it was asked.
  /// - Returns: whether the pause is another now.
  public mutating func note(isAnswer: Bool, asked: Int) -> Bool {
    guard isAnswer else {
      failuresInARow += 1
      guard failuresInARow >= Self.failuresInARowMax, asked == version else { return false }
      pause = min(max(pause * 2, Self.pauseFirst), Self.pauseMax)
      version += 1
      return true
    }
    failuresInARow = 0
    guard isSlow else { return false }
    pause = .zero
    version += 1
    return true
  }
}
