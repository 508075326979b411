/// Writes a one-dimensional PostgreSQL array literal, such as `{"a","b\"c",NULL}`.
struct ArrayLiteral {
  private var bytes: [UInt8] = []
  private(set) var hasNul = false

  private static let null = Array("NULL".utf8)
  private static let quote = UInt8(ascii: "\"")
  private static let backslash = UInt8(ascii: "\\")
  /// A guess that spares most of the growing.
  private static let elementBytesTypical = 24

  init(elements: Int) {
    bytes.reserveCapacity(elements * Self.elementBytesTypical + 3)
    bytes.append(UInt8(ascii: "{"))
  }

  private mutating func separate() {
    if bytes.count > 1 { bytes.append(UInt8(ascii: ",")) }
  }

  mutating func append(text: String?) {
    separate()
    guard var text else {
      bytes.append(contentsOf: Self.null)
      return
    }
    // Always quoted: it spares the search for what needs it, and a text that reads NULL stays a text.
    bytes.append(Self.quote)
    text.withUTF8 { utf8 in
      for byte in utf8 {
        if byte == Self.quote || byte == Self.backslash { bytes.append(Self.backslash) }
        if byte == 0 { hasNul = true }
        bytes.append(byte)
      }
    }
    bytes.append(Self.quote)
  }

  mutating func append(int: Int64?) {
    separate()
    guard let int else {
      bytes.append(contentsOf: Self.null)
      return
    }
    bytes.append(contentsOf: String(int).utf8)
  }

  mutating func append(bool: Bool) {
    separate()
    bytes.append(UInt8(ascii: bool ? "t" : "f"))
  }

  mutating func append(bytea: [UInt8]?) {
    separate()
    guard let bytea else {
      bytes.append(contentsOf: Self.null)
      return
    }
    bytes.append(Self.quote)
    // Once for bytea's own `\x`, once because a backslash is escaped in a literal.
    bytes.append(Self.backslash)
    bytes.append(Self.backslash)
    Hex.append(bytea, to: &bytes)
    bytes.append(Self.quote)
  }

  consuming func finish() -> [UInt8] {
    bytes.append(UInt8(ascii: "}"))
    return bytes
  }
}
