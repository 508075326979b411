import Postgres
import TestSupport
import Testing

/// Whatever a server says, the process lives: what makes no sense is an error of its own kind.
@Suite struct OddAnswerTests {
  private func pool() async throws -> PostgresPool {
    PostgresPool(url: try await PrivatePostgres.shared.url)
  }

  @Test func whatIsNotWhatWasAskedForIsThrown() async throws {
    let pool = try await pool()
    let statement = PostgresStatement(
      name: "odd", sql: "SELECT 'x'::text, NULL::bigint, '\\777'::text, 9223372036854775808::numeric, 1.5::numeric")
    let row = try await pool.run(statement, []).single()
    let reads: [() throws -> Void] = [
      { _ = try row.int(0) }, { _ = try row.bool(0) },
      { _ = try row.int(1) }, { _ = try row.text(1) },
      { _ = try row.bool(1) }, { _ = try row.bytes(1) },
      { _ = try row.bytes(2) }, { _ = try row.int(3) },
      { _ = try row.intOrNil(4) }, { _ = try row.text(5) },
      { _ = try row.textOrNil(-1) },
    ]
    for (number, read) in reads.enumerated() {
      let error = #expect(throws: PostgresError.self, "\(number)") { try read() }
      #expect(error?.code == .unreadable && error?.isUnknownOutcome == true, "\(number)")
      #expect(error?.description.hasPrefix("PostgreSQL's answer makes no sense: ") == true)
    }
    await pool.close()
  }

  @Test func aMissingOrSecondRowIsThrown() async throws {
    let pool = try await pool()
    for count in [0, 2] {
      let statement = PostgresStatement(name: "rows", sql: "SELECT 1 FROM generate_series(1, $1::int)")
      let rows = try await pool.run(statement, [.int(count)])
      let error = #expect(throws: PostgresError.self) { try rows.single() }
      #expect(error?.code == .unreadable)
    }
    await pool.close()
  }

  @Test(arguments: ["hex", "escape"]) func bytesAreTheSameInBothForms(_ form: String) async throws {
    let pool = try await pool()
    let bytes = (0...255).map { UInt8($0) } + Array("\\x41 \\\\ \\101".utf8)
    let rows = try await pool.transaction([
      (PostgresStatement(name: "", sql: "SELECT set_config('bytea_output', $1, true)"), [.text(form)]),
      (PostgresStatement(name: "", sql: "SELECT $1::bytea, ''::bytea, $1::bytea::text"), [.bytea(bytes)]),
    ])
    #expect(try rows[1][0].bytes(0) == bytes)
    #expect(try rows[1][0].bytes(1) == [])
    #expect(try rows[1][0].text(2).hasPrefix("\\x") == (form == "hex"))
    await pool.close()
  }
}
