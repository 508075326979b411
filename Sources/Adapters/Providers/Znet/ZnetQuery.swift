public import Orders

extension Znet {
  /// `OK|1|…` waiting, `OK|2|PIN|…` completed, `OK|3|…` cancelled. A line that begins with `3` is a failed question,
  /// never a cancelled order: reading it as one refunds a live order.
  ///
  /// What would settle an order is read from a whole line only, `OK|STATUS|PIN|DESCRIPTION`: the bar after the PIN's place
  /// shows that the place was not cut.
  public func readQuery(_ reply: WireReply, account: ProviderAccount) -> QueryOutcome {
    let line = AnswerLine(reply)
    let row = Self.contract.row(.query, line)
    guard line.problem.isEmpty else {
      return row == nil ? .unintelligible(line.problemWords) : .queryFailed(line.problemWords)
    }
    let fields = line.fields(UInt8(ascii: "|"))
    guard let row else { return .unintelligible(Self.unexplained(fields)) }
    let slot = fields.count > 2 ? fields[2] : ""
    // The description may contain bars.
    let words = fields.dropFirst(3).joined(separator: "|").withoutBlanks
    switch row.means {
    case .waiting: return .waiting(Self.waiting(fields, slot, words))
    case .completedWithoutPin: return .completed(nil, note: words.withoutCodes)
    case .completed:
      let pin = Pin(slot.withoutBlanks)
      return .completed(pin, note: words.replacingOccurrences(of: pin).withoutCodes)
    case .cancelled:
      if !words.isEmpty { return .cancelled(words.shown) }
      return .cancelled(ZnetWords.isPlaceholder(slot) ? "without a reason" : Self.reason(in: slot.withoutBlanks))
    case .notFound:
      let words = Self.refusal(fields)
      return account.trustNotFoundAfter == nil ? .queryFailed(words) : .notFound(words)
    default: return .queryFailed(Self.failure(fields, slot, words))
    }
  }

  private static func unexplained(_ fields: [String]) -> String {
    guard fields[0] == "OK" else {
      // Quoted no further: what follows may be a PIN.
      return "an answer that is not documented, beginning with \(fields[0].prefix(4).quoted)"
    }
    switch fields.dropFirst().first {
    case "2": return "an answer with status 2 that may be cut: no bar after the PIN"
    case "3": return "an answer with status 3 that may be cut"
    default: return "an answer that begins with OK and has no status"
    }
  }

  private static func waiting(_ fields: [String], _ slot: String, _ words: String) -> String {
    switch fields[1] {
    case "1": words.isEmpty ? "waiting" : words.shown
    case "2": slot.shown
    default: "status \(fields[1]), which is not documented" + (words.isEmpty ? "" : ": \(words.shown)")
    }
  }

  private static func failure(_ fields: [String], _ slot: String, _ words: String) -> String {
    guard fields[0] == "OK" else { return refusal(fields) }
    if fields[1] == "2" { return "an error in the form of a delivery: \(slot.shown)" }
    return
      "an error in the form of a cancellation: \((ZnetWords.isPlaceholder(slot) ? words : slot.withoutBlanks).shown)"
  }

  private static func refusal(_ fields: [String]) -> String {
    let rest = fields.dropFirst().joined(separator: "|").withoutBlanks
    return rest.isEmpty ? "code 3 without a text" : "code 3: \(rest.shown)"
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
