public import Orders

extension Znet {
  /// `OK|cost|balance` is an acceptance; a refusal is `3|` and a text that ``ZnetContract`` explains. Everything else leaves
  /// open whether there is an order.
  public func readSend(_ reply: WireReply) -> SendOutcome {
    let text: ReplyText
    do { text = try ReplyText(reply) } catch { return .unknown(error.words) }
    let fields = text.fields
    let rest = fields.dropFirst().joined(separator: "|").withoutBlanks
    switch fields[0] {
    case "OK": return readAccepted(fields, reply.decimalMark)
    case "3" where fields.count >= 2:
      switch ZnetContract.meaning(ofRefusal: rest) {
      case .refused: return .refused(rest.shown)
      case .noAccess: return .accountTrouble(rest.shown, isBalance: false)
      case .noBalance: return .accountTrouble(rest.shown, isBalance: true)
      case .repetition: return .unknown("refused as a repetition, so there may be an order: \(rest.shown)")
      case .trouble: return .unknown("the panel is in trouble, so there may be an order: \(rest.shown)")
      case nil:
        return .unknown(
          rest.isEmpty ? "code 3 without a text" : "code 3 with a text that nobody has described: \(rest.shown)")
      }
    case "8" where fields.count >= 2:
      // One text for "no connection" and "balance too low".
      return .unknown("code 8, which says either of two things: \(rest.shown)")
    case "4" where fields.count >= 2:
      return .unknown("code 4, which may mean that the reference is already there: \(rest.shown)")
    default:
      return .unknown("an answer that is not documented, beginning with \(fields[0].prefix(4).quoted)")
    }
  }

  /// Both must be numbers: `OK|3|bayikodu yada şifre geçersiz|0.00` and `OK|Sistemsel hata|0.00` begin alike.
  private func readAccepted(_ fields: [String], _ mark: Money.DecimalMark?) -> SendOutcome {
    // A login error in the form that the panel has for top-ups. It is no more than what it says: whether there is an
    // order, a question shows.
    if fields.count >= 3, fields[1] == "3", ZnetContract.isAboutAccess(fields[2]) {
      return .accountTrouble(fields[2].withoutBlanks.shown, isBalance: false)
    }
    guard fields.count >= 3, ZnetWords.isNumber(fields[1]), ZnetWords.isNumber(fields[2]) else {
      return .unknown("an answer that begins with OK but is no acceptance")
    }
    return .accepted(
      Receipt(
        // Some panels write the debit as a negative number.
        cost: Money(parsing: fields[1].withoutBlanks, decimalMark: mark)?.magnitude,
        balance: Money(parsing: fields[2].withoutBlanks, decimalMark: mark)))
  }

  /// One text stands for "no connection" and "no money": the balance tells which.
  public func mayBeAboutBalance(_ reply: WireReply) -> Bool {
    guard let fields = try? ReplyText(reply).fields else { return false }
    let isRefusal = ["3", "4", "8"].contains(fields[0]) || fields[0] == "OK" && fields.dropFirst().first == "3"
    return isRefusal && ZnetContract.mentionsBalance(fields.dropFirst().joined(separator: "|"))
  }
}
