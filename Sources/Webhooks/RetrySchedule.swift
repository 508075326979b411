/// When a delivery that failed is tried again.
public struct RetrySchedule: Sendable, Equatable {
  /// From the first attempt on; what was not delivered by then is kept.
  public static let span = Duration.seconds(8 * 86_400)
  /// What a pause may be longer, so that those that failed together don't come together. Never shorter: a receiver that
  /// was told "in 5 s" is not asked sooner.
  private static let jitterMax = 0.1

  /// After the first failure, the second, and so on; the last one after all others.
  private let pauses: [Duration]

  /// - Precondition: there is a pause.
  public init(pauses: [Duration]) {
    precondition(!pauses.isEmpty, "a schedule without a pause")
    self.pauses = pauses
  }

  /// - Parameters:
  ///   - attempts: how many have failed, 1 or more.
  ///   - triedFor: how long ago the first was.
  ///   - least: what the receiver asked for.
  /// - Returns: nil when it is not to be tried again.
  public func pause(
    after attempts: Int, triedFor: Duration, least: Duration? = nil,
    using generator: inout some RandomNumberGenerator
  ) -> Duration? {
    let pause = max(pauses[min(max(attempts, 1), pauses.count) - 1], least ?? .zero)
    guard triedFor + pause <= Self.span else { return nil }
    return pause + pause * Double.random(in: 0...Self.jitterMax, using: &generator)
  }
}
