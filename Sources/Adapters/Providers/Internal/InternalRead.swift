public import Orders

extension Internal: ContractedAdapter {
  public static let contract = AnswerContract(file: PackageResources.internal_tsv)

  public func row(of reply: WireReply, kind: Exchange.Kind, by contract: AnswerContract) -> AnswerRow? {
    contract.row(kind, InternalLine(reply, kind).line)
  }

  public func readSend(_ reply: WireReply) -> SendOutcome {
    let found = InternalLine(reply, .send)
    return SendReading(
      who: "the shop", line: found.line, words: Self.words(found), unexplained: Self.unexplained(found),
      receipt: found.receipt, pin: found.pin
    ).outcome(Self.contract.row(.send, found.line)?.means)
  }

  public func readQuery(_ reply: WireReply, account: ProviderAccount) -> QueryOutcome {
    Self.outcome(InternalLine(reply, .query), account)
  }

  /// A row that does not name our reference is another's.
  public func readQuery(_ reply: WireReply, about reference: String, account: ProviderAccount) -> QueryOutcome {
    Self.outcome(InternalLine(reply, .query, about: Zdk.uuid(of: reference)), account)
  }

  private static func outcome(_ found: InternalLine, _ account: ProviderAccount) -> QueryOutcome {
    switch contract.row(.query, found.line)?.means {
    case .waiting: .waiting(found.note.isEmpty ? "waiting" : found.note.shown)
    case .completed: .completed(found.pin, note: "")
    // Both with the shop's name for it, so that a second row bears it out only if it is of the same order.
    case .completedWithoutPin:
      .completed(nil, note: [found.rowID, found.note.withoutCodes].filter { !$0.isEmpty }.joined(separator: ": "))
    case .cancelled:
      .cancelled(
        "rejected\(found.rowID.isEmpty ? "" : " as \(found.rowID)")"
          + (found.note.isEmpty ? "" : ": \(found.note.shown)"))
    case .notFound:
      account.trustNotFoundAfter == nil
        ? .queryFailed("the list has no row for the order") : .notFound("the list has no row for the order")
    case .questionFailed: .queryFailed(found.line.problem.isEmpty ? words(found) : found.line.problemWords)
    default: .unintelligible(unexplained(found))
    }
  }

  public func readProbe(_ reply: WireReply) -> ProbeOutcome {
    let found = InternalLine(reply, .probe)
    guard Self.contract.row(.probe, found.line)?.means == .balance else {
      return .notWorking(
        found.line.problem.isEmpty && found.line.text.hasPrefix("ERROR") ? Self.words(found) : Self.unexplained(found))
    }
    return .working(balance: Money(parsing: found.line.text, decimalMark: reply.decimalMark ?? .point))
  }

  /// Products with their packages in them; a route names a package.
  public func readCatalog(_ reply: WireReply) throws(CatalogError) -> [CatalogItem] {
    guard reply.status == 200, let json = WireJSON(reply.body) else {
      throw CatalogError("an answer that is no catalogue (HTTP status \(reply.status))")
    }
    var products: [WireJSON] = []
    if case .list(let rows)? = json["products"] ?? json["data"] { products = rows }
    if case .list(let rows) = json { products = rows }
    let items = products.flatMap { product -> [CatalogItem] in
      guard case .list(let packages)? = product["packages"] else { return [] }
      return packages.map { package in
        let id = package["id"]?.scalar ?? ""
        let price = package["price"] ?? package["basePrice"]
        return CatalogItem(
          id: id, name: package["name"]?.scalar ?? "", game: product["name"]?.scalar ?? "",
          cost: price?.scalar.flatMap { Money(parsing: $0, decimalMark: reply.decimalMark ?? .point) },
          parameters: ["package": id], problem: id.isEmpty ? "no id" : nil)
      }
    }
    guard !items.isEmpty else { throw CatalogError("an answer without packages in it") }
    let counts = Dictionary(items.map { ($0.id, 1) }, uniquingKeysWith: +)
    return items.map { item in
      var item = item
      item.isAmbiguous = (counts[item.id] ?? 0) > 1
      return item
    }
  }

  private static func words(_ found: InternalLine) -> String {
    let fields = found.line.fields(UInt8(ascii: "|"))
    let code = fields.count > 2 ? fields[2].prefix(64).withoutCodes : ""
    return [code, found.message.isEmpty ? "" : found.message.shown].filter { !$0.isEmpty }.joined(separator: ": ")
  }

  private static func unexplained(_ found: InternalLine) -> String {
    found.line.problem.isEmpty ? "an answer that is not documented" : found.line.problemWords
  }
}
