public import Orders
internal import Postgres

/// What a person did that is no order's move: to a provider, a queue, jobs, or to many orders at once.
public struct Act: Sendable {
  /// Longest note, in characters; what is longer is cut.
  static let noteCharactersMax = 2000

  public enum What: String, Sendable, CaseIterable {
    case pauseProvider = "provider_pause"
    case resumeProvider = "provider_resume"
    case pauseQueue = "queue_pause"
    case resumeQueue = "queue_resume"
    case retryJobs = "jobs_retry"
    case deleteJobs = "jobs_delete"
    case startRun = "run_start"
    case abortRun = "run_abort"
    case continueRun = "run_continue"

    public var words: String {
      switch self {
      case .pauseProvider: "paused the provider"
      case .resumeProvider: "resumed the provider"
      case .pauseQueue: "paused the queue"
      case .resumeQueue: "resumed the queue"
      case .retryJobs: "retried jobs of"
      case .deleteJobs: "deleted jobs of"
      case .startRun: "began run"
      case .abortRun: "aborted run"
      case .continueRun: "continued run"
      }
    }
  }

  /// RFC 3339, UTC.
  public let time: String
  public let who: String
  /// As stored: newer versions may write others.
  public let what: String
  public let target: String
  public let note: String

  public var words: String { What(rawValue: what)?.words ?? what }
}

extension Store {
  /// Notes what a person did, as ``Act``.
  public func note(_ what: Act.What, _ target: String, who: String, note: String) async throws {
    _ = try await pool.run(
      PostgresStatement(name: "insert_act", sql: "INSERT INTO acts (who, what, target, note) VALUES ($1, $2, $3, $4)"),
      [
        .text(Self.cut(who, PersonMove.whoCharactersMax)), .text(what.rawValue), .text(target),
        .text(Self.cut(note, Act.noteCharactersMax)),
      ])
  }

  /// The newest acts first.
  public func acts(limit: Int) async throws -> [Act] {
    let statement = PostgresStatement(
      name: "list_acts",
      sql: """
        SELECT to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), who, what, target, note
        FROM acts ORDER BY id DESC LIMIT $1
        """)
    return try await pool.run(statement, [.int(limit)]).map {
      try Act(time: $0.text(0), who: $0.text(1), what: $0.text(2), target: $0.text(3), note: $0.text(4))
    }
  }

  /// Notes in an order's story that somebody had its provider asked.
  public func noteAsk(_ order: Order, who: String, note: String) async throws {
    _ = try await pool.run(
      PostgresStatement(
        name: "note_ask",
        sql: """
          INSERT INTO audits (order_id, version, what, from_status, to_status, who, note, at)
          VALUES ($1::uuid, $2::int, 'ask', $3, $3, $4, $5, now())
          """),
      [
        .text(order.id.description), .int(order.version), .text(order.status.rawValue),
        .text(Self.cut(who, PersonMove.whoCharactersMax)), .text(Self.cut(note, PersonMove.noteCharactersMax)),
      ])
  }

  private nonisolated static func cut(_ text: String, _ most: Int) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.prefix(most)))
  }
}
