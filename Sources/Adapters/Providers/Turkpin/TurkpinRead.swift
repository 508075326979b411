public import Orders

extension Turkpin: ContractedAdapter {
  public static let contract = AnswerContract(file: PackageResources.turkpin_tsv)

  public func row(of reply: WireReply, kind: Exchange.Kind, by contract: AnswerContract) -> AnswerRow? {
    contract.row(kind, TurkpinLine(reply, kind).line)
  }

  public func readSend(_ reply: WireReply) -> SendOutcome {
    let found = TurkpinLine(reply, .send)
    return SendReading(
      who: "the seller", line: found.line, words: Self.words(found), unexplained: Self.unexplained(found),
      receipt: found.receipt, pin: found.pin
    ).outcome(Self.contract.row(.send, found.line)?.means)
  }

  public func readQuery(_ reply: WireReply, account: ProviderAccount) -> QueryOutcome {
    Self.outcome(TurkpinLine(reply, .query))
  }

  /// The answer has to name the number that was asked about.
  public func readQuery(_ reply: WireReply, about reference: String, account: ProviderAccount) -> QueryOutcome {
    Self.outcome(TurkpinLine(reply, .query, about: reference))
  }

  private static func outcome(_ found: TurkpinLine) -> QueryOutcome {
    switch contract.row(.query, found.line)?.means {
    case .waiting: .waiting(found.message.isEmpty ? "waiting" : found.message.shown)
    case .completed: .completed(found.pin, note: "")
    case .completedWithoutPin: .completed(nil, note: found.message.withoutCodes)
    case .cancelled: .cancelled(found.message.isEmpty ? "cancelled" : found.message.shown)
    case .questionFailed: .queryFailed(found.line.problem.isEmpty ? words(found) : found.line.problemWords)
    default: .unintelligible(unexplained(found))
    }
  }

  public func readProbe(_ reply: WireReply) -> ProbeOutcome {
    let found = TurkpinLine(reply, .probe)
    guard Self.contract.row(.probe, found.line)?.means == .balance else {
      return .notWorking(
        found.line.problem.isEmpty && !found.message.isEmpty ? Self.words(found) : Self.unexplained(found))
    }
    return .working(
      balance: Money(parsing: found.line.fields(UInt8(ascii: "|"))[1], decimalMark: reply.decimalMark))
  }

  /// The games that the seller has codes for; a route names a product, which the panel lists.
  public func readCatalog(_ reply: WireReply) throws(CatalogError) -> [CatalogItem] {
    let found = TurkpinLine(reply, .catalog)
    guard let params = WireXML(reply.body)?["params"], !params.hasTwins, let list = params["oyunListesi"],
      ["error", "HATA_NO"].compactMap({ params[$0]?.text.withoutBlanks }) == ["000"]
    else {
      throw CatalogError(
        found.message.isEmpty ? "an answer that is no catalogue" : "the provider says: \(found.message.quoted)")
    }
    return list.children.map { game in
      let id = game["id"]?.text.withoutBlanks ?? ""
      return CatalogItem(
        id: id, name: game["name"]?.text.withoutBlanks ?? "", game: game["name"]?.text.withoutBlanks ?? "", cost: nil,
        parameters: ["oyunKodu": id],
        problem: "a game; the panel lists its products (urunKodu)")
    }
  }

  private static func words(_ found: TurkpinLine) -> String {
    let fields = found.line.fields(UInt8(ascii: "|"))
    let code = fields.count > 1 && fields[0] == "ERROR" ? "code \(fields[1].prefix(8))" : ""
    return [code, found.message.isEmpty ? "" : found.message.shown].filter { !$0.isEmpty }.joined(separator: ": ")
  }

  private static func unexplained(_ found: TurkpinLine) -> String {
    guard found.line.problem.isEmpty else { return found.line.problemWords }
    let fields = found.line.fields(UInt8(ascii: "|"))
    return "an answer that is not documented" + (fields.first == "ERROR" ? ": \(words(found))" : "")
  }
}
