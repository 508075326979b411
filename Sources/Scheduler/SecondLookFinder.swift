import EventLoop
import Jobs
import OrderWork
import Orders
import Queue
import Store
import Telemetry

/// Notes which orders that ended are to be asked about again now, and plans their jobs.
///
/// It reads the kept events so long behind the present as the delay is. So an order that ended costs nothing until its look
/// is due, and then a row and a job for moments.
@LoopActor
final class SecondLookFinder {
  /// How often the scheduler calls this; it does something as often as the shortest delay needs.
  static let interval = Duration.seconds(2)
  private static let pauseMax = Duration.seconds(60)
  /// A part of the shortest delay.
  private static let parts = 60
  /// Between two rounds, so that orders go first.
  private static let roundPause = Duration.milliseconds(10)

  private let tools: OrderTools
  private let broker: RedisBroker
  /// How long events are kept; nil: for ever.
  private let retention: Duration?
  private let looks: SecondLooks
  private let jobs: SecondLookJobs
  private var doneAt: ContinuousClock.Instant?
  /// Of which delays was said that their looks never come.
  private var saidTooLong: Set<Duration> = []

  init(_ tools: OrderTools, _ broker: RedisBroker, retention: Duration?) {
    self.tools = tools
    self.broker = broker
    self.retention = retention
    looks = SecondLooks(tools.store)
    jobs = SecondLookJobs(tools.store, tools.directory)
  }

  func find() async throws {
    let delays = Set(
      try await tools.directory.providers().flatMap { $0.secondLooks ?? SecondLookRule.delaysUsual })
    warn(of: delays)
    guard let shortest = delays.min() else {
      // Where none is wanted any more, what ended meanwhile is not caught up with later.
      return try await looks.passOver(usual: SecondLookRule.delaysUsual)
    }
    let pause = min(shortest / Self.parts, Self.pauseMax)
    if let doneAt, ContinuousClock.now - doneAt < pause { return }
    var behind = delays.sorted()
    let begun = ContinuousClock.now
    // Under load there is always more; the delays are then read anew.
    repeat {
      var next: [Duration] = []
      for delay in behind where try await find(after: delay) { next.append(delay) }
      behind = next
      if !behind.isEmpty { try await EventLoop.sleep(for: Self.roundPause) }
    } while !behind.isEmpty && ContinuousClock.now - begun < pause
    if behind.isEmpty { doneAt = .now }
    try await looks.passOver(usual: SecondLookRule.delaysUsual)
  }

  /// - Returns: whether there is more to find at once.
  private func find(after delay: Duration) async throws -> Bool {
    let (found, mayBeMore) = try await looks.find(after: delay, usual: SecondLookRule.delaysUsual)
    // What Redis does not take is found by the reconciler.
    if !found.isEmpty { _ = try? await broker.enqueue(found.map { jobs.job(of: $0) }) }
    return mayBeMore
  }

  /// What is dropped before its look can't be found any more.
  private func warn(of delays: Set<Duration>) {
    var tooLong: Set<Duration> = []
    if let retention { tooLong = delays.filter { SecondLooks.isTooLong($0, retention: retention) } }
    for delay in tooLong.subtracting(saidTooLong).sorted() {
      tools.instruments.log.warning(
        "second looks never come, since the events that they are found by are dropped before",
        [
          "delay": delay.inWords, "retention": retention?.inWords,
          "mend": "set SEVK_RETENTION to more than the delay, or the providers' --second-look to less",
        ])
    }
    saidTooLong = tooLong
  }
}
