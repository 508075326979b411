public import Orders

extension Znet {
  /// `OK|cost|balance` is an acceptance; a refusal is `3|` and a text that the contract explains. Everything else leaves
  /// open whether there is an order.
  public func readSend(_ reply: WireReply) -> SendOutcome {
    let line = AnswerLine(reply)
    guard line.problem.isEmpty else { return .unknown(line.problemWords) }
    let fields = line.fields(UInt8(ascii: "|"))
    let rest = fields.dropFirst().joined(separator: "|").withoutBlanks
    let means = Self.contract.row(.send, line)?.means
    switch means {
    case .accepted:
      return .accepted(
        Receipt(
          // Some panels write the debit as a negative number.
          cost: Money(parsing: fields[1].withoutBlanks, decimalMark: reply.decimalMark)?.magnitude,
          balance: Money(parsing: fields[2].withoutBlanks, decimalMark: reply.decimalMark)))
    case .refused: return .refused(rest.shown)
    // A login error may have the form that the panel has for top-ups. It is no more than what it says: whether there is
    // an order, a question shows.
    case .noAccess:
      return .accountTrouble(fields[0] == "OK" ? fields[2].withoutBlanks.shown : rest.shown, isBalance: false)
    case .noBalance: return .accountTrouble(rest.shown, isBalance: true)
    default: return .unknown(Self.doubt(fields, rest, means))
    }
  }

  /// Why nobody knows whether there is an order.
  private static func doubt(_ fields: [String], _ rest: String, _ means: AnswerMeaning?) -> String {
    switch (fields[0], means) {
    case ("3", .repetition): "refused as a repetition, so there may be an order: \(rest.shown)"
    case ("3", .trouble): "the panel is in trouble, so there may be an order: \(rest.shown)"
    case ("3", _) where fields.count >= 2:
      rest.isEmpty ? "code 3 without a text" : "code 3 with a text that nobody has described: \(rest.shown)"
    case ("4", .repetition): "code 4, which may mean that the reference is already there: \(rest.shown)"
    // One text for "no connection" and "balance too low".
    case ("8", .trouble): "code 8, which says either of two things: \(rest.shown)"
    case ("OK", _): "an answer that begins with OK but is no acceptance"
    default: "an answer that is not documented, beginning with \(fields[0].prefix(4).quoted)"
    }
  }

  /// One text stands for "no connection" and "no money": the balance tells which.
  public func mayBeAboutBalance(_ reply: WireReply) -> Bool {
    guard let fields = try? ReplyText(reply).fields else { return false }
    let isRefusal = ["3", "4", "8"].contains(fields[0]) || fields[0] == "OK" && fields.dropFirst().first == "3"
    return isRefusal && Self.mentionsBalance(fields.dropFirst().joined(separator: "|"))
  }
}
