/// Builds a request and its redacted twin from the same list, so that the two can't drift apart.
struct RequestBuilder {
  /// What stands in place of a secret.
  static let dots = "•••"

  private var query: [UInt8] = []
  private var shown: [UInt8] = []
  private var headers: [(name: String, value: String)] = []

  mutating func add(_ name: String, _ value: String) {
    append(name, value, isSecret: false)
  }

  mutating func add(_ name: String, secret value: String) {
    append(name, value, isSecret: true)
  }

  /// Headers are not shown.
  mutating func addHeader(_ name: String, _ value: String) { headers.append((name, value)) }

  private mutating func append(_ name: String, _ value: String, isSecret: Bool) {
    let begin = query.count
    query.append(query.isEmpty ? UInt8(ascii: "?") : UInt8(ascii: "&"))
    // What a catalogue names may be in any script.
    Self.encode(name, into: &query)
    query.append(UInt8(ascii: "="))
    if isSecret {
      shown.append(contentsOf: query[begin...])
      shown.append(contentsOf: Self.dots.utf8)
    }
    Self.encode(value, into: &query)
    if !isSecret { shown.append(contentsOf: query[begin...]) }
  }

  /// - Parameters:
  ///   - method: POST where nothing is said and there is a body, otherwise GET.
  ///   - body: says its content type itself.
  func request(
    _ method: String? = nil, base: String, path: String, body: (any WireBody)? = nil,
    authentication: WireRequest.Authentication? = nil
  ) -> WireRequest {
    var base = base[...]
    while base.last == "/" { base.removeLast() }
    let method = method ?? (body == nil ? "GET" : "POST")
    return WireRequest(
      method: method, url: "\(base)\(path)\(String(decoding: query, as: UTF8.self))",
      headers: headers + (body.map { [("Content-Type", type(of: $0).contentType)] } ?? []),
      body: body.map { Array($0.text.utf8) }, authentication: authentication,
      redacted: "\(method) \(path)\(String(decoding: shown, as: UTF8.self))" + (body.map { " \($0.shown)" } ?? ""))
  }

  /// Everything but letters, digits and `-._~` becomes `%XX`, so no value can end itself or begin another parameter.
  static func encoded(_ value: String) -> String {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(value.utf8.count)
    encode(value, into: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  private static let hexDigits = Array("0123456789ABCDEF".utf8)

  private static func encode(_ value: String, into bytes: inout [UInt8]) {
    for byte in value.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "~"):
        bytes.append(byte)
      default:
        bytes.append(UInt8(ascii: "%"))
        bytes.append(hexDigits[Int(byte >> 4)])
        bytes.append(hexDigits[Int(byte & 15)])
      }
    }
  }
}
