public import EventLoop
internal import Orders
public import Postgres

/// Drops the wire exchanges and the published events of orders that ended long ago. Orders, their sends and what people
/// did by hand stay.
@LoopActor
public struct Retention {
  public enum Table: String, CaseIterable, Sendable { case exchanges, events }

  /// Rows looked at by one statement, so that none holds a lock for more than some milliseconds.
  private static let pageRows = 500
  /// Between two pages, so that orders go first.
  private static let pause = Duration.milliseconds(10)

  private let pool: PostgresPool

  public nonisolated init(pool: PostgresPool) { self.pool = pool }

  /// Drops rows of orders that ended longer than `age` ago, oldest first, until it comes to younger rows.
  ///
  /// - Returns: how many it dropped.
  /// - Throws: `PostgresError`; `CancellationError` between two pages.
  public func sweep(_ table: Table, olderThan age: Duration) async throws -> Int {
    let statement = table == .exchanges ? Statements.retireExchanges : Statements.retireEvents
    var last: Int64 = 0
    var count = 0
    while true {
      let row = try await pool.run(statement, [.int(last), .int(age.milliseconds), .int(Self.pageRows)]).single()
      count += Int(try row.int(0))
      guard let end = try row.intOrNil(1), try row.boolOrNil(2) == true else { return count }
      last = end
      try await EventLoop.sleep(for: Self.pause)
    }
  }
}
