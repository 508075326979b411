public import EventLoop
internal import Orders
public import Postgres

/// Drops of orders that ended long ago what nobody needs any longer: the wire exchanges, the events that every sink
/// has, what tells their PINs from others, their idempotency keys. Orders, their sends and what people did by hand stay.
@LoopActor
public struct Retention {
  public enum Table: String, CaseIterable, Sendable { case exchanges, events }

  private static let beforeAllOrders = "00000000-0000-0000-0000-000000000000"

  /// Rows looked at by one statement, so that none holds a lock for more than some milliseconds.
  private static let pageRows = 500
  /// Runs of events, each of up to some hundred, that one statement looks at.
  private static let pageRuns = 20
  /// Events of so much less than the age are said to be gone.
  nonisolated static let noteAhead = Duration.seconds(300)
  /// Between two pages, so that orders go first.
  private static let pause = Duration.milliseconds(10)

  /// The scheduler calls once a minute: a month.
  private static let pinCalls = 43_200
  private static let pinPagesMin = 4

  private let pool: PostgresPool

  public nonisolated init(pool: PostgresPool) { self.pool = pool }

  /// Drops rows of orders that ended longer than `age` ago, with the parts that they are in (``RowParts``); row by row only
  /// what the orders that outlived such a part had in it. A row may be kept for up to a quarter longer.
  ///
  /// - Returns: how many it dropped.
  /// - Throws: `PostgresError`; `CancellationError` between two pages.
  public func sweep(_ table: Table, olderThan age: Duration) async throws -> Int {
    let parts = RowParts(pool: pool, table: table)
    try await parts.begin(age: age)
    if table == .events { try await noteDropped(olderThan: age) }
    let count = try await parts.drop(olderThan: age)
    switch table {
    case .exchanges: return try await count + sweepExchanges(olderThan: age)
    case .events: return try await count + sweepEvents(olderThan: age)
    }
  }

  private func sweepExchanges(olderThan age: Duration) async throws -> Int {
    var (order, exchange) = (Self.beforeAllOrders, Int64(0))
    var count = 0
    while true {
      let row = try await pool.run(
        Statements.retireExchanges, [.text(order), .int(exchange), .int(age.milliseconds), .int(Self.pageRows)]
      ).single()
      count += Int(try row.int(0))
      guard let end = try row.textOrNil(1), try row.boolOrNil(3) == true else { return count }
      (order, exchange) = (end, try row.int(2))
      try await EventLoop.sleep(for: Self.pause)
    }
  }

  /// First, and of a little more than is dropped: who reads is told that events are gone before they are.
  private func noteDropped(olderThan age: Duration) async throws {
    while try await pool.run(
      Statements.noteDroppedEvents, [.int((age - Self.noteAhead).milliseconds), .int(Self.pageRuns)]
    ).single().bool(0) {
      try await EventLoop.sleep(for: Self.pause)
    }
  }

  private func sweepEvents(olderThan age: Duration) async throws -> Int {
    var last: Int64 = 0
    var count = 0
    while true {
      let row = try await pool.run(
        Statements.retireEvents, [.int(last), .int(age.milliseconds), .int(Self.pageRows)]
      ).single()
      count += Int(try row.int(0))
      guard let end = try row.intOrNil(1), try row.boolOrNil(2) == true else { break }
      last = end
      try await EventLoop.sleep(for: Self.pause)
    }
    while try await pool.run(Statements.retireEventPlaces, [.int(Self.pageRows)]).single().int(0) == Self.pageRows {
      try await EventLoop.sleep(for: Self.pause)
    }
    return count
  }

  /// Forgets the PINs of orders that ended longer than `age` ago: one that is given to another order from then on is not
  /// noticed. They are looked through in the order of their prints, some with each call, so that all were in
  /// ``pinCalls`` calls; a PIN is known until it is looked at.
  ///
  /// - Returns: how many it forgot.
  public func sweepPinPrints(olderThan age: Duration) async throws -> Int {
    var count = try await sweepOldPinPrints(olderThan: age)
    var pages = 0
    while true {
      let row = try await pool.run(Statements.retirePins, [.int(age.milliseconds), .int(Self.pageRows)]).single()
      count += Int(try row.int(0))
      pages += 1
      let pagesMax = try max(Self.pinPagesMin, Int(row.int(2)) / Self.pageRows / Self.pinCalls + 1)
      guard try row.bool(1), pages < pagesMax else { return count }
      try await EventLoop.sleep(for: Self.pause)
    }
  }

