public import EventLoop
import Jobs
public import Orders
import Queue
import Store

/// What stands around an open order and may hold it up.
public struct OrderSurroundings: Sendable {
  /// What Redis said; nil when it did not answer.
  struct Known: Sendable {
    var queue: QueueName
    var isPaused: Bool
    var ready: Int
    /// The order's job; nil when it has none.
    var job: ListedJob?
    /// The programs of which a process answers.
    var programs: Set<String>
  }

  var known: Known?
  /// What its provider lets wait.
  var provider: Hindrance?

  /// More jobs than this are a wait of their own.
  static let readyUsualMax = 100

  /// What holds the order up, the most fundamental thing first; nil when nothing does.
  public func hindrance(_ order: Order) -> Hindrance? {
    guard WaitingOrders.statuses.contains(order.status), order.status != .held else { return nil }
    guard let known else {
      return Hindrance(
        kind: .redisAway, text: "Redis does not answer, and nothing happens until it does; no order is lost.")
    }
    let program = known.queue == .dispatch ? "dispatcher" : "worker"
    guard known.programs.contains(program) else {
      return Hindrance(
        kind: .noProcess,
        text:
          "No \(program) answers, so it stays as it is until one runs: \(program) run (worker inspect ping lists them)."
      )
    }
    if known.isPaused {
      return Hindrance(
        kind: .queuePaused,
        text:
          "The queue \(known.queue) is paused with \(known.ready) ready; worker queue resume \(known.queue) ends that.")
    }
    guard let job = known.job else {
      return Hindrance(
        kind: .jobMissing,
        text: "It has no job in Redis; a scheduler adds one within a minute, worker doctor --mend at once.")
    }
    switch job.state {
    case .dead:
      return Hindrance(
        kind: .jobDead,
        text: "Its job is dead (\(job.detail)); when the cause is mended: worker job retry \(job.record.id)")
    case .delayed where !known.programs.contains("scheduler"):
      return Hindrance(
        kind: .noScheduler, text: "No scheduler answers, so its job stays where it is until one runs: scheduler run.")
    case .ready where provider == nil && known.ready > Self.readyUsualMax:
      return Hindrance(
        kind: .turn,
        text:
          "\(known.ready) jobs are ready in \(known.queue), and the shops and priorities take turns; more \(program)"
          + " processes would be faster.")
    case .delayed, .ready, .leased: return provider
    }
  }

  /// Asks Redis and the processes; without Redis that is said, and nothing fails.
  @LoopActor
  public static func read(_ order: Order, _ frame: ProcessFrame) async throws -> OrderSurroundings {
    var around = OrderSurroundings()
    guard WaitingOrders.statuses.contains(order.status), order.status != .held else { return around }
    let queue: QueueName = order.status == .pending || order.status == .sending ? .dispatch : .check
    do {
      let counts = try await frame.broker.counts(of: queue)
      let answers = try await Inspector(redis: frame.redis).ask("ping")
      let programs = ["dispatcher", "worker", "scheduler"].filter { program in
        answers.replies.contains { $0.contains("\"process\":\"\(program)@") }
      }
      around.known = Known(
        queue: queue, isPaused: counts.isPaused, ready: counts.ready,
        job: try await frame.broker.find(order.id.description, in: queue), programs: Set(programs))
    } catch {
      around.known = nil
    }
    around.provider = try await ProviderText.hindrance(order, frame, hasRedis: around.known != nil)
    return around
  }
}
