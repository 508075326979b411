public import Orders

extension Znet {
  /// `OK|1|…` waiting, `OK|2|PIN|…` completed, `OK|3|…` cancelled. A line that begins with `3` is a failed question,
  /// never a cancelled order: reading it as one refunds a live order.
  public func readQuery(_ reply: WireReply, account: ProviderAccount) -> QueryOutcome {
    let text: ReplyText
    do {
      text = try ReplyText(reply)
    } catch {
      return error == .notText ? .unintelligible(error.words) : .queryFailed(error.words)
    }
    let fields = text.fields
    switch fields[0] {
    case "OK": return readStatus(fields)
    case "3" where fields.count >= 2:
      let rest = fields.dropFirst().joined(separator: "|").withoutBlanks
      let words = rest.isEmpty ? "code 3 without a text" : "code 3: \(rest.quoted)"
      if ZnetWords.isAboutLogin(rest) || ZnetWords.isAboutTrouble(rest) { return .queryFailed(words) }
      return account.trustNotFoundAfter == nil ? .queryFailed(words) : .notFound(words)
    default:
      // Quoted no further: what follows may be a PIN.
      return .unintelligible("an answer that is not documented, beginning with \(fields[0].prefix(4).quoted)")
    }
  }

  private func readStatus(_ fields: [String]) -> QueryOutcome {
    let status = fields.count > 1 ? fields[1] : ""
    let slot = fields.count > 2 ? fields[2] : ""
    // The description may contain bars.
    let words = fields.dropFirst(3).joined(separator: "|").withoutBlanks
    switch status {
    case "1":
      return .waiting(words.isEmpty ? "waiting" : words.quoted)
    case "2":
      // Without the bar this may be the beginning of `OK|2|PIN`.
      guard fields.count > 2 else { return .unintelligible("an answer that ends after its status 2") }
      if ZnetWords.isPlaceholder(slot) { return .completed(nil, note: words) }
      let pin = Pin(slot.withoutBlanks)
      return .completed(pin, note: words.replacingOccurrences(of: pin))
    case "3":
      guard fields.count > 2 else { return .unintelligible("an answer that ends after its status 3") }
      return readCancellation(slot: slot, words: words)
    default:
      guard (1...2).contains(status.utf8.count), status.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
        return .unintelligible("an answer that begins with OK and has no status")
      }
      return .waiting(
        "status \(status), which is not documented" + (words.isEmpty ? "" : ": \(words.quoted)"))
    }
  }

  private func readCancellation(slot: String, words: String) -> QueryOutcome {
    let slot = slot.withoutBlanks
    // Some panels answer a login error on every endpoint as `OK|3|bayikodu yada şifre geçersiz|0.00`, top-up style:
    // text in the third field, an amount in the fourth. That is no cancelled order.
    if !ZnetWords.isPlaceholder(slot), ZnetWords.isNumber(words) || ZnetWords.isAboutLogin(slot) {
      return .queryFailed("an error in the form of a cancellation: \(Self.reason(in: slot))")
    }
    if ZnetWords.isAboutLogin(words) { return .queryFailed("an error in the form of a cancellation: \(words.quoted)") }
    if !words.isEmpty { return .cancelled(words.quoted) }
    return .cancelled(ZnetWords.isPlaceholder(slot) ? "without a reason" : Self.reason(in: slot))
  }

  /// The slot may still hold the PIN of an order that was completed before it was cancelled.
  private static func reason(in slot: String) -> String {
    ZnetWords.looksLikeCode(slot) ? "without a reason, with a code in the PIN's place" : slot.quoted
  }

  /// Completed, but nothing after the third field: `OK|2|AB12` may have been `OK|2|AB12-CD34|text`.
  public func mayBeCut(_ reply: WireReply) -> Bool {
    guard let fields = (try? ReplyText(reply))?.fields else { return false }
    return fields.count == 3 && fields[0] == "OK" && fields[1] == "2"
  }
}

extension String {
  /// The note may repeat the PIN.
  func replacingOccurrences(of pin: Pin) -> String {
    String(decoding: Redaction.removing(pin, from: Array(utf8)), as: UTF8.self)
  }
}
