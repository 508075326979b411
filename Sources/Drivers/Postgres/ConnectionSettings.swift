internal import CPostgres
import EventLoop

/// How to open a connection.
struct ConnectionSettings: Sendable {
  let url: String
  let statementTimeout: Duration
  let connectTimeout: Duration
  /// What the pool's user sets beside the driver's own.
  var planner: [(name: String, value: String)] = []

  /// libpq would quote pieces of a malformed URL in its errors, and a piece may be the password: so the URL is looked
  /// at first, and refused in words of our own.
  func check() throws(PostgresError) {
    guard let options = PQconninfoParse(url, nil) else { throw Self.invalidURL }
    defer { PQconninfoFree(options) }
    var option = options
    while let keyword = option.pointee.keyword {
      let value = option.pointee.val.map { String(cString: $0) } ?? ""
      let isPlausible =
        switch String(cString: keyword) {
        case "host", "dbname": !value.contains("@") || value.hasPrefix("@")
        case "port": value.utf8.allSatisfy { (48...57).contains($0) || $0 == UInt8(ascii: ",") }
        default: true
        }
      guard isPlausible else { throw Self.invalidURL }
      option += 1
    }
  }

  private static let invalidURL = PostgresError(
    .invalidURL,
    "the PostgreSQL URL cannot be read; it should look like postgres://user:password@host:5432/database, "
      + "with special characters of the password percent-encoded")

  /// Keywords and values for libpq: the later win, so what a URL may change comes before `dbname`.
  var parameters: [(keyword: String, value: String)] {
    [
      ("fallback_application_name", "sevk"),
      // A dead peer is found out within half a minute rather than in hours.
      ("keepalives_idle", "15"), ("keepalives_interval", "5"), ("keepalives_count", "3"),
      ("tcp_user_timeout", "30000"),
      ("dbname", url),
      ("client_encoding", "UTF8"),
    ]
  }

  /// What every session is set to. A query rather than start-up options: connection poolers refuse those, and the URL
  /// may have some of its own.
  var session: (names: [String], values: [String]) {
    (
      ["statement_timeout", "idle_in_transaction_session_timeout", "TimeZone", "DateStyle", "bytea_output"]
        + planner.map(\.name),
      [String(statementTimeout.wholeMilliseconds), "60000", "UTC", "ISO, YMD", "hex"] + planner.map(\.value)
    )
  }

  /// Also turns on durable commits where the server was set not to wait for the disk: an answer means that the order
  /// is safe.
  static let sessionStatement = PostgresStatement(
    name: "sevk_session",
    sql: """
      SELECT set_config(name, value, false) FROM unnest($1::text[], $2::text[]) AS setting (name, value)
      UNION ALL
      SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'
      """)
}
