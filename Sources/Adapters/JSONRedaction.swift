import Orders

/// Shows a provider's JSON without what may be a code: nothing of what stands under a secret name, and of everything else only
/// what is surely none.
struct JSONRedaction: Sendable {
  /// Names under which everything is hidden, however deep.
  let secret: Set<String>
  /// Names of amounts.
  let amounts: Set<String>
  /// Names of numbers that a provider counts by, and of references.
  let numbers: Set<String>
  /// Names of words and times that the provider has a list of.
  let words: Set<String>
  /// Whether a value is what its name says, and so no code, where none of the lists knows the name.
  let isKnown: @Sendable (_ text: String, _ name: String) -> Bool

  init(
    secret: Set<String>, amounts: Set<String> = [], numbers: Set<String> = [], words: Set<String> = [],
    isKnown: @escaping @Sendable (_ text: String, _ name: String) -> Bool = { _, _ in false }
  ) {
    (self.secret, self.amounts, self.numbers, self.words, self.isKnown) = (secret, amounts, numbers, words, isKnown)
  }

  private static let numberDigitsMax = 20
  private static let wordBytesMax = 80

  func shown(_ reply: WireReply, pin: Pin?) -> [UInt8] {
    guard let json = WireJSON(reply.body) else {
      if reply.body.isEmpty { return [] }
      // A notice may stand before an answer with a code of any letters.
      if let text = String(validating: reply.body, as: UTF8.self), text.withoutBlanks.hasPrefix("<"),
        !secret.contains(where: { text.contains($0) })
      {
        return Array(text.withoutCodes.utf8)
      }
      let begins = String(decoding: reply.body.prefix(5), as: UTF8.self).withoutCodes
      return Array("\(begins)\(Redaction.dots) (\(reply.body.count) bytes that are no JSON)".utf8)
    }
    let shown = Array(hiding(json, under: "").written.utf8)
    return pin.map { Redaction.removing($0, from: shown) } ?? shown
  }

  private func hiding(_ json: WireJSON, under name: String) -> WireJSON {
    switch json {
    case .null, .bool: return json
    case .list(let values): return .list(values.map { hiding($0, under: name) })
    case .object(let members):
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
  private func isPlain(_ text: String, under name: String) -> Bool {
    if isKnown(text, name) { return true }
    if amounts.contains(name) { return text.utf8.count <= 16 && Money(parsing: text, decimalMark: .point) != nil }
    if numbers.contains(name) {
      return text.utf8.count <= Self.numberDigitsMax && text.utf8.allSatisfy(\.isASCIIDigit)
    }
    // As `DECLINED-INVALID-CREDIT-PARTY` and `2026-12-06 08:13:39`; with both capitals and digits it may be a code.
    guard words.contains(name), text.utf8.count <= Self.wordBytesMax else { return false }
    let isTime = text.utf8.allSatisfy { $0.isASCIIDigit || " -:.TZ+".utf8.contains($0) } && text.utf8.contains(0x3A)
    return isTime || text.utf8.allSatisfy { $0.isASCIICapital || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") }
  }
}