  /// Those of programs that wrote them before schema 21.
  private func sweepOldPinPrints(olderThan age: Duration) async throws -> Int {
    var last = Self.beforeAllOrders
    var count = 0
    while true {
      let row = try await pool.run(
        Statements.retirePinPrints, [.text(last), .int(age.milliseconds), .int(Self.pageRows)]
      ).single()
      count += Int(try row.int(0))
      guard let end = try row.textOrNil(1), try row.boolOrNil(2) == true else { return count }
      last = end
      try await EventLoop.sleep(for: Self.pause)
    }
  }

  /// Forgets the idempotency keys of orders that were posted longer than `age` ago and have ended: a repetition from then
  /// on is a new order.
  ///
  /// - Returns: how many it forgot.
  public func sweepKeys(olderThan age: Duration) async throws -> Int {
    var count = 0
    while true {
      let row = try await pool.run(Statements.retireKeys, [.int(age.milliseconds), .int(Self.pageRows)]).single()
      count += Int(try row.int(0))
      guard try row.boolOrNil(1) == true else { return count }
      try await EventLoop.sleep(for: Self.pause)
    }
  }

  /// Drops what endpoints were told longer than `age` ago, and what became of it; what is still in line stays.
  ///
  /// - Returns: how many it dropped.
  public func sweepDeliveries(olderThan age: Duration) async throws -> Int {
    let endpoints = try await pool.run(Statements.endpointIDs, []).map { try $0.int(0) }
    var count = 0
    for endpoint in endpoints {
      var last = Int64.min
      while true {
        let row = try await pool.run(
          Statements.retireDeliveries, [.int(endpoint), .int(last), .int(age.milliseconds), .int(Self.pageRows)]
        ).single()
        count += Int(try row.int(0))
        guard let end = try row.intOrNil(1), try row.boolOrNil(2) == true else { break }
        last = end
        try await EventLoop.sleep(for: Self.pause)
      }
    }
    return count
  }

  /// Drops what people did (`acts`), what they changed of the set-up and their runs over many orders, where that is longer
  /// than `age` ago. A run that has not ended stays, and whatever is younger than 30 days.
  ///
  /// - Returns: how many it dropped, by table.
  public func sweepActs(olderThan age: Duration) async throws -> [(table: String, count: Int)] {
    let statement = PostgresStatement(
      name: "drop_old_acts", sql: "SELECT act_rows, audit_rows, run_rows FROM drop_old_acts($1, $2)")
    var counts = [0, 0, 0]
    while true {
      let row = try await pool.run(statement, [.int(age.milliseconds), .int(Self.pageRows)]).single()
      let page = try (0..<3).map { Int(try row.int($0)) }
      for index in 0..<3 { counts[index] += page[index] }
      guard page.contains(Self.pageRows) else { break }
      try await EventLoop.sleep(for: Self.pause)
    }
    return Array(zip(["acts", "setup_audits", "order_runs"], counts)).map { ($0.0, $0.1) }
  }

  /// Drops what people were told longer than `age` ago, and buttons and updates that count no more.
  ///
  /// - Returns: how many rows it dropped.
  public func sweepNotifications(olderThan age: Duration) async throws -> Int {
    var (last, count) = (Int64(0), 0)
    while true {
      let row = try await pool.run(
        Statements.retireNotifications, [.int(last), .int(age.milliseconds), .int(Self.pageRows)]
      ).single()
      count += Int(try row.int(0))
      guard let end = try row.intOrNil(1), try row.boolOrNil(2) == true else { return count }
      last = end
      try await EventLoop.sleep(for: Self.pause)
    }
  }
}
