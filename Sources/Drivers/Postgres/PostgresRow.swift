internal import CPostgres

/// One row, read by column index from 0.
///
/// A wrong index, an unexpected NULL or a wrong type is a mistake in the program, not in the data, and traps with the
/// column's name (never with its value).
public struct PostgresRow: Sendable {
  let result: ResultBox
  let row: Int32

  /// Whether the cell is NULL.
  public func isNull(_ column: Int) -> Bool {
    check(column)
    return PQgetisnull(result.pointer, row, Int32(column)) != 0
  }

  /// The cell as PostgreSQL writes it.
  public func text(_ column: Int) -> String {
    guard let value = textOrNil(column) else { fail(column, "is NULL") }
    return value
  }

  /// The cell as PostgreSQL writes it; nil for NULL.
  public func textOrNil(_ column: Int) -> String? {
    cell(column).map { String(decoding: $0, as: UTF8.self) }
  }

  /// A whole number of up to 64 bits.
  public func int(_ column: Int) -> Int64 {
    guard let value = intOrNil(column) else { fail(column, "is NULL") }
    return value
  }

  /// A whole number of up to 64 bits; nil for NULL.
  public func intOrNil(_ column: Int) -> Int64? {
    guard let cell = cell(column) else { return nil }
    guard let value = Self.parse(cell) else { fail(column, "is not a whole number") }
    return value
  }

  /// A truth value.
  public func bool(_ column: Int) -> Bool {
    guard let value = boolOrNil(column) else { fail(column, "is NULL") }
    return value
  }

  /// A truth value; nil for NULL.
  public func boolOrNil(_ column: Int) -> Bool? {
    guard let cell = cell(column) else { return nil }
    if cell.count == 1, cell[0] == UInt8(ascii: "t") { return true }
    if cell.count == 1, cell[0] == UInt8(ascii: "f") { return false }
    fail(column, "is not a boolean")
  }

  /// The bytes of a `bytea`.
  public func bytes(_ column: Int) -> [UInt8] {
    guard let value = bytesOrNil(column) else { fail(column, "is NULL") }
    return value
  }

  /// The bytes of a `bytea`; nil for NULL.
  public func bytesOrNil(_ column: Int) -> [UInt8]? {
    guard let cell = cell(column) else { return nil }
    guard let value = Hex.decode(cell) else { fail(column, "is not a bytea") }
    return value
  }

  // MARK: Cells

  private func cell(_ column: Int) -> UnsafeRawBufferPointer? {
    guard !isNull(column) else { return nil }
    let length = Int(PQgetlength(result.pointer, row, Int32(column)))
    return UnsafeRawBufferPointer(start: PQgetvalue(result.pointer, row, Int32(column)), count: length)
  }

  private func check(_ column: Int) {
    precondition(column >= 0 && column < result.columns, "column \(column) of \(result.columns)")
  }

  private func fail(_ column: Int, _ what: String) -> Never {
    let name = PQfname(result.pointer, Int32(column)).map { String(cString: $0) } ?? "?"
    preconditionFailure("column \(column) (\(name)) \(what)")
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
