public import Orders

extension DTOne: ContractedAdapter, SteppingAdapter {
  public static let contract = AnswerContract(file: PackageResources.dtone_tsv)
  /// "Transaction external ID has already been used".
  static let alreadyUsed = "1007001"

  public func row(of reply: WireReply, kind: Exchange.Kind, by contract: AnswerContract) -> AnswerRow? {
    contract.row(kind, DTOneLine(reply, kind).line)
  }

  // MARK: Sends

  /// What was created is confirmed. What is there already is looked up, and confirmed where nobody has: then the send before
  /// broke off between the two.
  public func step(
    after replies: [WireReply], of kind: Exchange.Kind, reference: String, account: ProviderAccount
  ) -> WireRequest? {
    guard kind == .send, let last = replies.last else { return nil }
    let found = DTOneLine(last, .send, about: reference)
    let isLookUp = replies.count == 2 && Self.isTaken(replies[0])
    if replies.count == 1, found.code == Self.alreadyUsed { return lookUp(reference, account) }
    guard replies.count == 1 || isLookUp, found.isList == isLookUp, Self.means(found, .send) == .step else {
      return nil
    }
    return confirm(found.id, account)
  }

  public func readSend(_ reply: WireReply) -> SendOutcome { Self.outcome(DTOneLine(reply, .send)) }

  public func readSend(_ replies: [WireReply], reference: String) -> SendOutcome {
    let lines = replies.map { DTOneLine($0, .send, about: reference) }
    guard let last = lines.last else { return .unknown("no answer") }
    let outcome = Self.outcome(last)
    guard lines.count > 1 else { return outcome }
    switch outcome {
    case .accepted(let receipt), .delivered(_, _, let receipt):
      // What was confirmed is what was created.
      let created = lines[lines.count - 2].id
      guard receipt.providerID == created else {
        return .unknown("transaction \(created) was confirmed, and the answer is about another one")
      }
      return outcome
    case .refused(let why), .accountTrouble(let why, _):
      // It is there, and whether it was confirmed after all a question shows.
      return .unknown("it is created there, and the next request was refused: \(why)")
    case .notSent, .unknown: return outcome
    }
  }

  private static func isTaken(_ reply: WireReply) -> Bool { DTOneLine(reply, .send).code == alreadyUsed }

  private static func means(_ found: DTOneLine, _ kind: Exchange.Kind) -> AnswerMeaning? {
    contract.row(kind, found.line)?.means
  }

  private static func outcome(_ found: DTOneLine) -> SendOutcome {
    SendReading(
      who: "the provider", line: found.line, words: words(found), unexplained: unexplained(found),
      receipt: found.receipt, pin: found.pin
    ).outcome(means(found, .send))
  }

  // MARK: Questions

  public func readQuery(_ reply: WireReply, account: ProviderAccount) -> QueryOutcome {
    Self.answer(DTOneLine(reply, .query))
  }

  public func readQuery(_ replies: [WireReply], about reference: String, account: ProviderAccount) -> QueryOutcome {
    guard let reply = replies.last else { return .queryFailed("no answer") }
    return Self.answer(DTOneLine(reply, .query, about: reference))
  }

  private static func answer(_ found: DTOneLine) -> QueryOutcome {
    switch means(found, .query) {
    case .waiting: .waiting(found.status.isEmpty ? "under way" : found.status.shown)
    case .completed: .completed(found.pin, note: "")
    // Both with DT One's name for it, so that a second row bears it out only if it is of the same transaction.
    case .completedWithoutPin: .completed(nil, note: "transaction \(found.id)")
    case .cancelled: .cancelled("\(found.status.isEmpty ? "cancelled" : found.status.shown), transaction \(found.id)")
    case .notFound where found.id.isEmpty: .notFound("no transaction has the external_id")
    case .notFound:
      .notFound("transaction \(found.id) is created there but never confirmed, so not executed")
    case .questionFailed: .queryFailed(found.line.problem.isEmpty ? words(found) : found.line.problemWords)
    default: .unintelligible(unexplained(found))
    }
  }

  public func readProbe(_ reply: WireReply) -> ProbeOutcome {
    let found = DTOneLine(reply, .probe)
    guard Self.means(found, .probe) == .balance else {
      return .notWorking(
        found.line.problem.isEmpty && !found.message.isEmpty ? Self.words(found) : Self.unexplained(found))
    }
    // Of several currencies none is the account's.
    return .working(balance: Money(parsing: found.line.text, decimalMark: reply.decimalMark ?? .point))
  }

  // MARK: Words

  static func words(_ found: DTOneLine) -> String {
    if !found.code.isEmpty {
      return "error \(found.code)" + (found.message.isEmpty ? "" : ": \(found.message.shown)")
    }
    return found.status.isEmpty ? "no status" : found.status.shown
  }

  private static func unexplained(_ found: DTOneLine) -> String {
    found.line.problem.isEmpty ? "an answer that is not documented" : found.line.problemWords
  }
}

extension DTOne: NoticeAdapter {
  /// A transaction, posted without a signature: anybody may have sent it.
  public func readNotice(_ request: NoticeRequest, account: ProviderAccount) -> Notice {
    guard let json = WireJSON(request.body), case .text(let reference)? = json["external_id"],
      (1...Self.externalIDBytesMax).contains(reference.utf8.count),
      reference.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
    else { return .rejected("no transaction with an external_id") }
    let id = json["id"]?.scalar ?? ""
    return .hint(Notice.Subject(reference: reference, providerID: id.isRowNumber ? id : nil))
  }
}

extension DTOne {
  public func redact(_ reply: WireReply, kind: Exchange.Kind, pin: Pin?) -> [UInt8] {
    Self.redaction.shown(reply, pin: pin)
  }

  private static let redaction = JSONRedaction(
    secret: ["pin", "serial", "credit_party_identifier", "debit_party_identifier", "sender", "beneficiary"],
    amounts: ["amount", "fee", "available", "holding"],
    numbers: ["id", "external_id", "code", "product_id"],
    words: [
      "message", "type", "unit", "unit_type", "creation_date", "confirmation_date", "confirmation_expiration_date",
    ])
}
