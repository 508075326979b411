public import Orders

extension Reloadly: ContractedAdapter, SteppingAdapter {
  public static let contract = AnswerContract(file: PackageResources.reloadly_tsv)

  public func row(of reply: WireReply, kind: Exchange.Kind, by contract: AnswerContract) -> AnswerRow? {
    contract.row(kind, ReloadlyLine(reply, kind).line)
  }

  /// The code of a gift card that was bought is another request.
  public func step(
    after replies: [WireReply], of kind: Exchange.Kind, reference: String, account: ProviderAccount
  ) -> WireRequest? {
    guard kind == .query, replies.count == 1 else { return nil }
    let found = ReloadlyLine(replies[0], .query, about: reference)
    return Self.means(found, .query) == .step ? cards(of: found.id, account) : nil
  }

  // MARK: Sends

  public func readSend(_ reply: WireReply) -> SendOutcome { Self.outcome(ReloadlyLine(reply, .send)) }

  public func readSend(_ replies: [WireReply], reference: String) -> SendOutcome {
    guard let reply = replies.first else { return .unknown("no answer") }
    return Self.outcome(ReloadlyLine(reply, .send, about: reference))
  }

  private static func means(_ found: ReloadlyLine, _ kind: Exchange.Kind) -> AnswerMeaning? {
    contract.row(kind, found.line)?.means
  }

  private static func outcome(_ found: ReloadlyLine) -> SendOutcome {
    SendReading(
      who: "the provider", line: found.line, words: words(found), unexplained: unexplained(found),
      receipt: found.receipt, pin: found.pin
    ).outcome(means(found, .send))
  }

  // MARK: Questions

  public func readQuery(_ reply: WireReply, account: ProviderAccount) -> QueryOutcome {
    Self.answer(ReloadlyLine(reply, .query))
  }

  public func readQuery(_ replies: [WireReply], about reference: String, account: ProviderAccount) -> QueryOutcome {
    let lines = replies.map { ReloadlyLine($0, .query, about: reference) }
    guard let report = lines.first else { return .queryFailed("no answer") }
    // A list of cards says nowhere whose they are: it is only believed where it was asked for.
    guard !report.isCards else { return .unintelligible("cards, where a report was asked for") }
    guard lines.count > 1, let cards = lines.last else { return Self.answer(report) }
    if cards.line.problem.isEmpty, cards.code.isEmpty, !cards.isCards {
      return .unintelligible("no cards, where they were asked for")
    }
    return Self.answer(cards)
  }

  private static func answer(_ found: ReloadlyLine) -> QueryOutcome {
    switch means(found, .query) {
    case .waiting: .waiting(found.isCards ? "bought, but its code is not there yet" : found.status.shown)
    case .completed: .completed(found.pin, note: "")
    // Both with Reloadly's name for it, so that a second row bears it out only if it is of the same transaction.
    case .completedWithoutPin: .completed(nil, note: "transaction \(found.id)")
    case .cancelled: .cancelled("\(found.status.shown), transaction \(found.id)")
    case .notFound: .notFound("no transaction has the customIdentifier")
    case .step: .queryFailed("it is bought, and its code was not asked for")
    case .questionFailed: .queryFailed(found.line.problem.isEmpty ? words(found) : found.line.problemWords)
    default: .unintelligible(unexplained(found))
    }
  }

  public func readProbe(_ reply: WireReply) -> ProbeOutcome {
    let found = ReloadlyLine(reply, .probe)
    guard Self.means(found, .probe) == .balance else {
      return .notWorking(
        found.line.problem.isEmpty && !found.message.isEmpty ? Self.words(found) : Self.unexplained(found))
    }
    return .working(balance: Money(parsing: found.line.text, decimalMark: reply.decimalMark ?? .point))
  }

  // MARK: Words

  static func words(_ found: ReloadlyLine) -> String {
    guard !found.code.isEmpty else { return found.status.isEmpty ? "no status" : found.status.shown }
    return "\(found.code.shown)" + (found.message.isEmpty ? "" : ": \(found.message.shown)")
  }

  private static func unexplained(_ found: ReloadlyLine) -> String {
    found.line.problem.isEmpty ? "an answer that is not documented" : found.line.problemWords
  }
}

extension Reloadly: NoticeAdapter {
  /// What Reloadly posts is described nowhere in full, and how it is signed was not seen: so it is a reason to ask, where our name
  /// stands in it.
  public func readNotice(_ request: NoticeRequest, account: ProviderAccount) -> Notice {
    guard let json = WireJSON(request.body) else { return .rejected("no JSON") }
    for place in [json, json["data"], json["transaction"], json["data"]?["transaction"]] {
      guard let place, case .text(let reference)? = place["customIdentifier"],
        (1...Self.identifierBytesMax).contains(reference.utf8.count),
        !reference.unicodeScalars.contains(where: { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) })
      else { continue }
      let id = place["transactionId"]?.scalar ?? ""
      return .hint(Notice.Subject(reference: reference, providerID: id.isRowNumber ? id : nil))
    }
    return .rejected("no customIdentifier")
  }
}

extension Reloadly {
  public func redact(_ reply: WireReply, kind: Exchange.Kind, pin: Pin?) -> [UInt8] {
    Self.redaction.shown(reply, pin: pin)
  }

  private static let redaction = JSONRedaction(
    secret: [
      "pinDetail", "cardNumber", "pinCode", "redemptionUrl", "serial", "access_token", "recipientEmail",
      "recipientPhone",
      "senderPhone",
    ],
    amounts: [
      "amount", "balance", "cost", "discount", "fee", "smsFee", "unitPrice", "totalPrice", "requestedAmount",
      "deliveredAmount", "oldBalance", "newBalance",
    ],
    numbers: [
      "transactionId", "customIdentifier", "operatorId", "productId", "quantity", "totalElements", "totalPages", "size",
    ],
    words: [
      "status", "errorCode", "currencyCode", "timeStamp", "transactionDate", "transactionCreatedTime", "updatedAt",
      "countryCode",
    ])
}
