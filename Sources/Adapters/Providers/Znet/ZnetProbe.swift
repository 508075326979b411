public import Orders

extension Znet {
  /// `OK|balance`, perhaps with the credit line used after it.
  public func readProbe(_ reply: WireReply) -> ProbeOutcome {
    let text: ReplyText
    do {
      text = try ReplyText(reply)
    } catch {
      guard error == .empty else { return .notWorking(error.words) }
      return .notWorking("an empty answer: the panel's way to refuse the login, the address or the API permission")
    }
    let fields = text.fields
    // `OK|3|bayikodu yada şifre geçersiz|0.00` is not a balance of 3.
    let isBalance =
      fields[0] == "OK" && fields.count >= 2 && ZnetWords.isNumber(fields[1])
      && fields.dropFirst(2).allSatisfy { $0.withoutBlanks.isEmpty || ZnetWords.isNumber($0) }
    guard isBalance else { return .notWorking("an answer that is no balance: \(text.text.quoted)") }
    // An amount that reads in two ways is left out, and still shows that the account works: it must not keep a
    // provider shut.
    return .working(balance: Money(parsing: fields[1].withoutBlanks, decimalMark: reply.decimalMark))
  }
}
