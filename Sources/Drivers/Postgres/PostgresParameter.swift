/// One bound parameter in PostgreSQL's text form.
///
/// Arrays are array literals, built as bytes because they carry the batches.
public struct PostgresParameter: Sendable {
  /// The text with the NUL that libpq wants at its end; nil for NULL.
  let terminated: [UInt8]?
  /// Whether a NUL is inside the text: PostgreSQL cannot store one, and libpq would cut the text there.
  let hasInnerNul: Bool

  private init(_ bytes: [UInt8]?, hasInnerNul: Bool = false) {
    var bytes = bytes
    bytes?.append(0)
    terminated = bytes
    self.hasInnerNul = hasInnerNul
  }

  init(_ literal: consuming ArrayLiteral) {
    let hasInnerNul = literal.hasNul
    self.init(literal.finish(), hasInnerNul: hasInnerNul)
  }

  /// NULL of whatever type the statement wants.
  public static let null = PostgresParameter(nil)

  /// A text.
  public static func text(_ value: String) -> PostgresParameter {
    let bytes = Array(value.utf8)
    return PostgresParameter(bytes, hasInnerNul: bytes.contains(0))
  }

  /// A text or NULL.
  public static func text(_ value: String?) -> PostgresParameter { value.map { text($0) } ?? .null }

  /// A whole number.
  public static func int(_ value: some BinaryInteger) -> PostgresParameter {
    PostgresParameter(Array(String(value).utf8))
  }

  /// A whole number or NULL.
  public static func int<Value: BinaryInteger>(_ value: Value?) -> PostgresParameter {
    value.map { int($0) } ?? .null
  }

  /// A truth value.
  public static func bool(_ value: Bool) -> PostgresParameter {
    PostgresParameter([UInt8(ascii: value ? "t" : "f")])
  }

  /// A truth value or NULL.
  public static func bool(_ value: Bool?) -> PostgresParameter { value.map { bool($0) } ?? .null }

  /// Bytes.
  public static func bytea(_ value: [UInt8]) -> PostgresParameter {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(value.count * 2 + 3)
    bytes.append(UInt8(ascii: "\\"))
    Hex.append(value, to: &bytes)
    return PostgresParameter(bytes)
  }

  /// Bytes or NULL.
  public static func bytea(_ value: [UInt8]?) -> PostgresParameter { value.map { bytea($0) } ?? .null }

  /// An array of texts, for `$1::text[]`; any type that is written as text may be cast from it. NULL where all are: beside
  /// other arrays `unnest` makes the same of it, and the server reads nothing.
  public static func textArray(_ values: [String?]) -> PostgresParameter {
    guard values.isEmpty || values.contains(where: { $0 != nil }) else { return .null }
    var literal = ArrayLiteral(elements: values.count)
    for value in values { literal.append(text: value) }
    return PostgresParameter(literal)
  }

  /// An array of texts without NULL.
  public static func textArray<Texts: Sequence>(_ values: Texts) -> PostgresParameter
  where Texts.Element == String {
    var literal = ArrayLiteral(elements: values.underestimatedCount)
    for value in values { literal.append(text: value) }
    return PostgresParameter(literal)
  }

  /// An array of whole numbers, some NULL; NULL where all are.
  public static func intArray(_ values: [Int64?]) -> PostgresParameter {
    guard values.isEmpty || values.contains(where: { $0 != nil }) else { return .null }
    var literal = ArrayLiteral(elements: values.count)
    for value in values { literal.append(int: value) }
    return PostgresParameter(literal)
  }

  /// An array of whole numbers.
  public static func intArray<Number: BinaryInteger>(_ values: [Number]) -> PostgresParameter {
    var literal = ArrayLiteral(elements: values.count)
    for value in values { literal.append(int: Int64(value)) }
    return PostgresParameter(literal)
  }

  /// An array of truth values.
  public static func boolArray(_ values: [Bool]) -> PostgresParameter {
    var literal = ArrayLiteral(elements: values.count)
    for value in values { literal.append(bool: value) }
    return PostgresParameter(literal)
  }

  /// An array of byte strings, some NULL; NULL where all are.
  public static func byteaArray(_ values: [[UInt8]?]) -> PostgresParameter {
    guard values.isEmpty || values.contains(where: { $0 != nil }) else { return .null }
    var literal = ArrayLiteral(elements: values.count)
    for value in values { literal.append(bytea: value) }
    return PostgresParameter(literal)
  }
}
