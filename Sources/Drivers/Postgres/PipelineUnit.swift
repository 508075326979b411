import EventLoop

/// One call of the pool: the statements up to a sync, which PostgreSQL runs as one transaction.
@LoopActor
final class PipelineUnit {
  typealias Outcome = Result<[PostgresRows], PostgresError>

  let statements: [(PostgresStatement, [PostgresParameter])]
  /// False on the way without prepared statements.
  let isNamed: Bool
  /// When a unit that waits for a connection gives up, in the loop's milliseconds.
  let deadline: UInt64

  /// What goes before the statements and whose answers are nobody's: in the order in which they come.
  enum Leading {
    /// A statement is prepared under this wire name.
    case preparation(String)
    /// The transaction is set up.
    case settings
  }
  var leading: [Leading] = []
  private(set) var rows: [PostgresRows] = []
  private(set) var failure: ServerReport?
  private var answered = 0
  private var continuation: CheckedContinuation<Outcome, Never>?

  init(
    _ statements: [(PostgresStatement, [PostgresParameter])], isNamed: Bool, deadline: UInt64,
    continuation: CheckedContinuation<Outcome, Never>
  ) {
    self.statements = statements
    self.isNamed = isNamed
    self.deadline = deadline
    self.continuation = continuation
    rows.reserveCapacity(statements.count)
  }

  /// What is answered next, when it is none of the statements.
  var leadingNow: Leading? { answered < leading.count ? leading[answered] : nil }

  func add(_ result: PostgresRows) { rows.append(result) }

  /// The first error is the cause; what follows it only says that it was skipped.
  func fail(_ report: ServerReport) { if failure == nil { failure = report } }

  func statementEnded() { answered += 1 }

  /// The sync was answered: committed, or rolled back because of `failure`.
  func finish() {
    if let failure { return resume(.failure(failure.error)) }
    guard rows.count == statements.count else {
      let text = "PostgreSQL's answer makes no sense: \(rows.count) results of \(statements.count) statements"
      return resume(.failure(PostgresError(.unreadable, text)))
    }
    resume(.success(rows))
  }

  /// The connection broke before the sync was answered.
  func lose(_ error: PostgresError) {
    // An error that does not end the session has rolled the transaction back for certain.
    if let failure, !failure.isFatal { return resume(.failure(failure.error)) }
    resume(.failure(error))
  }

  func refuse(_ error: PostgresError) { resume(.failure(error)) }

  private func resume(_ outcome: Outcome) {
    continuation?.resume(returning: outcome)
    continuation = nil
  }
}
