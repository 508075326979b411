internal import CPostgres

/// One row, read by column index from 0.
///
/// What the server sent and the caller did not expect (no such column, NULL, another type) is thrown as
/// ``PostgresError/Code/unreadable`` with the column's name, never with its value: a server or a pooler that is set in an
/// odd way must not end the process.
public struct PostgresRow: Sendable {
  let result: ResultBox
  let row: Int32

  /// Whether the cell is NULL.
  public func isNull(_ column: Int) throws(PostgresError) -> Bool { try cell(column) == nil }

  /// The cell as PostgreSQL writes it.
  public func text(_ column: Int) throws(PostgresError) -> String {
    guard let value = try textOrNil(column) else { throw unreadable(column, "is NULL") }
    return value
  }

  /// The cell as PostgreSQL writes it; nil for NULL.
  public func textOrNil(_ column: Int) throws(PostgresError) -> String? {
    guard let cell = try cell(column) else { return nil }
    return String(decoding: cell, as: UTF8.self)
  }

  /// A whole number of up to 64 bits.
  public func int(_ column: Int) throws(PostgresError) -> Int64 {
    guard let value = try intOrNil(column) else { throw unreadable(column, "is NULL") }
    return value
  }

  /// A whole number of up to 64 bits; nil for NULL.
  public func intOrNil(_ column: Int) throws(PostgresError) -> Int64? {
    guard let cell = try cell(column) else { return nil }
    guard let value = Self.parse(cell) else { throw unreadable(column, "is not a whole number") }
    return value
  }

  /// A truth value.
  public func bool(_ column: Int) throws(PostgresError) -> Bool {
    guard let value = try boolOrNil(column) else { throw unreadable(column, "is NULL") }
    return value
  }

  /// A truth value; nil for NULL.
  public func boolOrNil(_ column: Int) throws(PostgresError) -> Bool? {
    guard let cell = try cell(column) else { return nil }
    switch (cell.count, cell.first) {
    case (1, UInt8(ascii: "t")): return true
    case (1, UInt8(ascii: "f")): return false
    default: throw unreadable(column, "is not a boolean")
    }
  }

  /// The bytes of a `bytea`, in whichever of its two forms the server writes them (`bytea_output`).
  public func bytes(_ column: Int) throws(PostgresError) -> [UInt8] {
    guard let value = try bytesOrNil(column) else { throw unreadable(column, "is NULL") }
    return value
  }

  /// The bytes of a `bytea`; nil for NULL. See ``bytes(_:)``.
  public func bytesOrNil(_ column: Int) throws(PostgresError) -> [UInt8]? {
    guard let cell = try cell(column) else { return nil }
    guard let value = ByteaText.decode(cell) else { throw unreadable(column, "is not a bytea") }
    return value
  }

  /// What a caller throws that finds a cell to make no sense, such as a position beyond what it asked for.
  public func unreadable(_ column: Int, _ what: String) -> PostgresError {
    let name = PQfname(result.pointer, Int32(column)).map { String(cString: $0) } ?? "?"
    return PostgresError(.unreadable, "PostgreSQL's answer makes no sense: column \(column) (\(name)) \(what)")
  }

  // MARK: Cells

  private func cell(_ column: Int) throws(PostgresError) -> UnsafeRawBufferPointer? {
    guard column >= 0, column < result.columns else {
      throw unreadable(-1, "was asked for as number \(column) of \(result.columns)")
    }
    guard PQgetisnull(result.pointer, row, Int32(column)) == 0 else { return nil }
    let length = Int(PQgetlength(result.pointer, row, Int32(column)))
    return UnsafeRawBufferPointer(start: PQgetvalue(result.pointer, row, Int32(column)), count: length)
  }

  private static func parse(_ cell: UnsafeRawBufferPointer) -> Int64? {
    var digits = cell[...]
    let isNegative = digits.first == UInt8(ascii: "-")
    if isNegative { digits = digits.dropFirst() }
    guard !digits.isEmpty else { return nil }
    // Counted downwards, because the smallest number has no positive counterpart.
    var value: Int64 = 0
    for digit in digits {
      guard digit >= UInt8(ascii: "0"), digit <= UInt8(ascii: "9") else { return nil }
      let (product, tooSmall) = value.multipliedReportingOverflow(by: 10)
      let (sum, overflow) = product.subtractingReportingOverflow(Int64(digit - UInt8(ascii: "0")))
      guard !tooSmall, !overflow else { return nil }
      value = sum
    }
    if isNegative { return value }
    return value == .min ? nil : -value
  }
}
