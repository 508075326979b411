internal import CPostgres
import EventLoop

/// How to open a connection.
struct ConnectionSettings: Sendable {
  let url: String
  let statementTimeout: Duration
  let connectTimeout: Duration
  /// What the pool's user sets beside the driver's own.
  var planner: [(name: String, value: String)] = []
  /// Which of the servers answered last.
  let lastServer = LastServer()

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
      // A machine that vanished says nothing, and a standby may have been promoted: ten seconds rather than hours.
      ("keepalives_idle", "4"), ("keepalives_interval", "2"), ("keepalives_count", "3"),
      ("tcp_user_timeout", "10000"),
      ("dbname", url),
      ("client_encoding", "UTF8"),
    ]
  }

  /// What every session is set to. A query rather than start-up options: connection poolers refuse those, and the URL
  /// may have some of its own.
  private var wanted: [(name: String, value: String)] {
    [
      ("statement_timeout", String(statementTimeout.wholeMilliseconds)), ("TimeZone", "UTC"),
      ("DateStyle", "ISO, YMD"), ("IntervalStyle", "postgres"), ("extra_float_digits", "1"), ("bytea_output", "hex"),
    ] + planner
  }

  /// What only holds for a session: the rest of a transaction can't be set from inside it, or it ends no transaction.
  private static let wantedOfSession: [(name: String, value: String)] = [
    ("idle_in_transaction_session_timeout", "60000"), ("default_transaction_isolation", "read committed"),
    ("standard_conforming_strings", "on"),
  ]

  /// Sets a session up, and tells which server process it is at. Parameter: the process that the connection was told of.
  /// Where that is another one, the session is a pooler's, and nothing is left behind in it.
  var sessionStatement: PostgresStatement {
    let isLocal = "pg_backend_pid() <> $1::int"
    let all = (wanted + Self.wantedOfSession).map { Self.setting($0.name, $0.value, isLocal) }
    return PostgresStatement(
      name: "sevk_session",
      sql: "SELECT pg_backend_pid(), \(Self.durable(isLocal)), \(all.joined(separator: ", "))")
  }

  /// The same for one transaction, which goes before the statements of each that a connection pooler may hand to any of
  /// its own sessions. What sessions of a pooler are set to is whatever their last user left behind.
  var transactionStatement: PostgresStatement {
    let all = wanted.map { Self.setting($0.name, $0.value, "true") }
    return PostgresStatement(
      name: "sevk_transaction", sql: "SELECT \(Self.durable("true")), \(all.joined(separator: ", "))")
  }

  /// Turns on durable commits where the server was set not to wait for the disk: an answer means that the order is safe.
  private static func durable(_ isLocal: String) -> String {
    "set_config('synchronous_commit', CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on' "
      + "ELSE current_setting('synchronous_commit') END, \(isLocal))"
  }

  /// Neither names nor values come from outside.
  private static func setting(_ name: String, _ value: String, _ isLocal: String) -> String {
    "set_config('\(name)', '\(value)', \(isLocal))"
  }
}
