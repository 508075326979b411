import EventLoop
import Orders
import Postgres
import PrivateServers
import Redis

/// Measures, for each fault, how long it took from its end until no order was overdue and another one was delivered.
///
/// A panel that is ill delivers nothing, and so does one that a breaker spares; and the next fault may begin before the
/// last is got over. Recoveries that met none of these are told apart, since only they speak of the fault itself.
@LoopActor
final class RecoveryWatch {
  private static let interval = Duration.milliseconds(250)
  private static let look = PostgresStatement(
    name: "chaos_look",
    sql: """
      SELECT (SELECT count(*) FROM orders WHERE status IN (\(Status.literals(Status.open)))
              AND due_at < now() - interval '1500 milliseconds'),
             (SELECT count(*) FROM orders WHERE status = 'completed')
      """)

  private static let breakers: [RedisArgument] = ["sevk:{provider:1}:state", "sevk:{provider:2}:state"]

  private struct Expected {
    let kind: FaultKind
    var wasUndisturbed = true
    let since: ContinuousClock.Instant
    var completedBefore: Int64?
  }

  private let postgres: PostgresPool
  private var expected: [Expected] = []
  private let redis: RedisClient
  private var tasks: [Task<Void, Never>] = []
  private var panelFaults = 0
  private var isBreakerOpen = false
  private(set) var worst: [FaultKind: Duration] = [:]
  private(set) var worstUndisturbed: [FaultKind: Duration] = [:]

  init(_ postgres: PostgresPool, _ redis: RedisClient) { (self.postgres, self.redis) = (postgres, redis) }

  func start() {
    tasks = [
      Task(executorPreference: EventLoop.shared) { await self.watch() },
      Task(executorPreference: EventLoop.shared) { await self.watchBreakers() },
    ]
  }

  func stop() { for task in tasks { task.cancel() } }

  /// Kinds that no measurement ended for.
  var unmeasured: [FaultKind] { expected.map(\.kind) }

  /// The fault begins.
  func begin(_ kind: FaultKind) {
    if kind.spoilsPanel { panelFaults += 1 }
    disturb()
  }

  /// The fault is over: from now on recovery is waited for.
  func expect(_ kind: FaultKind) {
    if kind.spoilsPanel { panelFaults -= 1 }
    expected.append(Expected(kind: kind, since: .now))
    if panelFaults > 0 || isBreakerOpen { disturb() }
  }

  private func disturb() { for index in expected.indices { expected[index].wasUndisturbed = false } }

  /// Returns when nothing is waited for any more, or `limit` passed.
  func recovered(within limit: Duration) async {
    try? await Waiting.until("all had recovered", within: limit) { self.expected.isEmpty }
  }

  private func watchBreakers() async {
    while !Task.isCancelled {
      var isOpen = false
      for key in Self.breakers {
        // No mode is a breaker that was never open.
        let mode = try? await redis.command("HGET", key, "mode").text
        if let mode, mode != "closed" { isOpen = true }
      }
      isBreakerOpen = isOpen
      if isOpen { disturb() }
      try? await EventLoop.sleep(for: Self.interval)
    }
  }

  private func watch() async {
    while !Task.isCancelled {
      if let row = try? await postgres.run(Self.look, []).first, let overdue = try? row.int(0),
        let completed = try? row.int(1)
      {
        for index in expected.indices where expected[index].completedBefore == nil {
          expected[index].completedBefore = completed
        }
        let isOver = { (one: Expected) in overdue == 0 && completed > (one.completedBefore ?? .max) }
        for one in expected where isOver(one) {
          let took = ContinuousClock.now - one.since
          worst[one.kind] = max(worst[one.kind] ?? .zero, took)
          if one.wasUndisturbed { worstUndisturbed[one.kind] = max(worstUndisturbed[one.kind] ?? .zero, took) }
        }
        expected.removeAll(where: isOver)
      }
      try? await EventLoop.sleep(for: Self.interval)
    }
  }
}
