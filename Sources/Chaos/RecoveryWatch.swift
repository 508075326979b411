import EventLoop
import Postgres

/// Measures, for each fault, how long it took from its end until no order was overdue and another one was delivered.
@LoopActor
final class RecoveryWatch {
  private static let interval = Duration.milliseconds(250)
  private static let look = PostgresStatement(
    name: "chaos_look",
    sql: """
      SELECT (SELECT count(*) FROM orders WHERE status IN ('pending', 'sending', 'sent', 'unresolved')
              AND due_at < now() - interval '1500 milliseconds'),
             (SELECT count(*) FROM orders WHERE status = 'completed')
      """)

  private struct Expected {
    let kind: FaultKind
    let since: ContinuousClock.Instant
    var completedBefore: Int64?
  }

  private let postgres: PostgresPool
  private var expected: [Expected] = []
  private var task: Task<Void, Never>?
  private(set) var worst: [FaultKind: Duration] = [:]

  init(_ postgres: PostgresPool) { self.postgres = postgres }

  func start() { task = Task(executorPreference: EventLoop.shared) { await self.watch() } }
  func stop() { task?.cancel() }

  /// Kinds that no measurement ended for.
  var unmeasured: [FaultKind] { expected.map(\.kind) }

  func expect(_ kind: FaultKind) { expected.append(Expected(kind: kind, since: .now)) }

  private func watch() async {
    while !Task.isCancelled {
      if let row = try? await postgres.run(Self.look, []).first {
        let (overdue, completed) = (row.int(0), row.int(1))
        for index in expected.indices where expected[index].completedBefore == nil {
          expected[index].completedBefore = completed
        }
        let isOver = { (one: Expected) in overdue == 0 && completed > (one.completedBefore ?? .max) }
        for one in expected where isOver(one) {
          worst[one.kind] = max(worst[one.kind] ?? .zero, ContinuousClock.now - one.since)
        }
        expected.removeAll(where: isOver)
      }
      try? await EventLoop.sleep(for: Self.interval)
    }
  }
}
