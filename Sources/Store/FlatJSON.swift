import FoundationEssentials

/// A JSON object of strings, as an order's fields and a route's parameters are stored. Each order is read several times,
/// and nearly all such objects hold nothing that is escaped: those are read and written by hand, which costs a tenth.
enum FlatJSON {
  static func decode(_ json: String) throws -> [String: String] {
    if let map = plain(json) { return map }
    return try JSONDecoder().decode([String: String].self, from: Data(json.utf8))
  }

  static func encode(_ map: [String: String]) throws -> String {
    guard map.allSatisfy({ isPlain($0.key) && isPlain($0.value) }) else {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      return String(decoding: try encoder.encode(map), as: UTF8.self)
    }
    var json = "{"
    json.reserveCapacity(2 + map.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count + 6 })
    for (key, value) in map.sorted(by: { $0.key < $1.key }) {
      json += json.utf8.count == 1 ? "\"" : ",\""
      json += key
      json += "\":\""
      json += value
      json += "\""
    }
    return json + "}"
  }

  private static func isPlain(_ text: String) -> Bool {
    text.utf8.allSatisfy { $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }
  }

  /// nil for whatever is not quite so simple, or no such object at all.
  private static func plain(_ json: String) -> [String: String]? {
    var json = json
    return json.withUTF8 { bytes in
      var position = 0
      func skipBlanks() { while position < bytes.count, bytes[position] == 0x20 { position += 1 } }
      func take(_ sign: Unicode.Scalar) -> Bool {
        skipBlanks()
        guard position < bytes.count, bytes[position] == UInt8(ascii: sign) else { return false }
        position += 1
        return true
      }
      func string() -> String? {
        guard take("\"") else { return nil }
        let begin = position
        while position < bytes.count, bytes[position] != UInt8(ascii: "\"") {
          guard bytes[position] >= 0x20, bytes[position] != UInt8(ascii: "\\") else { return nil }
          position += 1
        }
        guard position < bytes.count else { return nil }
        position += 1
        return String(decoding: UnsafeBufferPointer(rebasing: bytes[begin..<position - 1]), as: UTF8.self)
      }
      var map: [String: String] = [:]
      guard take("{") else { return nil }
      if !take("}") {
        repeat {
          guard let key = string(), take(":"), let value = string(), map.updateValue(value, forKey: key) == nil else {
            return nil
          }
        } while take(",")
        guard take("}") else { return nil }
      }
      skipBlanks()
      return position == bytes.count ? map : nil
    }
  }
}
