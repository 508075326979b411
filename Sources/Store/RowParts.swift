internal import EventLoop
internal import Orders
internal import Postgres

/// The parts (partitions) that events and exchanges are kept in, by their ids: see `schema_0023.sql`. A part that is full for
/// long is dropped as a whole.
@LoopActor
struct RowParts {
  /// An age is four parts long: so much longer rows may stay, and so many tables are looked into.
  private static let partsInAge = 4
  /// Rows looked at by one statement.
  private static let pageRows = 2000
  /// Between two pages, so that orders go first.
  private static let pause = Duration.milliseconds(10)
  private static let beforeAllOrders = "00000000-0000-0000-0000-000000000000"
  /// Somebody uses the table, some sink lacks an event, or two met: next time.
  private static let later: Set<String> = ["55P03", "55000", "40P01"]

  let pool: PostgresPool
  let table: Retention.Table

  private struct Part {
    let number: Int64
    /// Its ids are greater than this.
    let before: Int64
    /// Its ids are less than this.
    let end: Int64
  }

  /// Lets what is written from now on go into a new part, unless the last one is still young or empty.
  func begin(age: Duration) async throws {
    try await unlessInTheWay {
      _ = try await pool.run(
        Statements.beginPart, [.text(table.rawValue), .int((age / Self.partsInAge).milliseconds)])
    }
  }

  /// Drops the parts that were full for longer than `age`, oldest first. What open and held orders have in them, and those
  /// that ended later, is kept.
  ///
  /// - Returns: how many rows it dropped.
  func drop(olderThan age: Duration) async throws -> Int {
    let parts = try await pool.run(Statements.fullParts, [.text(table.rawValue), .int(age.milliseconds)]).map {
      Part(number: try $0.int(0), before: try $0.int(1), end: try $0.int(2))
    }
    var count = 0
    for part in parts {
      let (rows, orders) = try await look(into: part, age)
      try await unlessInTheWay {
        let kept = try await pool.run(
          Statements.dropPart,
          [.text(table.rawValue), .int(part.number), .int(age.milliseconds), .textArray(Array(orders))]
        ).single().intOrNil(0)
        if let kept { count += rows - Int(kept) }
      }
    }
    return count
  }

  /// Reads a part through, page by page, beside what goes on.
  ///
  /// - Returns: how many rows it has, and the orders whose rows are to be kept.
  private func look(into part: Part, _ age: Duration) async throws -> (Int, Set<String>) {
    var (order, last, count) = (Self.beforeAllOrders, table == .events ? part.before : 0, 0)
    var kept: Set<String> = []
    while true {
      let rows: Int
      let names: String?
      switch table {
      case .events:
        let row = try await pool.run(
          Statements.partEvents, [.int(last), .int(part.end), .int(age.milliseconds), .int(Self.pageRows)]
        ).single()
        (rows, names) = (Int(try row.int(0)), try row.textOrNil(2))
        last = try row.intOrNil(1) ?? last
      case .exchanges:
        let row = try await pool.run(
          Statements.partExchanges,
          [
            .text(order), .int(last), .int(part.before), .int(part.end), .int(age.milliseconds), .int(Self.pageRows),
          ]
        ).single()
        (rows, names) = (Int(try row.int(0)), try row.textOrNil(3))
        (order, last) = (try row.textOrNil(1) ?? order, try row.intOrNil(2) ?? last)
      }
      count += rows
      for name in (names ?? "").split(separator: ",") { kept.insert(String(name)) }
      guard rows == Self.pageRows else { return (count, kept) }
      try await EventLoop.sleep(for: Self.pause)
    }
  }

  /// What can't be done now is done by a later sweep.
  private func unlessInTheWay(_ body: @LoopActor () async throws -> Void) async throws {
    do { try await body() } catch {
      guard let state = (error as? PostgresError)?.sqlstate, Self.later.contains(state) else { throw error }
    }
  }
}
