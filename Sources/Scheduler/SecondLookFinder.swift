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
  private static let roundsMax = 20

  private let tools: OrderTools
  private let broker: RedisBroker
  private let looks: SecondLooks
  private let jobs: SecondLookJobs
  private var doneAt: ContinuousClock.Instant?

  init(_ tools: OrderTools, _ broker: RedisBroker) {
    self.tools = tools
    self.broker = broker
    looks = SecondLooks(tools.store)
    jobs = SecondLookJobs(tools.store, tools.directory)
  }

  func find() async throws {
    let delays = Set(
      try await tools.directory.providers().flatMap { $0.secondLooks ?? SecondLookRule.delaysUsual })
    guard let shortest = delays.min() else { return }
    let pause = min(shortest / Self.parts, Self.pauseMax)
    if let doneAt, ContinuousClock.now - doneAt < pause { return }
    doneAt = .now
    for delay in delays.sorted() { try await find(after: delay) }
  }

  private func find(after delay: Duration) async throws {
    for _ in 0..<Self.roundsMax {
      let (found, mayBeMore) = try await looks.find(after: delay, usual: SecondLookRule.delaysUsual)
      // What Redis does not take is found by the reconciler.
      if !found.isEmpty { _ = try? await broker.enqueue(found.map { jobs.job(of: $0) }) }
      guard mayBeMore else { return }
    }
  }
}
