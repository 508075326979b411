public import Orders

extension Zdk {
  /// Nothing of `replay_api`, and of everything else nothing that may be a code.
  public func redact(_ reply: WireReply, kind: Exchange.Kind, pin: Pin?) -> [UInt8] {
    guard kind != .catalog else { return reply.body }
    guard let json = WireJSON(reply.body) else {
      if let text = String(validating: reply.body, as: UTF8.self), !text.contains("replay"),
        text.withoutBlanks.hasPrefix("<")
      {
        return Array(text.withoutCodes.utf8)
      }
      if reply.body.isEmpty { return [] }
      let begins = String(decoding: reply.body.prefix(5), as: UTF8.self).withoutCodes
      return Array("\(begins)\(Redaction.dots) (\(reply.body.count) bytes that are no JSON)".utf8)
    }
    let shown = Array(Self.hiding(json, under: "").written.utf8)
    return pin.map { Redaction.removing($0, from: shown) } ?? shown
  }

  private static let secret = ["replay_api", "replay", "email", "pin", "pins", "codes", "serial"]
  private static let amounts = ["price", "balance", "quantity", "qty"]

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
    switch name {
    case "code": return text.utf8.count <= 3 && text.utf8.allSatisfy(\.isASCIIDigit)
    case "order_id", "order_uuid", "uuid":
      return text.hasPrefix("ID_") || text.utf8.filter { $0 == UInt8(ascii: "-") }.count == 4
    case "created_at": return text.utf8.count == 19
    default: return false
    }
  }
}
