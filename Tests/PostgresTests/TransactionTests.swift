import EventLoop
import Postgres
import TestSupport
import Testing

@Suite struct TransactionTests {
  static let insert = PostgresStatement(name: "insert", sql: "INSERT INTO t (id, word) VALUES ($1::bigint, $2::text)")
  static let count = PostgresStatement(name: "count", sql: "SELECT count(*) FROM t")

  private func pool(_ schema: String? = nil, connectionsMax: Int = 4) async throws -> PostgresPool {
    let pool = PostgresPool(url: try await PrivatePostgres.shared.createDatabase(), connectionsMax: connectionsMax)
    try await pool.script(
      schema ?? "CREATE TABLE t (id bigint CONSTRAINT t_id_key UNIQUE, word text CONSTRAINT t_word CHECK (word <> ''))")
    return pool
  }

  @Test func oneViolationInAPipelineFailsAlone() async throws {
    let pool = try await pool(connectionsMax: 1)
    let outcomes = await gather(100) { number in
      // Number 50 breaks the check, 60 the unique key of 0.
      let id = number == 60 ? 0 : number
      return try await pool.run(Self.insert, [.int(id), .text(number == 50 ? "" : "w")]).affected
    }
    for (number, outcome) in outcomes.enumerated() where ![0, 50, 60].contains(number) {
      #expect(throws: Never.self) { try outcome.get() }
    }
    let check = #expect(throws: PostgresError.self) { try outcomes[50].get() }
    #expect(check?.code == .server(sqlstate: "23514"))
    #expect(check?.constraint == "t_word")
    #expect(check?.isUnknownOutcome == false)
    #expect(check?.isTransient == false)
    // 0 and 60 go out in either order; one of them loses.
    let losers = [outcomes[0], outcomes[60]].compactMap { outcome in
      if case .failure(let error) = outcome { error as? PostgresError } else { nil }
    }
    #expect(losers.map(\.constraint) == ["t_id_key"])
    #expect(try await pool.run(Self.count, [])[0].int(0) == 98)
    await pool.close()
  }

  @Test func transactionIsAllOrNothing() async throws {
    let pool = try await pool()
    let results = try await pool.transaction([
      (Self.insert, [.int(1), .text("a")]), (Self.insert, [.int(2), .text("b")]), (Self.count, []),
    ])
    #expect(results.map(\.affected) == [1, 1, 1])
    #expect(try results[2][0].int(0) == 2)

    let error = await #expect(throws: PostgresError.self) {
      _ = try await pool.transaction([
        (Self.insert, [.int(3), .text("c")]), (Self.insert, [.int(1), .text("again")]),
        (Self.insert, [.int(4), .text("d")]),
      ])
    }
    #expect(error?.constraint == "t_id_key")
    #expect(try await pool.run(Self.count, [])[0].int(0) == 2)
    #expect(try await pool.transaction([]).isEmpty)
    await pool.close()
  }

  @Test func errorAtCommitFailsItsOwnCall() async throws {
    let pool = try await pool(
      "CREATE TABLE t (id bigint CONSTRAINT late UNIQUE DEFERRABLE INITIALLY DEFERRED, word text)", connectionsMax: 1)
    _ = try await pool.run(Self.insert, [.int(1), .text("first")])
    let outcomes = await gather(20) { number in
      try await pool.run(Self.insert, [.int(number == 10 ? 1 : number + 100), .text("w")]).affected
    }
    let error = #expect(throws: PostgresError.self) { try outcomes[10].get() }
    #expect(error?.constraint == "late")
    #expect(outcomes.filter { (try? $0.get()) == 1 }.count == 19)
    #expect(try await pool.run(Self.count, [])[0].int(0) == 20)
    await pool.close()
  }

  @Test func thousandConcurrentInserts() async throws {
    let pool = try await pool()
    let outcomes = await gather(1000) { try await pool.run(Self.insert, [.int($0), .text("w\($0)")]).affected }
    #expect(outcomes.allSatisfy { (try? $0.get()) == 1 })
    let sum = PostgresStatement(name: "sum", sql: "SELECT count(*), sum(id)::bigint FROM t")
    let row = try await pool.run(sum, [])[0]
    #expect(try row.int(0) == 1000)
    #expect(try row.int(1) == 999 * 1000 / 2)
    await pool.close()
  }

  @Test func largeStatementsInBothDirectionsDoNotBlock() async throws {
    // Under a sanitizer it takes seconds to write 32 MB, which must not count as waiting for a connection.
    let pool = PostgresPool(
      url: try await PrivatePostgres.shared.createDatabase(), connectionsMax: 1, connectTimeout: .seconds(60))
    let echo = PostgresStatement(name: "echo", sql: "SELECT $1::text")
    let outcomes = await gather(8) { number in
      let text = String(repeating: "\(number)", count: 4_000_000)
      return try await pool.run(echo, [.text(text)])[0].text(0) == text ? 1 : 0
    }
    #expect(outcomes.allSatisfy { (try? $0.get()) == 1 })
    await pool.close()
  }

  @Test func closeWaitsForWhatIsUnderWay() async throws {
    let pool = try await pool()
    try await pool.connect()
    async let outcomes = gather(50) { try await pool.run(Self.insert, [.int($0), .text("w")]).affected }
    // Either refused before it was sent, or done: never unknown.
    await pool.close()
    for case .failure(let error) in await outcomes {
      #expect((error as? PostgresError)?.code == .unavailable)
    }
    await #expect(throws: PostgresError.self) { _ = try await pool.run(Self.count, []) }
  }
}

/// Starts `count` calls in one tick and returns their outcomes by number.
func gather<T: Sendable>(
  _ count: Int, _ call: @escaping @Sendable (Int) async throws -> T
) async -> [Result<T, any Error>] {
  await Task(executorPreference: EventLoop.shared) {
    await withTaskGroup(of: (Int, Result<T, any Error>).self) { group in
      for number in 0..<count {
        group.addTask {
          do { return (number, .success(try await call(number))) } catch { return (number, .failure(error)) }
        }
      }
      var outcomes: [Int: Result<T, any Error>] = [:]
      for await (number, outcome) in group { outcomes[number] = outcome }
      return (0..<count).map { outcomes[$0]! }
    }
  }.value
}
