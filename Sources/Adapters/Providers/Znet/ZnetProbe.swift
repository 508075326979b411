public import Orders

extension Znet {
  /// `OK|balance`, perhaps with the credit line used after it. `OK|3|bayikodu yada şifre geçersiz|0.00` is not a balance
  /// of 3.
  public func readProbe(_ reply: WireReply) -> ProbeOutcome { Self.readProbe(reply, by: Self.contract) }

  /// Top-ups and bills of the same panel have the same probe.
  static func readProbe(_ reply: WireReply, by contract: AnswerContract) -> ProbeOutcome {
    let line = AnswerLine(reply)
    guard contract.row(.probe, line)?.means == .balance else {
      switch line.problem {
      case "": return .notWorking("an answer that is no balance: \(line.text.quoted)")
      case "(empty)":
        return .notWorking("an empty answer: the panel's way to refuse the login, the address or the API permission")
      default: return .notWorking(line.problemWords)
      }
    }
    // An amount that reads in two ways is left out, and still shows that the account works: it must not keep a
    // provider shut.
    return .working(
      balance: Money(parsing: line.fields(UInt8(ascii: "|"))[1].withoutBlanks, decimalMark: reply.decimalMark))
  }
}
