internal import Postgres

extension Store {
  /// Why the database takes no writes; nil when it does.
  public func readOnlyReason() async throws -> String? {
    let statement = PostgresStatement(
      name: "read_only",
      sql: """
        SELECT CASE WHEN pg_is_in_recovery() THEN 'it is a standby'
          WHEN current_setting('transaction_read_only') = 'on' THEN 'default_transaction_read_only is on' END
        """)
    return try await pool.run(statement, []).single().textOrNil(0)
  }

  /// Which installation this database is: its id, and where it is for people. nil where this login may not see it.
  public func installation() async throws -> (id: String, place: String)? {
    let statement = PostgresStatement(
      name: "",
      sql: """
        SELECT id::text, current_database() || coalesce(' at ' || host(inet_server_addr()) || ':' || inet_server_port(), '')
        FROM installation
        """)
    do {
      return try await pool.run(statement, []).first.map { (try $0.text(0), try $0.text(1)) }
    } catch {
      // The rights are given after the migration.
      guard (error as? PostgresError)?.sqlstate == "42501" else { throw error }
      return nil
    }
  }
}
