public import Orders

extension Turkpin {
  /// Nothing of a code, and of everything else nothing that may be one.
  public func redact(_ reply: WireReply, kind: Exchange.Kind, pin: Pin?) -> [UInt8] {
    guard kind != .catalog else { return reply.body }
    guard let root = WireXML(reply.body) else {
      let text = String(decoding: reply.body, as: UTF8.self)
      if text.folded.withoutBlanks.hasPrefix("<!doctype html") || text.folded.withoutBlanks.hasPrefix("<html") {
        return Array(text.withoutCodes.utf8)
      }
      if reply.body.isEmpty { return [] }
      let begins = String(decoding: reply.body.prefix(5), as: UTF8.self).withoutCodes
      return Array("\(begins)\(Redaction.dots) (\(reply.body.count) bytes that are no XML)".utf8)
    }
    let shown = Array(Self.hiding(root).written.utf8)
    return pin.map { Redaction.removing($0, from: shown) } ?? shown
  }

  private static let secret = ["code", "ekstra", "extra"]
  private static let numbers = [
    "siparisno", "siparis_no", "error", "hata_no", "durum_kodu", "siparis_durumu",
  ]
  private static let amounts = ["siparistutari", "siparis_tutari", "balance", "credit", "bonus", "spending"]

  private static func hiding(_ element: WireXML, isSecret: Bool = false) -> WireXML {
    let name = element.name.folded
    let hides = isSecret || secret.contains(name)
    let text = element.text
    let shown: String
    if text.withoutBlanks.isEmpty {
      shown = text
    } else if hides {
      shown = Redaction.dots
    } else if isPlain(text.withoutBlanks, in: name) {
      shown = text
    } else {
      shown = text.withoutCodes
    }
    return WireXML(
      name: element.name.withoutCodes, text: shown, children: element.children.map { hiding($0, isSecret: hides) })
  }

  /// Whether a value is what its name says, and so no code.
  private static func isPlain(_ text: String, in name: String) -> Bool {
    if numbers.contains(name) { return text.utf8.count <= 20 && text.utf8.allSatisfy(\.isASCIIDigit) }
    if amounts.contains(name) { return text.utf8.count <= 12 && ZnetWords.isNumber(text) }
    // `08-08-2026 12:18:25`.
    return name == "kontrol_tarihi" && text.utf8.count == 19
      && text.utf8.allSatisfy { $0.isASCIIDigit || [0x20, 0x2D, 0x2E, 0x2F, 0x3A].contains($0) }
  }
}
