internal import CPostgres
import EventLoop

/// Runs a script over a connection of its own, which is closed afterwards with whatever the script did to the session.
@LoopActor
enum ScriptRun {
  static func run(_ sql: String, _ settings: ConnectionSettings) async throws(PostgresError) {
    let connection = try await Handshake.open(settings)
    defer { PQfinish(connection) }
    guard PQsendQuery(connection, sql) == 1 else { throw lost(connection) }
    var failure: PostgresError?
    while true {
      while PQisBusy(connection) == 0 {
        guard let result = PQgetResult(connection) else {
          if let failure { throw failure }
          return
        }
        defer { PQclear(result) }
        switch PQresultStatus(result) {
        case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY: break
        case PGRES_FATAL_ERROR, PGRES_NONFATAL_ERROR, PGRES_BAD_RESPONSE:
          let report = ServerReport(result)
          guard !report.isFatal else { throw lost(connection) }
          failure = failure ?? located(report, in: sql)
        default: throw PostgresError(.server(sqlstate: "0A000"), "a COPY is not possible in a script")
        }
      }
      let left = PQflush(connection)
      guard left >= 0 else { throw lost(connection) }
      await ready(connection, left == 0 ? .readable : [.readable, .writable])
      guard PQconsumeInput(connection) == 1 else { throw lost(connection) }
    }
  }

  private static func ready(_ connection: OpaquePointer, _ events: LoopPoll.Events) async {
    await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
      let once = Once(continuation)
      once.poll = LoopPoll(descriptor: PQsocket(connection)) { _ in once.resume() }
      if let poll = once.poll { poll.start(events) } else { once.resume() }
    }
  }

  private static func lost(_ connection: OpaquePointer) -> PostgresError {
    PostgresError(
      .connectionLost,
      "the connection to PostgreSQL at \(Handshake.address(connection)) was lost during a script; "
        + "what it did may have been committed")
  }

  /// Adds the line, which is what one looks for in a migration.
  private static func located(_ report: ServerReport, in sql: String) -> PostgresError {
    guard let position = report.position else { return report.error }
    let line = sql.unicodeScalars.prefix(max(0, position - 1)).count { $0 == "\n" } + 1
    return PostgresError(
      report.error.code, "\(report.error.message) at line \(line)", sqlstate: report.error.sqlstate,
      constraint: report.error.constraint)
  }
}

/// Holds a poll until it has fired once.
@LoopActor
private final class Once {
  var poll: LoopPoll?
  private var continuation: CheckedContinuation<Void, Never>?

  init(_ continuation: CheckedContinuation<Void, Never>) { self.continuation = continuation }

  func resume() {
    poll?.stop()
    poll = nil
    continuation?.resume()
    continuation = nil
  }
}
