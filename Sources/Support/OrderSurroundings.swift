import EventLoop
import Jobs
import Kinds
import OrderWork
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
  /// Why its provider takes nothing now; empty when it does.
  var provider: [Hindrance] = []

  /// More jobs than this are a wait of their own.
  static let readyUsualMax = 100

  /// All that holds the order up, the most fundamental first; empty when nothing does.
  public func hindrances(_ order: Order) -> [Hindrance] {
    guard let program = order.status.work?.program else { return [] }
    guard let known else {
      let away = Hindrance(
        kind: .redisAway, text: "Redis does not answer, and nothing happens until it does; no order is lost.")
      return [away] + provider
    }
    var found: [Hindrance] = []
    if !known.programs.contains(program) {
      found.append(
        Hindrance(
          kind: .noProcess,
          text: "No \(program) answers, so it stays as it is until one runs: \(program) run (worker inspect ping lists"
            + " them)."))
    }
    if known.isPaused {
      let waiting = known.ready > 1 ? " with \(known.ready) jobs waiting in it" : ""
      found.append(
        Hindrance(
          kind: .queuePaused,
          text: "The queue \(known.queue) is paused\(waiting); worker queue resume \(known.queue) ends that."))
    }
    if let job = stray(known) { found.append(job) }
    found += provider
    if found.isEmpty, known.job?.state == .ready, known.ready > Self.readyUsualMax {
      found.append(
        Hindrance(
          kind: .turn,
          text: "\(known.ready) jobs are ready in \(known.queue), and the shops and priorities take turns; more"
            + " \(program) processes would be faster."))
    }
    return found
  }

  /// What is wrong with its job.
  private func stray(_ known: Known) -> Hindrance? {
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
    case .delayed, .ready, .leased: return nil
    }
  }

  /// Asks Redis and the processes; without Redis that is said, and nothing fails.
  @LoopActor
  public static func read(_ order: Order, _ sources: SupportSources) async throws -> OrderSurroundings {
    var around = OrderSurroundings()
    guard let queue = order.status.work?.queue else { return around }
    do {
      let counts = try await sources.broker.counts(of: queue)
      let answers = try await Inspector(redis: sources.redis).ask("ping")
      around.known = Known(
        queue: queue, isPaused: counts.isPaused, ready: counts.ready,
        job: try await sources.broker.find(order.id.description, in: queue), programs: answers.programs)
    } catch {
      around.known = nil
    }
    around.provider = try await ProviderText.hindrances(order, sources, hasRedis: around.known != nil)
    return around
  }
}
