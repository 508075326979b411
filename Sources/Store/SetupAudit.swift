internal import Postgres

/// Who changes the set-up, by which command, and what: a row of `setup_audits`, written in the transaction of the change.
public struct SetupAudit: Sendable {
  public let who: String
  /// Such as `tenant add`.
  public let command: String
  /// What changes, a line each, without any secret.
  public var lines: [String]

  public init(who: String, command: String, lines: [String]) {
    (self.who, self.command, self.lines) = (who, command, lines)
  }

  private var parameters: [PostgresParameter] {
    [.text(who), .text(command), .textArray(lines.map { $0.replacing("\n", with: " ") })]
  }

  /// The row, where something holds; as a further statement of the change's transaction.
  ///
  /// - Parameter condition: its parameters begin with `$4`.
  func row(where condition: String = "true", _ more: PostgresParameter...) -> Setup.Bound {
    (
      PostgresStatement(
        name: "",
        sql:
          "INSERT INTO setup_audits (who, what, changes) SELECT $1::text, $2::text, $3::text[] WHERE \(condition)"),
      parameters + more
    )
  }

  /// One statement that makes the change and writes the row, if it changes anything.
  ///
  /// - Parameter sql: without a `WITH` of its own; it returns the rows that it changes.
  func with(_ sql: String, _ own: [PostgresParameter]) -> Setup.Bound {
    let first = own.count + 1
    return (
      PostgresStatement(
        name: "",
        sql: """
          WITH done AS (
          \(sql)
          ), noted AS (
            INSERT INTO setup_audits (who, what, changes)
            SELECT $\(first)::text, $\(first + 1)::text, $\(first + 2)::text[] WHERE EXISTS (SELECT FROM done)
          )
          SELECT * FROM done
          """), own + parameters
    )
  }

  /// What the statements of one transaction changed: an alias of a table goes before it.
  static let changedNow = "xmin = pg_current_xact_id()::xid"
}

extension Setup {
  /// The same, but each change is written down.
  public func noted(_ audit: SetupAudit) -> Setup {
    var noted = self
    noted.audit = audit
    return noted
  }

  /// A statement that returns the rows that it changes, with a row that says who did it.
  func audited(_ sql: String, _ parameters: [PostgresParameter]) -> Bound {
    audit?.with(sql, parameters) ?? (PostgresStatement(name: "", sql: sql), parameters)
  }
}
