/// Why PostgreSQL did not do what it was asked for.
///
/// `description` carries no password, no SQL parameter and no row data.
public struct PostgresError: Error, Sendable, CustomStringConvertible {
  /// What went wrong, as far as a caller would act on it.
  public enum Code: Sendable, Hashable {
    /// The connection string can't be used.
    case invalidURL
    /// No connection could be had in time. Nothing was sent.
    case unavailable
    /// The server refused the user or the password. Nothing was sent.
    case wrongCredentials
    /// The server has no such database. Nothing was sent.
    case noSuchDatabase
    /// The connection broke while the call was under way: its outcome is unknown.
    case connectionLost
    /// The statement ran for longer than allowed and was rolled back (SQLSTATE 57014).
    case timedOut
    /// The server did what it was asked for, and its answer is not what the statement answers: its outcome is unknown.
    case unreadable
    /// The server refused the statement and rolled its transaction back.
    case server(sqlstate: String)
  }

  public let code: Code
  /// One line, without the SQLSTATE.
  public let message: String
  /// The five-character code of the server, where it gave one.
  public let sqlstate: String?
  /// The violated constraint, where there is one.
  public let constraint: String?

  init(_ code: Code, _ message: String, sqlstate: String? = nil, constraint: String? = nil) {
    self.code = code
    self.message = message
    self.constraint = constraint
    if case .server(let state) = code { self.sqlstate = state } else { self.sqlstate = sqlstate }
  }

  /// Why none of several servers could be had, in the order in which they were tried.
  ///
  /// A server that is away may be the one that would have taken the user: only when each refuses, that is what is wrong.
  static func ofAll(_ failures: [PostgresError]) -> PostgresError {
    if failures.count == 1 { return failures[0] }
    let away = failures.contains { $0.code == .unavailable }
    return PostgresError(
      away ? .unavailable : failures.first?.code ?? .unavailable, failures.map(\.message).joined(separator: "; "),
      sqlstate: failures.lazy.compactMap(\.sqlstate).first)
  }

  /// Whether what was asked for may have been committed all the same.
  public var isUnknownOutcome: Bool { code == .connectionLost || code == .unreadable }

  /// Whether the same call may well succeed later: the server or the way to it is at fault, not the statement.
  ///
  /// Says nothing about whether repeating is safe: ask ``isUnknownOutcome`` first.
  public var isTransient: Bool {
    switch code {
    case .unavailable, .connectionLost, .timedOut: true
    case .invalidURL, .wrongCredentials, .noSuchDatabase, .unreadable: false
    case .server(let sqlstate): Self.transientStates.contains(sqlstate)
    }
  }

  private static let transientStates: Set<String> = [
    "40001",  // serialization failure
    "40P01",  // deadlock
    "55P03",  // lock not available
    "25006",  // read-only: a primary that became a standby
    "53000", "53100", "53200", "53300",  // resources: disk full, out of memory, too many connections
    "57P01", "57P02", "57P03", "57P05",  // shutting down, crashed, starting up, session idle
    "58030",  // input/output error
  ]

  /// Whether the server takes no writes: a standby, or one that was set so (SQLSTATE 25006).
  public var isReadOnly: Bool { sqlstate == "25006" }

  /// Whether the server as a whole does not work for now: away, shutting down, full, or read-only. What one statement met
  /// alone, as a lock or its own slowness, is none.
  public var isOutage: Bool {
    switch code {
    case .unavailable, .connectionLost: true
    case .server(let state): isReadOnly || state == "58030" || state.hasPrefix("53") || state.hasPrefix("57P")
    case .timedOut, .invalidURL, .wrongCredentials, .noSuchDatabase, .unreadable: false
    }
  }

  /// Whether a prepared statement was not what this side took it for. The unit was rolled back, so that sending it
  /// again without a prepared statement does not do anything twice.
  var isStaleStatement: Bool {
    switch sqlstate {
    case "26000", "42P05": true  // unknown, or prepared already: behind a connection pooler
    case "0A000": true  // "cached plan must not change result type": a migration changed a table
    default: false
    }
  }

  public var description: String {
    guard let sqlstate else { return message }
    guard let constraint else { return "\(message) (SQLSTATE \(sqlstate))" }
    return "\(message) (SQLSTATE \(sqlstate), constraint \(constraint))"
  }
}
