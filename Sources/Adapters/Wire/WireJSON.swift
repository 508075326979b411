import Orders

/// A provider's JSON, read strictly: what two readers could take in two ways, such as a name that stands twice, a second
/// value behind the first or a half character, is no JSON. Numbers stay as they are written, since `7.10` is an amount.
enum WireJSON: Sendable, Equatable {
  case null
  case bool(Bool)
  case number(String)
  case text(String)
  case list([WireJSON])
  case object([Member])

  struct Member: Sendable, Equatable {
    let name: String
    let value: WireJSON
  }

  /// More than any provider's object has: each name is compared with those before it.
  private static let membersMax = 256
  /// Deeper than any provider nests.
  private static let depthMax = 32

  /// Nil when the bytes are not one JSON value, perhaps with blanks and a byte order mark around it.
  init?(_ bytes: [UInt8]) {
    guard String(validating: bytes, as: UTF8.self) != nil else { return nil }
    var reader = Reader(bytes: bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes[...])
    reader.skipBlanks()
    guard let value = reader.value(depth: 0) else { return nil }
    reader.skipBlanks()
    guard reader.bytes.isEmpty else { return nil }
    self = value
  }

  subscript(name: String) -> WireJSON? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.name.utf8.elementsEqual(name.utf8) }?.value
  }

  /// A text or a number, as it is written.
  var scalar: String? {
    switch self {
    case .text(let text), .number(let text): text
    default: nil
    }
  }

  /// As JSON again.
  var written: String {
    switch self {
    case .null: "null"
    case .bool(let truth): truth ? "true" : "false"
    case .number(let text): text
    case .text(let text): text.jsonQuoted
    case .list(let values): "[\(values.map(\.written).joined(separator: ","))]"
    case .object(let members):
      "{\(members.map { "\($0.name.jsonQuoted):\($0.value.written)" }.joined(separator: ","))}"
    }
  }

  private struct Reader {
    var bytes: ArraySlice<UInt8>

    mutating func skipBlanks() {
      while let byte = bytes.first, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { bytes.removeFirst() }
    }

    mutating func value(depth: Int) -> WireJSON? {
      guard depth < WireJSON.depthMax, let first = bytes.first else { return nil }
      switch first {
      case UInt8(ascii: "{"): return object(depth: depth)
      case UInt8(ascii: "["): return list(depth: depth)
      case UInt8(ascii: "\""): return text().map { .text($0) }
      case UInt8(ascii: "t"): return word("true") ? .bool(true) : nil
      case UInt8(ascii: "f"): return word("false") ? .bool(false) : nil
      case UInt8(ascii: "n"): return word("null") ? .null : nil
      default: return number()
      }
    }

    private mutating func take(_ byte: Character) -> Bool {
      guard let wanted = byte.asciiValue, bytes.first == wanted else { return false }
      bytes.removeFirst()
      return true
    }

    private mutating func word(_ word: String) -> Bool {
      guard bytes.starts(with: word.utf8) else { return false }
      bytes.removeFirst(word.utf8.count)
      return true
    }

    private mutating func object(depth: Int) -> WireJSON? {
      bytes.removeFirst()
      var members: [Member] = []
      skipBlanks()
      if take("}") { return .object([]) }
      repeat {
        skipBlanks()
        guard members.count < WireJSON.membersMax, bytes.first == UInt8(ascii: "\""), let name = text(),
          !members.contains(where: { $0.name.utf8.elementsEqual(name.utf8) })
        else { return nil }
        skipBlanks()
        guard take(":") else { return nil }
        skipBlanks()
        guard let value = value(depth: depth + 1) else { return nil }
        members.append(Member(name: name, value: value))
        skipBlanks()
      } while take(",")
      return take("}") ? .object(members) : nil
    }

    private mutating func list(depth: Int) -> WireJSON? {
      bytes.removeFirst()
      var values: [WireJSON] = []
      skipBlanks()
      if take("]") { return .list([]) }
      repeat {
        skipBlanks()
        guard let value = value(depth: depth + 1) else { return nil }
        values.append(value)
        skipBlanks()
      } while take(",")
      return take("]") ? .list(values) : nil
    }

    private mutating func digits() -> Int {
      let count = bytes.prefix { $0.isASCIIDigit }.count
      bytes.removeFirst(count)
      return count
    }

    private mutating func number() -> WireJSON? {
      let whole = bytes
      _ = take("-")
      if !take("0") { guard digits() > 0 else { return nil } }
      if take(".") { guard digits() > 0 else { return nil } }
      if take("e") || take("E") {
        if !take("+") { _ = take("-") }
        guard digits() > 0 else { return nil }
      }
      return .number(String(decoding: whole[..<bytes.startIndex], as: UTF8.self))
    }

    private mutating func text() -> String? {
      bytes.removeFirst()
      var result: [UInt8] = []
      while let byte = bytes.popFirst() {
        switch byte {
        case UInt8(ascii: "\""): return String(validating: result, as: UTF8.self)
        case UInt8(ascii: "\\"): guard escape(into: &result) else { return nil }
        case 0..<0x20: return nil
        default: result.append(byte)
        }
      }
      return nil
    }

    private mutating func escape(into result: inout [UInt8]) -> Bool {
      switch bytes.popFirst() {
      case UInt8(ascii: "\""): result.append(UInt8(ascii: "\""))
      case UInt8(ascii: "\\"): result.append(UInt8(ascii: "\\"))
      case UInt8(ascii: "/"): result.append(UInt8(ascii: "/"))
      case UInt8(ascii: "b"): result.append(0x08)
      case UInt8(ascii: "f"): result.append(0x0C)
      case UInt8(ascii: "n"): result.append(0x0A)
      case UInt8(ascii: "r"): result.append(0x0D)
      case UInt8(ascii: "t"): result.append(0x09)
      case UInt8(ascii: "u"):
        guard let unit = unit() else { return false }
        var value = UInt32(unit)
        if (0xD800..<0xDC00).contains(unit) {
          guard take("\\"), take("u"), let low = self.unit(), (0xDC00..<0xE000).contains(low) else { return false }
          value = 0x10000 + (UInt32(unit) - 0xD800) << 10 + (UInt32(low) - 0xDC00)
        }
        guard let scalar = Unicode.Scalar(value) else { return false }
        result.append(contentsOf: String(Character(scalar)).utf8)
      default: return false
      }
      return true
    }

    private mutating func unit() -> UInt16? {
      let digits = bytes.prefix(4)
      guard digits.count == 4, let value = UInt16(String(decoding: digits, as: UTF8.self), radix: 16),
        digits.first != UInt8(ascii: "+"), digits.first != UInt8(ascii: "-")
      else { return nil }
      bytes.removeFirst(4)
      return value
    }
  }
}
