import Postgres
import TestSupport
import Testing

@Suite struct TypeTests {
  static let texts: [String?] = [
    "", "plain", "with, comma", "\"quoted\"", "back\\slash", "{brace}", "NULL", "null", nil, "  spaced  ",
    "Iğdır'ın şöförü çöğü", "🎮🇹🇷", "line\nbreak\ttab", "'; DROP TABLE orders; --", "$1",
  ]

  private func pool() async throws -> PostgresPool {
    PostgresPool(url: try await PrivatePostgres.shared.url)
  }

  @Test func scalarsRoundTrip() async throws {
    let pool = try await pool()
    let statement = PostgresStatement(
      name: "scalars", sql: "SELECT $1::text, $2::bigint, $3::boolean, $4::bytea, $5::int, $6::text")
    for text in Self.texts {
      let rows = try await pool.run(
        statement, [.text(text), .int(Int64.min), .bool(true), .bytea([0, 255, 92, 39]), .int(nil as Int?), .null])
      #expect(rows.count == 1)
      #expect(rows.affected == 1)
      let row = rows[0]
      #expect(try row.textOrNil(0) == text)
      #expect(try row.int(1) == .min)
      #expect(try row.bool(2))
      #expect(try row.bytes(3) == [0, 255, 92, 39])
      #expect(try row.intOrNil(4) == nil)
      #expect(try row.isNull(5))
      #expect(try !row.isNull(1))
    }
    await pool.close()
  }

  @Test(arguments: [0, 1, -1, 42, Int64.max, Int64.min])
  func integersRoundTrip(_ value: Int64) async throws {
    let pool = try await pool()
    let rows = try await pool.run(PostgresStatement(name: "int", sql: "SELECT $1::bigint"), [.int(value)])
    #expect(try rows[0].int(0) == value)
    await pool.close()
  }

  @Test func arraysRoundTripElementByElement() async throws {
    let pool = try await pool()
    let statement = PostgresStatement(
      name: "arrays",
      sql: """
        SELECT a, b, c, d FROM unnest($1::text[], $2::bigint[], $3::bytea[], $4::boolean[])
        WITH ORDINALITY AS t (a, b, c, d, n) ORDER BY n
        """)
    let numbers: [Int64?] = Self.texts.indices.map { $0 == 3 ? nil : Int64($0) - 5 }
    let bytes: [[UInt8]?] = Self.texts.map { $0.map { Array($0.utf8) + [0, 255] } }
    let flags = Self.texts.indices.map { $0 % 3 == 0 }
    let rows = try await pool.run(
      statement, [.textArray(Self.texts), .intArray(numbers), .byteaArray(bytes), .boolArray(flags)])
    #expect(try rows.map { try $0.textOrNil(0) } == Self.texts)
    #expect(try rows.map { try $0.intOrNil(1) } == numbers)
    #expect(try rows.map { try $0.bytesOrNil(2) } == bytes)
    #expect(try rows.map { try $0.bool(3) } == flags)
    await pool.close()
  }

  @Test func emptyAndPlainArrays() async throws {
    let pool = try await pool()
    let statement = PostgresStatement(
      name: "lengths", sql: "SELECT cardinality($1::text[]), cardinality($2::bigint[]), cardinality($3::int[])")
    let none = try await pool.run(statement, [.textArray([]), .intArray([]), .intArray([Int64]())])[0]
    #expect(try (none.int(0), none.int(1), none.int(2)) == (0, 0, 0))
    let some = try await pool.run(
      statement, [.textArray(["a", "b"].lazy.map { $0 + "," }), .intArray([1, 2, 3]), .intArray([1, nil])])[0]
    #expect(try (some.int(0), some.int(1), some.int(2)) == (2, 3, 2))
    await pool.close()
  }

  @Test func textWithNULIsRefusedNotCut() async throws {
    let pool = try await pool()
    let statement = PostgresStatement(name: "nul", sql: "SELECT $1::text")
    let list = PostgresStatement(name: "nuls", sql: "SELECT $1::text[]")
    for (statement, parameter) in [(statement, PostgresParameter.text("a\0b")), (list, .textArray(["x", "a\0b"]))] {
      let error = await #expect(throws: PostgresError.self) { _ = try await pool.run(statement, [parameter]) }
      #expect(error?.sqlstate == "22021")
    }
    await pool.close()
  }

  @Test func affectedRowsComeFromTheCommandTag() async throws {
    let pool = PostgresPool(url: try await PrivatePostgres.shared.createDatabase())
    try await pool.script("CREATE TABLE t (n int)")
    let insert = PostgresStatement(name: "fill", sql: "INSERT INTO t SELECT unnest($1::int[])")
    let delete = PostgresStatement(name: "thin", sql: "DELETE FROM t WHERE n > $1::int")
    #expect(try await pool.run(insert, [.intArray(Array(1...10))]).affected == 10)
    #expect(try await pool.run(delete, [.int(7)]).affected == 3)
    #expect(try await pool.run(delete, [.int(7)]).affected == 0)
    await pool.close()
  }
}
