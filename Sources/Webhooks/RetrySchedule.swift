/// When a delivery that failed is tried again.
public enum RetrySchedule {
  private static let pauses: [Duration] = [
    .seconds(5), .seconds(30), .seconds(5 * 60), .seconds(30 * 60), .seconds(2 * 3600), .seconds(5 * 3600),
  ]
  private static let pauseLast = Duration.seconds(10 * 3600)
  /// From the first attempt on; what was not delivered by then is kept.
  public static let span = Duration.seconds(8 * 86_400)
  /// What a pause may be longer, so that those that failed together don't come together. Never shorter: a receiver that
  /// was told "in 5 s" is not asked sooner.
  private static let jitterMax = 0.1

  /// - Parameters:
  ///   - attempts: how many have failed, 1 or more.
  ///   - triedFor: how long ago the first was.
  ///   - least: what the receiver asked for.
  /// - Returns: nil when it is not to be tried again.
  public static func pause(
    after attempts: Int, triedFor: Duration, least: Duration? = nil,
    using generator: inout some RandomNumberGenerator
  ) -> Duration? {
    let planned = attempts <= pauses.count ? pauses[max(attempts, 1) - 1] : pauseLast
    let pause = max(planned, least ?? .zero)
    guard triedFor + pause <= span else { return nil }
    return pause + pause * Double.random(in: 0...jitterMax, using: &generator)
  }
}
