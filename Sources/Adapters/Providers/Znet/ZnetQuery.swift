public import Orders

extension Znet {
  /// `OK|1|…` waiting, `OK|2|PIN|…` completed, `OK|3|…` cancelled. A line that begins with `3` is a failed question,
  /// never a cancelled order: reading it as one refunds a live order.
  ///
  /// What would settle an order is read from a whole line only, `OK|STATUS|PIN|DESCRIPTION`: the bar after the PIN's place
  /// shows that the place was not cut.
  public func readQuery(_ reply: WireReply, account: ProviderAccount) -> QueryOutcome {
    let text: ReplyText
    do {
      text = try ReplyText(reply)
    } catch {
      switch error {
      case .notText, .lines, .markup: return .unintelligible(error.words)
      case .status, .empty, .html: return .queryFailed(error.words)
      }
    }
    let fields = text.fields
    switch fields[0] {
    case "OK": return readStatus(fields)
    case "3" where fields.count >= 2:
      let rest = fields.dropFirst().joined(separator: "|").withoutBlanks
      let words = rest.isEmpty ? "code 3 without a text" : "code 3: \(rest.shown)"
      if ZnetContract.isAboutAccount(rest) || ZnetContract.isTroubleOfQuestion(rest) { return .queryFailed(words) }
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
      return .waiting(words.isEmpty ? "waiting" : words.shown)
    case "2":
      guard fields.count > 3 else {
        return .unintelligible("an answer with status 2 that may be cut: no bar after the PIN")
      }
      // "Approved", and a sentence about trouble or about being under way in the PIN's place: not approved at all.
      // A group of a code may spell a word: `HATA-7K2M-9XQ4` is a PIN.
      let isCode = Pin(slot.withoutBlanks).isInGroups
      if !isCode, ZnetContract.isAboutAccess(slot) || ZnetContract.isAboutTrouble(slot) {
        return .queryFailed("an error in the form of a delivery: \(slot.shown)")
      }
      if ZnetContract.isUnderWay(slot) { return .waiting(slot.shown) }
      if ZnetWords.isPlaceholder(slot) { return .completed(nil, note: words.withoutCodes) }
      let pin = Pin(slot.withoutBlanks)
      return .completed(pin, note: words.replacingOccurrences(of: pin).withoutCodes)
    case "3":
      guard fields.count > 3 else { return .unintelligible("an answer with status 3 that may be cut") }
      return readCancellation(slot: slot, words: words)
    default:
      guard (1...2).contains(status.utf8.count), status.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
        return .unintelligible("an answer that begins with OK and has no status")
      }
      return .waiting(
        "status \(status), which is not documented" + (words.isEmpty ? "" : ": \(words.shown)"))
    }
  }

  private func readCancellation(slot: String, words: String) -> QueryOutcome {
    let slot = slot.withoutBlanks
    // Some panels answer a login error on every endpoint as `OK|3|bayikodu yada şifre geçersiz|0.00`, top-up style:
    // text in the third field, an amount in the fourth. That is no cancelled order, nor is what speaks of trouble.
    if !ZnetWords.isPlaceholder(slot), ZnetWords.isNumber(words) {
      return .queryFailed("an error in the form of a cancellation: \(slot.shown)")
    }
    for text in [slot, words] where ZnetContract.isAboutAccount(text) || ZnetContract.isAboutTrouble(text) {
      return .queryFailed("an error in the form of a cancellation: \(text.shown)")
    }
    if !words.isEmpty { return .cancelled(words.shown) }
    return .cancelled(ZnetWords.isPlaceholder(slot) ? "without a reason" : Self.reason(in: slot))
  }

  /// The slot may still hold the PIN of an order that was completed before it was cancelled.
  private static func reason(in slot: String) -> String {
    ZnetWords.looksLikeCode(slot) ? "without a reason, with a code in the PIN's place" : slot.shown
  }
}

extension String {
  /// The note may repeat the PIN.
  func replacingOccurrences(of pin: Pin) -> String {
    String(decoding: Redaction.removing(pin, from: Array(utf8)), as: UTF8.self)
  }
}
