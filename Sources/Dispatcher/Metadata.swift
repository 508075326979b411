/// What a shop keeps with an order for itself: an object, given back byte for byte.
enum Metadata {
  static let bytesMax = 4096

  /// What is wrong with it, in words that go on after its name; nil when it is taken.
  ///
  /// - Parameter written: as it stands in the request.
  static func mistake(in value: JSONValue?, written: String) -> String? {
    guard case .object = value else { return "must be an object, not \(value?.kind ?? "nothing")" }
    let count = written.utf8.count
    return count > bytesMax ? "has \(count) bytes, but may have at most \(bytesMax)" : nil
  }

  /// The same for the same content, however its blanks and the order of its members are: a shop that repeats an order may
  /// have it from another place than the first time. Numbers and strings count as they are written.
  ///
  /// - Parameter written: JSON that was read already.
  static func canonical(_ written: String) -> [UInt8] {
    var reader = CanonicalJSON(bytes: Array(written.utf8))
    return reader.value()
  }
}

/// Rewrites JSON without blanks and with sorted members. Its input has been read by ``JSONReader``, so it is JSON, no deeper
/// than that allows; at anything else it ends early.
private struct CanonicalJSON {
  let bytes: [UInt8]
  private var place = 0

  init(bytes: [UInt8]) { self.bytes = bytes }

  mutating func value() -> [UInt8] {
    skipBlanks()
    guard place < bytes.count else { return [] }
    switch bytes[place] {
    case UInt8(ascii: "{"):
      let members = items(until: UInt8(ascii: "}")) { reader in
        let name = reader.value()
        reader.skipBlanks()
        reader.place += 1
        return name + [UInt8(ascii: ":")] + reader.value()
      }
      return wrapped("{", members.sorted { $0.lexicographicallyPrecedes($1) }, "}")
    case UInt8(ascii: "["):
      return wrapped("[", items(until: UInt8(ascii: "]")) { $0.value() }, "]")
    case UInt8(ascii: "\""): return string()
    default:
      let start = place
      while place < bytes.count, !Self.ends.contains(bytes[place]) { place += 1 }
      return Array(bytes[start..<place])
    }
  }

  private static let ends = Set(",]} \t\r\n".utf8)

  private mutating func items(until end: UInt8, _ item: (inout Self) -> [UInt8]) -> [[UInt8]] {
    var items: [[UInt8]] = []
    place += 1
    skipBlanks()
    while place < bytes.count, bytes[place] != end {
      items.append(item(&self))
      skipBlanks()
      if place < bytes.count, bytes[place] == UInt8(ascii: ",") { place += 1 }
      skipBlanks()
    }
    place += 1
    return items
  }

  private func wrapped(_ open: Unicode.Scalar, _ items: [[UInt8]], _ close: Unicode.Scalar) -> [UInt8] {
    [UInt8(ascii: open)] + items.joined(separator: [UInt8(ascii: ",")]) + [UInt8(ascii: close)]
  }

  private mutating func string() -> [UInt8] {
    let start = place
    place += 1
    while place < bytes.count, bytes[place] != UInt8(ascii: "\"") {
      place += bytes[place] == UInt8(ascii: "\\") ? 2 : 1
    }
    place = min(place + 1, bytes.count)
    return Array(bytes[start..<place])
  }

  private mutating func skipBlanks() {
    while place < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[place]) { place += 1 }
  }
}
