public import Orders

extension Internal {
  /// Nothing of `pin`, and of everything else nothing that may be a code.
  public func redact(_ reply: WireReply, kind: Exchange.Kind, pin: Pin?) -> [UInt8] {
    kind == .catalog ? reply.body : Self.redaction.shown(reply, pin: pin)
  }

  private static let amounts = ["priceUSD", "totalPriceUSD", "sellPriceAmount", "walletBalance", "balance", "quantity"]
  private static let ids = ["orderId", "externalOrderId", "providerReferans"]
  private static let redaction = JSONRedaction(
    secret: ["pin", "pins", "pinCode", "codes", "serial", "email", "token"]
  ) { text, name in
    if amounts.contains(name) { return text.utf8.count <= 12 && Money(parsing: text) != nil }
    if ids.contains(name) { return text.utf8.count == 36 && text.utf8.filter { $0 == UInt8(ascii: "-") }.count == 4 }
    return name == "createdAt" && text.utf8.count <= 32 && text.utf8.contains(UInt8(ascii: "T"))
  }
}
