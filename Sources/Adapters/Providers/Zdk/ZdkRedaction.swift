public import Orders

extension Zdk {
  /// Nothing of `replay_api`, and of everything else nothing that may be a code.
  public func redact(_ reply: WireReply, kind: Exchange.Kind, pin: Pin?) -> [UInt8] {
    kind == .catalog ? reply.body : Self.redaction.shown(reply, pin: pin)
  }

  private static let amounts = ["price", "balance", "quantity", "qty"]
  private static let redaction = JSONRedaction(
    secret: ["replay_api", "replay", "email", "pin", "pins", "codes", "serial"]
  ) { text, name in
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
