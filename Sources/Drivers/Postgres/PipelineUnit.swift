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

  /// Statements to be prepared first: wire names, in the order their answers come.
  var preparing: [String] = []
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

  /// The statement being prepared, when it is a preparation that is answered next.
  var preparingNow: String? { answered < preparing.count ? preparing[answered] : nil }

  func add(_ result: PostgresRows) { rows.append(result) }

  /// The first error is the cause; what follows it only says that it was skipped.
  func fail(_ report: ServerReport) { if failure == nil { failure = report } }

  func statementEnded() { answered += 1 }

  /// The sync was answered: committed, or rolled back because of `failure`.
  func finish() {
    if let failure { return resume(.failure(failure.error)) }
    precondition(rows.count == statements.count, "each statement has a result")
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
