internal import CPostgres

/// An error as the server reported it in place of a result.
struct ServerReport {
  let error: PostgresError
  /// Whether the server ends the session with this error. Then even a commit may have gone before it.
  let isFatal: Bool
  /// Where in the text, counted in characters from 1.
  let position: Int?

  init(_ result: OpaquePointer) {
    func field(_ code: Int32) -> String? { PQresultErrorField(result, code).map { String(cString: $0) } }
    let message = field(sevk_diag_message) ?? "no reason given"
    let severity = field(sevk_diag_severity)
    position = field(sevk_diag_position).flatMap { Int($0) }
    guard let sqlstate = field(sevk_diag_sqlstate) else {
      // Not from the server: libpq makes up such a result when the connection breaks.
      error = PostgresError(.connectionLost, "the connection broke")
      isFatal = true
      return
    }
    isFatal = severity == "FATAL" || severity == "PANIC"
    error = PostgresError(
      sqlstate == "57014" ? .timedOut : .server(sqlstate: sqlstate),
      "PostgreSQL: \(Self.withoutValue(message, sqlstate: sqlstate))", sqlstate: sqlstate,
      constraint: field(sevk_diag_constraint))
  }

  /// Data exceptions (class 22) quote the value at the end, as in `invalid input syntax for type uuid: "…"`.
  static func withoutValue(_ message: String, sqlstate: String) -> String {
    guard sqlstate.hasPrefix("22"), let quote = message.firstRange(of: ": \"") else { return message }
    return message[..<quote.lowerBound] + " (value not shown)"
  }
}
