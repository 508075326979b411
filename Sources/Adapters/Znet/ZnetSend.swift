public import Orders

extension Znet {
  /// `OK|cost|balance` is an acceptance, `3|text` a refusal; everything else leaves open whether there is an order.
  public func readSend(_ reply: WireReply) -> SendOutcome {
    let text: ReplyText
    do { text = try ReplyText(reply) } catch { return .unknown(error.words) }
    let fields = text.fields
    let rest = fields.dropFirst().joined(separator: "|").withoutBlanks
    switch fields[0] {
    case "OK":
      // Both must be numbers: `OK|3|bayikodu yada şifre geçersiz|0.00` and `OK|Sistemsel hata|0.00` begin alike.
      guard fields.count >= 3, ZnetWords.isNumber(fields[1]), ZnetWords.isNumber(fields[2]) else {
        return .unknown("an answer that begins with OK but is no acceptance")
      }
      return .accepted(
        // Some panels write the debit as a negative number.
        cost: Money(parsing: fields[1].withoutBlanks)?.magnitude, balance: Money(parsing: fields[2].withoutBlanks))
    case "3" where fields.count >= 2:
      if ZnetWords.isAboutRepetition(rest) {
        return .unknown("refused as a repetition, so there may be an order: \(rest.quoted)")
      }
      return .refused(rest.isEmpty ? "without a reason" : rest.quoted)
    case "8" where fields.count >= 2:
      // One text for "no connection" and "balance too low".
      return .unknown("code 8, which says either of two things: \(rest.quoted)")
    case "4" where fields.count >= 2:
      return .unknown("code 4, which may mean that the reference is already there: \(rest.quoted)")
    default:
      return .unknown("an answer that is not documented, beginning with \(fields[0].prefix(8).quoted)")
    }
  }
}
