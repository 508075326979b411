/// Looks at JSON without building anything of it: one pass over the bytes, which ends at the first limit. What a body
/// holds must be known before it is read, since two million zeros are four megabytes and eleven seconds.
///
/// It finds structure and judges nothing: what it lets pass must still be read by `JSONValue`.
struct JSONScan {
  enum Finding: Equatable {
    /// One object with one member of the name asked for, an array; where its elements are.
    case elements([Range<Int>])
    /// Anything else, also what is no JSON.
    case other
    /// More elements than allowed.
    case tooManyElements
    /// More values than allowed.
    case tooManyValues
    case tooDeep
  }

  /// An order needs three levels, a batch five.
  static let depthMax = 32

  private let bytes: UnsafeBufferPointer<UInt8>
  private var place = 0
  /// Each value but the outermost has one before it: `[`, `{` or `,`.
  private var values = 0
  private let valuesMax: Int

  /// Looks for the elements of the array `name` in an object that has nothing else.
  static func elements(of name: String, in bytes: [UInt8], elementsMax: Int, valuesMax: Int) -> Finding {
    bytes.withUnsafeBufferPointer { buffer in
      var scan = JSONScan(bytes: buffer, valuesMax: valuesMax)
      return scan.elements(of: Array("\"\(name)\"".utf8), elementsMax)
    }
  }

  /// Nil when the body is within its limits.
  static func excess(in bytes: [UInt8], valuesMax: Int) -> Finding? {
    bytes.withUnsafeBufferPointer { buffer in
      var scan = JSONScan(bytes: buffer, valuesMax: valuesMax)
      while scan.place < buffer.count {
        if let excess = scan.skipValue() { return excess }
        // A mistake of the JSON, which its reader will name.
        if scan.place < buffer.count { scan.place += 1 }
      }
      return nil
    }
  }

  private init(bytes: UnsafeBufferPointer<UInt8>, valuesMax: Int) {
    self.bytes = bytes
    self.valuesMax = valuesMax
  }

  private mutating func elements(of name: [UInt8], _ elementsMax: Int) -> Finding {
    var elements: [Range<Int>] = []
    guard take(UInt8(ascii: "{")), takeAll(name), take(UInt8(ascii: ":")), take(UInt8(ascii: "[")) else {
      return rest()
    }
    skipBlanks()
    if !take(UInt8(ascii: "]")) {
      repeat {
        guard elements.count < elementsMax else { return .tooManyElements }
        skipBlanks()
        let start = place
        if let excess = skipValue() { return excess }
        guard place > start else { return .other }
        elements.append(start..<place)
        values += 1
      } while take(UInt8(ascii: ","))
      guard take(UInt8(ascii: "]")) else { return rest() }
    }
    guard take(UInt8(ascii: "}")) else { return rest() }
    skipBlanks()
    return place == bytes.count ? .elements(elements) : .other
  }

  /// What is left of a body of another shape, so that its limits hold too.
  private mutating func rest() -> Finding {
    place = 0
    while place < bytes.count {
      if let excess = skipValue() { return excess }
      if place < bytes.count { place += 1 }
    }
    return .other
  }

  /// Goes behind one value: up to the comma or bracket that ends it.
  ///
  /// - Returns: the limit that it breaks.
  private mutating func skipValue() -> Finding? {
    var depth = 0
    while place < bytes.count {
      switch bytes[place] {
      case UInt8(ascii: "\""):
        skipString()
        continue
      case UInt8(ascii: "["), UInt8(ascii: "{"):
        depth += 1
        values += 1
        guard depth <= Self.depthMax else { return .tooDeep }
      case UInt8(ascii: "]"), UInt8(ascii: "}"):
        guard depth > 0 else { return nil }
        depth -= 1
        if depth == 0 {
          place += 1
          return nil
        }
      case UInt8(ascii: ","):
        guard depth > 0 else { return nil }
        values += 1
      default: break
      }
      guard values <= valuesMax else { return .tooManyValues }
      place += 1
    }
    return nil
  }

  private mutating func skipString() {
    place += 1
    while place < bytes.count {
      let byte = bytes[place]
      place += byte == UInt8(ascii: "\\") ? 2 : 1
      if byte == UInt8(ascii: "\"") { return }
    }
    place = bytes.count
  }

  private mutating func skipBlanks() {
    while place < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[place]) { place += 1 }
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    skipBlanks()
    guard place < bytes.count, bytes[place] == byte else { return false }
    place += 1
    return true
  }

  private mutating func takeAll(_ text: [UInt8]) -> Bool {
    skipBlanks()
    guard place + text.count <= bytes.count, text.indices.allSatisfy({ bytes[place + $0] == text[$0] }) else {
      return false
    }
    place += text.count
    return true
  }
}
