/// Builds a GET request and its redacted twin from the same list, so that the two can't drift apart.
struct RequestBuilder {
  /// What stands in place of a secret.
  static let dots = "•••"

  private var query = ""
  private var shown = ""

  mutating func add(_ name: String, _ value: String) {
    append(name, Self.encoded(value), Self.encoded(value))
  }

  mutating func add(_ name: String, secret value: String) {
    append(name, Self.encoded(value), Self.dots)
  }

  private mutating func append(_ name: String, _ value: String, _ shownValue: String) {
    let mark = query.isEmpty ? "?" : "&"
    query += "\(mark)\(name)=\(value)"
    shown += "\(mark)\(name)=\(shownValue)"
  }

  func request(base: String, path: String) -> WireRequest {
    var base = base[...]
    while base.last == "/" { base.removeLast() }
    return WireRequest(url: "\(base)\(path)\(query)", redacted: "GET \(path)\(shown)")
  }

  /// Everything but letters, digits and `-._~` becomes `%XX`, so no value can end itself or begin another parameter.
  static func encoded(_ value: String) -> String {
    let hexDigits = Array("0123456789ABCDEF".utf8)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(value.utf8.count)
    for byte in value.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "~"):
        bytes.append(byte)
      default:
        bytes.append(contentsOf: [UInt8(ascii: "%"), hexDigits[Int(byte >> 4)], hexDigits[Int(byte & 15)]])
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
