/// The name of one request in logs and answers, so that a shop and ops speak of the same one.
enum RequestID {
  static let header = "X-Request-Id"
  static let bytesMax = 64

  /// The client's own where it can stand in a log and a header as it is, visible ASCII of 1 to 64 bytes; else a new one.
  static func of(_ headers: [(name: String, value: String)]) -> String {
    let given = headers.filter { $0.name.equalsIgnoringCase(header) }
    guard given.count == 1, isSane(given[0].value) else { return make() }
    return given[0].value
  }

  static func isSane(_ text: String) -> Bool {
    (1...bytesMax).contains(text.utf8.count) && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
  }

  static func make() -> String {
    let text = String(UInt64.random(in: .min ... .max), radix: 16)
    return String(repeating: "0", count: 16 - text.utf8.count) + text
  }
}
