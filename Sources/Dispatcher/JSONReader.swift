/// Reads JSON as RFC 8259 has it, and nothing that two readers may understand in two ways: no member twice, no comma
/// before an end, no other encoding than UTF-8 and no byte order mark before it. What a shop meant and what is bought
/// must not depend on whose parser looked.
///
/// One pass, so the time is that of the bytes; recursion is bounded by ``depthMax``.
struct JSONReader {
  /// An order needs three levels, a batch five.
  static let depthMax = 64

  private let bytes: UnsafeBufferPointer<UInt8>
  private var place = 0
  /// The member of the outermost object whose value's place is noted.
  private let notedName: String?
  private var noted: Range<Int>?

  /// - Throws: ``JSONMistake`` that says what is wrong and where.
  static func read(_ bytes: [UInt8]) throws(JSONMistake) -> JSONValue { try read(bytes, noting: nil).value }

  /// - Parameter name: of a member of the outermost object.
  /// - Returns: also where that member's value stands; nil when there is none, or it is null.
  /// - Throws: as ``read(_:)``.
  static func read(
    _ bytes: [UInt8], noting name: String?
  ) throws(JSONMistake) -> (value: JSONValue, noted: Range<Int>?) {
    try requireUTF8(bytes)
    let result = bytes.withUnsafeBufferPointer {
      buffer -> Result<(value: JSONValue, noted: Range<Int>?), JSONMistake> in
      var reader = JSONReader(bytes: buffer, notedName: name)
      do throws(JSONMistake) {
        let value = try reader.value(depth: 0)
        reader.skipBlanks()
        guard reader.next == nil else { throw reader.mistake("there is more after the end") }
        return .success((value, reader.noted))
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }

  private init(bytes: UnsafeBufferPointer<UInt8>, notedName: String?) {
    (self.bytes, self.notedName) = (bytes, notedName)
  }

  private static func requireUTF8(_ bytes: [UInt8]) throws(JSONMistake) {
    let start = bytes.prefix(4)
    if start.starts(with: [0xFF, 0xFE]) || start.starts(with: [0xFE, 0xFF]) || start.contains(0) {
      throw JSONMistake(text: "it is UTF-16 or UTF-32, but must be UTF-8", place: 0)
    }
    if start.starts(with: [0xEF, 0xBB, 0xBF]) {
      throw JSONMistake(text: "it begins with a byte order mark (U+FEFF), which JSON has none of", place: 0)
    }
    guard String(validating: bytes, as: UTF8.self) != nil else {
      throw JSONMistake(text: "it is not UTF-8", place: validPrefix(bytes))
    }
  }

  /// How many bytes there are before the first that is not UTF-8.
  private static func validPrefix(_ bytes: [UInt8]) -> Int {
    var decoder = UTF8()
    var iterator = bytes.makeIterator()
    var count = 0
    while case .scalarValue(let scalar) = decoder.decode(&iterator) { count += UTF8.width(scalar) }
    return count
  }

  // MARK: Bytes

  private var next: UInt8? { place < bytes.count ? bytes[place] : nil }

  private mutating func skipBlanks() {
    while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { place += 1 }
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard next == byte else { return false }
    place += 1
    return true
  }

  private func mistake(_ text: String) -> JSONMistake { JSONMistake(text: text, place: place) }

  // MARK: Values

  private mutating func value(depth: Int) throws(JSONMistake) -> JSONValue {
    guard depth < Self.depthMax else { throw mistake("it is nested deeper than \(Self.depthMax) levels") }
    skipBlanks()
    switch next {
    case UInt8(ascii: "{"): return try object(depth: depth)
    case UInt8(ascii: "["): return try array(depth: depth)
    case UInt8(ascii: "\""): return try string()
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    case UInt8(ascii: "-"): return try number()
    case let byte? where Self.isDigit(byte): return try number()
    case nil: throw mistake("it ends too early")
    case UInt8(ascii: "]"), UInt8(ascii: "}"), UInt8(ascii: ","): throw mistake("a value is missing")
    default: throw mistake("there is something that is no value")
    }
  }

  private mutating func word(_ text: StaticString, _ value: JSONValue) throws(JSONMistake) -> JSONValue {
    let count = text.utf8CodeUnitCount
    guard place + count <= bytes.count, (0..<count).allSatisfy({ bytes[place + $0] == text.utf8Start[$0] }) else {
      throw mistake("there is something that is no value")
    }
    place += count
    return value
  }

  private mutating func array(depth: Int) throws(JSONMistake) -> JSONValue {
    place += 1
    var items: [JSONValue] = []
    skipBlanks()
    if take(UInt8(ascii: "]")) { return .array(items) }
    while true {
      items.append(try value(depth: depth + 1))
      skipBlanks()
      if take(UInt8(ascii: "]")) { return .array(items) }
      guard take(UInt8(ascii: ",")) else { throw mistake("between two values there is no comma") }
    }
  }

  private mutating func object(depth: Int) throws(JSONMistake) -> JSONValue {
    place += 1
    var members: [String: JSONValue] = [:]
    skipBlanks()
    if take(UInt8(ascii: "}")) { return .object(members) }
    while true {
      skipBlanks()
      let start = place
      guard next == UInt8(ascii: "\"") else {
        throw mistake(
          next == UInt8(ascii: "}") ? "a comma stands before the }" : "a member's name in quotes is missing")
      }
      guard case .string(let name) = try string() else {
        throw JSONMistake(text: "a member's name holds half of a surrogate pair", place: start)
      }
      // Also two spellings of the same letters, which no dictionary here could tell apart.
      guard members[name] == nil else {
        throw JSONMistake(text: "the member \"\(name.prefix(64))\" is there twice", place: start)
      }
      skipBlanks()
      guard take(UInt8(ascii: ":")) else { throw mistake("behind a member's name there is no colon") }
      skipBlanks()
      let valueStart = place
      let value = try value(depth: depth + 1)
      if depth == 0, name == notedName {
        if case .null = value { noted = nil } else { noted = valueStart..<place }
      }
      members[name] = value
      skipBlanks()
      if take(UInt8(ascii: "}")) { return .object(members) }
      guard take(UInt8(ascii: ",")) else { throw mistake("between two members there is no comma") }
    }
  }

  // MARK: Numbers

  private mutating func number() throws(JSONMistake) -> JSONValue {
    let start = place
    _ = take(UInt8(ascii: "-"))
    if take(UInt8(ascii: "0")) {
      if let byte = next, Self.isDigit(byte) { throw mistake("a number begins with 0") }
    } else {
      try digits()
    }
    if take(UInt8(ascii: ".")) { try digits() }
    if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
      if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
      try digits()
    }
    let text = String(decoding: UnsafeBufferPointer(rebasing: bytes[start..<place]), as: UTF8.self)
    guard let number = Double(text) else {
      throw JSONMistake(text: "there is a number that can't be read", place: start)
    }
    return .number(number)
  }

  private mutating func digits() throws(JSONMistake) {
    guard let first = next, Self.isDigit(first) else { throw mistake("a digit is missing") }
    while let byte = next, Self.isDigit(byte) { place += 1 }
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

  // MARK: Strings

  private mutating func string() throws(JSONMistake) -> JSONValue {
    place += 1
    let start = place
    while let byte = next, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 { place += 1 }
    if next == UInt8(ascii: "\"") {
      place += 1
      return .string(String(decoding: UnsafeBufferPointer(rebasing: bytes[start..<place - 1]), as: UTF8.self))
    }
    var text = [UInt8](bytes[start..<place])
    var half: UInt32?
    while true {
      guard let byte = next else { throw mistake("a string has no end") }
      guard byte >= 0x20 else { throw mistake("a string holds a control character that is not escaped") }
      place += 1
      switch byte {
      case UInt8(ascii: "\""):
        return half.map { .halfSurrogate($0) } ?? .string(String(decoding: text, as: UTF8.self))
      case UInt8(ascii: "\\"):
        if let scalar = try escaped(&half) { text.append(contentsOf: UTF8.encode(scalar)!) }
      default: text.append(byte)
      }
    }
  }

  /// The character of an escape; nil, and `half` is set, when it is half of a pair.
  private mutating func escaped(_ half: inout UInt32?) throws(JSONMistake) -> Unicode.Scalar? {
    guard let letter = next else { throw mistake("a string has no end") }
    place += 1
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(letter)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): break
    default: throw JSONMistake(text: "a string holds an escape that JSON has not", place: place - 2)
    }
    let first = try hexadecimal()
    if let scalar = Unicode.Scalar(first) { return scalar }
    // The first half of a pair, behind which the second may stand.
    if first < 0xDC00, place + 1 < bytes.count, bytes[place] == UInt8(ascii: "\\"),
      bytes[place + 1] == UInt8(ascii: "u")
    {
      let before = place
      place += 2
      let second = try hexadecimal()
      if (0xDC00...0xDFFF).contains(second) {
        return Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
      }
      place = before
    }
    half = half ?? first
    return nil
  }

  private mutating func hexadecimal() throws(JSONMistake) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 else {
        throw mistake("behind \\u there are no four hexadecimal digits")
      }
      value = value << 4 | UInt32(digit)
      place += 1
    }
    return value
  }
}
