public import Orders

extension Zdk: ContractedAdapter {
  public static let contract = AnswerContract(file: PackageResources.zdk_tsv)

  public func row(of reply: WireReply, kind: Exchange.Kind, by contract: AnswerContract) -> AnswerRow? {
    contract.row(kind, ZdkLine(reply, kind).line)
  }

  public func readSend(_ reply: WireReply) -> SendOutcome {
    let found = ZdkLine(reply, .send)
    return SendReading(
      who: "the store", line: found.line, words: Self.words(found), unexplained: Self.unexplained(found),
      receipt: found.receipt, pin: found.pin
    ).outcome(Self.contract.row(.send, found.line)?.means)
  }

  public func readQuery(_ reply: WireReply, account: ProviderAccount) -> QueryOutcome {
    Self.outcome(ZdkLine(reply, .query), account)
  }

  /// A row that names another UUID is another's.
  public func readQuery(_ reply: WireReply, about reference: String, account: ProviderAccount) -> QueryOutcome {
    Self.outcome(ZdkLine(reply, .query, about: Self.uuid(of: reference)), account)
  }

  private static func outcome(_ found: ZdkLine, _ account: ProviderAccount) -> QueryOutcome {
    switch contract.row(.query, found.line)?.means {
    case .waiting: .waiting(found.text.isEmpty ? "waiting" : found.text.shown)
    case .completed: .completed(found.pin, note: "")
    // Both with the store's name for it, so that a second row bears it out only if it is of the same order.
    case .completedWithoutPin:
      .completed(
        nil, note: [found.rowID, found.text.withoutCodes].filter { !$0.isEmpty }.joined(separator: ": "))
    case .cancelled:
      .cancelled(
        "rejected\(found.rowID.isEmpty ? "" : " as \(found.rowID)")"
          + (found.text.isEmpty ? "" : ": \(found.text.shown)"))
    case .notFound: .notFound("the list has no row for the order")
    case .questionFailed: .queryFailed(found.line.problem.isEmpty ? words(found) : found.line.problemWords)
    default: .unintelligible(unexplained(found))
    }
  }

  public func readProbe(_ reply: WireReply) -> ProbeOutcome {
    let found = ZdkLine(reply, .probe)
    guard Self.contract.row(.probe, found.line)?.means == .balance else {
      return .notWorking(
        found.line.problem.isEmpty && !found.message.isEmpty ? Self.words(found) : Self.unexplained(found))
    }
    let isMarked = reply.decimalMark ?? .point
    return .working(balance: Money(parsing: found.line.text, decimalMark: isMarked))
  }

  private static func words(_ found: ZdkLine) -> String {
    let fields = found.line.fields(UInt8(ascii: "|"))
    if fields.first == "OK" { return found.text.isEmpty ? "rejected" : "rejected: \(found.text.shown)" }
    let code = fields.count > 1 ? fields[1] : ""
    return "code \(code.isEmpty ? "missing" : String(code.prefix(8)))"
      + (found.message.isEmpty ? "" : ": \(found.message.shown)")
  }

  private static func unexplained(_ found: ZdkLine) -> String {
    found.line.problem.isEmpty ? "an answer that is not documented" : found.line.problemWords
  }
}
