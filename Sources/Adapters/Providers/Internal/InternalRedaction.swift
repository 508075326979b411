public import Orders

extension Internal {
  /// Nothing of `pin`, and of everything else nothing that may be a code.
  public func redact(_ reply: WireReply, kind: Exchange.Kind, pin: Pin?) -> [UInt8] {
    guard kind != .catalog else { return reply.body }
    guard let json = WireJSON(reply.body) else {
      if let text = String(validating: reply.body, as: UTF8.self), text.withoutBlanks.hasPrefix("<") {
        return Array(text.withoutCodes.utf8)
      }
      if reply.body.isEmpty { return [] }
      let begins = String(decoding: reply.body.prefix(5), as: UTF8.self).withoutCodes
      return Array("\(begins)\(Redaction.dots) (\(reply.body.count) bytes that are no JSON)".utf8)
    }
    let shown = Array(Self.hiding(json, under: "").written.utf8)
    return pin.map { Redaction.removing($0, from: shown) } ?? shown
  }

  private static let secret = ["pin", "pins", "pinCode", "codes", "serial", "email", "token"]
  private static let amounts = ["priceUSD", "totalPriceUSD", "sellPriceAmount", "walletBalance", "balance", "quantity"]
  private static let ids = ["orderId", "externalOrderId", "providerReferans"]

  private static func hiding(_ json: WireJSON, under name: String) -> WireJSON {
    switch json {
    case .null, .bool: return json
    case .list(let values): return .list(values.map { hiding($0, under: name) })
    case .object(let members):
      // What is secret stays so however deep.
      return .object(
        members.map {
          .init(name: $0.name.withoutCodes, value: hiding($0.value, under: secret.contains(name) ? name : $0.name))
        })
    case .number(let text), .text(let text):
      if text.withoutBlanks.isEmpty { return json }
      if secret.contains(name) { return .text(Redaction.dots) }
      if isPlain(text, under: name) { return json }
      let hidden = text.withoutCodes
      return hidden == text ? json : .text(hidden)
    }
  }

  /// Whether a value is what its name says, and so no code.
  private static func isPlain(_ text: String, under name: String) -> Bool {
    if amounts.contains(name) { return text.utf8.count <= 12 && Money(parsing: text) != nil }
    if ids.contains(name) { return text.utf8.count == 36 && text.utf8.filter { $0 == UInt8(ascii: "-") }.count == 4 }
    return name == "createdAt" && text.utf8.count <= 32 && text.utf8.contains(UInt8(ascii: "T"))
  }
}
