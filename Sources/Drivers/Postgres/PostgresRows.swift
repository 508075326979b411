internal import CPostgres

/// What one statement returned.
///
/// The server's answer is kept as it came and read cell by cell when asked, so rows that nobody looks at cost nothing.
public struct PostgresRows: Sendable, RandomAccessCollection {
  let result: ResultBox

  /// Number of rows.
  public var count: Int { result.rows }
  public var startIndex: Int { 0 }
  public var endIndex: Int { result.rows }

  /// The row at `row`, counted from 0. For rows that were counted before; see ``single()``.
  public subscript(row: Int) -> PostgresRow {
    precondition(row >= 0 && row < result.rows, "row \(row) of \(result.rows)")
    return PostgresRow(result: result, row: Int32(row))
  }

  /// The row of a statement that has exactly one.
  ///
  /// - Throws: ``PostgresError`` with code `unreadable` when the server sent none, or more.
  public func single() throws(PostgresError) -> PostgresRow {
    guard count == 1 else {
      throw PostgresError(.unreadable, "PostgreSQL's answer makes no sense: \(count) rows where one was asked for")
    }
    return self[0]
  }

  /// Rows that the statement inserted, updated, deleted or selected, from the server's command tag.
  public var affected: Int {
    guard let text = PQcmdTuples(result.pointer) else { return 0 }
    return Int(String(cString: text)) ?? 0
  }
}

/// Owns a libpq result.
///
/// Unchecked: the result is never written after it was made, and libpq's readers of it are plain lookups.
final class ResultBox: @unchecked Sendable {
  let pointer: OpaquePointer
  let rows: Int
  let columns: Int

  init(_ pointer: OpaquePointer) {
    self.pointer = pointer
    rows = Int(PQntuples(pointer))
    columns = Int(PQnfields(pointer))
  }

  deinit { PQclear(pointer) }
}
