/// Requests that are no order, with the status that each must be answered with.
struct Nonsense {
  let name: String
  let status: Int
  let body: [UInt8]
  var keys = ["bad"]
  /// nil: one that works.
  var token: String?

  /// - Parameter good: an order that would be taken.
  static func all(good: String, product: String) -> [Nonsense] {
    notJSON(good) + fields(good, product: product) + [
      Nonsense(name: "no key", status: 400, body: Array(good.utf8), keys: []),
      Nonsense(
        name: "a key of 300 characters", status: 400, body: Array(good.utf8), keys: [String(repeating: "k", count: 300)]
      ),
      Nonsense(name: "two keys", status: 400, body: Array(good.utf8), keys: ["bad", "worse"]),
      Nonsense(name: "a key that is no ASCII", status: 400, body: Array(good.utf8), keys: ["gül"]),
      Nonsense(name: "a key with a blank", status: 400, body: Array(good.utf8), keys: ["bad key"]),
      Nonsense(name: "an unknown token", status: 401, body: Array(good.utf8), token: "sevk_unknown"),
    ]
  }

  /// What two parsers read in two ways, or not at all.
  private static func notJSON(_ good: String) -> [Nonsense] {
    let utf16 = good.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
    return [
      Nonsense(name: "a body that is no JSON", status: 400, body: Array("{\"product\":".utf8)),
      Nonsense(name: "bytes for a body", status: 400, body: [0xFF, 0xFE, 0x00, 0x80]),
      Nonsense(
        name: "deep nesting", status: 400, body: [UInt8](repeating: UInt8(ascii: "["), count: 20_000)),
      Nonsense(
        name: "a member twice", status: 400, body: Array((good.dropLast() + ",\"reference\":\"other\"}").utf8)),
      Nonsense(name: "a comma before the end", status: 400, body: Array((good.dropLast() + ",}").utf8)),
      Nonsense(name: "UTF-16", status: 400, body: utf16),
      Nonsense(name: "a byte order mark", status: 400, body: [0xEF, 0xBB, 0xBF] + Array(good.utf8)),
    ]
  }

  /// What the wrong player would get, or nobody.
  private static func fields(_ good: String, product: String) -> [Nonsense] {
    func order(player: String) -> [UInt8] {
      Array("{\"product\":\"\(product)\",\"fields\":{\"player_id\":\"\(player)\",\"phone\":\"9\"}}".utf8)
    }
    let marks = "e" + String(repeating: "\u{301}", count: 2_000)
    return [
      Nonsense(name: "an array for a body", status: 422, body: Array("[]".utf8)),
      Nonsense(name: "a number for a product", status: 422, body: Array("{\"product\":5,\"fields\":{}}".utf8)),
      Nonsense(name: "an unknown product", status: 422, body: Array("{\"product\":\"nothing\",\"fields\":{}}".utf8)),
      Nonsense(
        name: "a field missing", status: 422, body: Array("{\"product\":\"\(product)\",\"fields\":{}}".utf8)),
      Nonsense(name: "a quantity of two", status: 422, body: Array((good.dropLast() + ",\"quantity\":2}").utf8)),
      Nonsense(
        name: "70 KiB", status: 413,
        body: Array("{\"product\":\"\(String(repeating: "x", count: 71_680))\"}".utf8)),
      Nonsense(name: "a character of 4,001 bytes", status: 422, body: order(player: marks)),
      Nonsense(name: "a mark that nobody sees", status: 422, body: order(player: "5123\u{200F}")),
      Nonsense(name: "digits of another script", status: 422, body: order(player: "٥١٢٣")),
      Nonsense(name: "a blank behind an id", status: 422, body: order(player: "5123 ")),
      Nonsense(name: "half of a surrogate pair", status: 422, body: order(player: "51\\ud800")),
      Nonsense(
        name: "a reference of 2,000 marks", status: 422,
        body: Array("{\"product\":\"\(product)\",\"reference\":\"\(marks)\",\"fields\":{}}".utf8)),
    ]
  }
}
