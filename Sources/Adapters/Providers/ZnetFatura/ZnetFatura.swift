public import Orders

/// Bills at a znet panel: `fatura_ekle.php` and `fatura_kontrol.php`.
///
/// In `fatura_kontrol` 1 is waiting and 2 is approved, and code 4 of `fatura_ekle` is a repetition or something else. What
/// they mean stands in `znet-fatura.tsv`. The question for many bills at once (`fatura_top_kontrol`) is not used: it leaves
/// out what waits, and a server was seen that gives each the status of the first.
public struct ZnetFatura: SendingAdapter, QueryingAdapter, ProbingAdapter, ContractedAdapter {
  public static let name = "znet-fatura"
  public static let credentialNames = ["kod", "sifre"]
  public static let parameterNotes = [
    "kurum_id=ID of kurum_listesi", "abone_adi={name}", "son_odeme_tarihi={due_date}, such as 2026-12-31",
    "tesisat_no={subscriber}", "fatura_no={bill}", "fatura_tutari={amount}, with a point",
    "kurum_kodu=two digits, where the institution needs it",
  ]
  public static let contract = AnswerContract(file: PackageResources.znet_fatura_tsv)
  private static let taken = ZnetParameters(
    adapter: name,
    required: ["kurum_id", "abone_adi", "son_odeme_tarihi", "tesisat_no", "fatura_no", "fatura_tutari"],
    optional: ["kurum_kodu"], numbers: ["kurum_id": "kurum_listesi's KURUM_ID"])
  private static let login = [(name: "kod", credential: "kod"), (name: "sifre", credential: "sifre")]

  public init() {}

  /// A repeated reference is documented to be refused with code 4, one after the other; what two at once do is not known.
  public var facts: ProviderFacts {
    ProviderFacts(
      notFound: .never, resendSafe: .sequential, referenceDigits: 15, quantityMax: 1,
      requiredParameters: Self.taken.required, otherParameters: .these(Self.taken.optional))
  }

  public func validate(parameters: [String: String]) -> [ParameterProblem] {
    var problems = Self.taken.problems(parameters)
    func complain(_ name: String, _ message: String) {
      if !problems.contains(where: { $0.parameter == name }) {
        problems.append(.init(parameter: name, message: message))
      }
    }
    if !Self.isDay(parameters["son_odeme_tarihi"] ?? "") {
      complain("son_odeme_tarihi", "must be a day such as 2026-12-31")
    }
    let amount = parameters["fatura_tutari"] ?? ""
    if amount.contains(",")
      || Money(parsing: amount, decimalMark: .point).map({ $0 <= Money(tenThousandths: 0) }) ?? true
    {
      complain("fatura_tutari", "must be an amount with a point, such as 149.90")
    }
    return problems
  }

  private static func isDay(_ text: String) -> Bool {
    let parts = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
    return parts.map(\.count) == [4, 2, 2] && parts.joined().allSatisfy(\.isASCIIDigit)
  }

  public func send(reference: String, parameters: [String: String], account: ProviderAccount) -> WireRequest {
    ZnetParameters.request("fatura_ekle", account, login: Self.login) { builder in
      for name in Self.taken.all { if let value = parameters[name] { builder.add(name, value) } }
      builder.add("tahsilat_api_islem_id", reference)
    }
  }

  public func query(reference: String, account: ProviderAccount) -> WireRequest {
    ZnetParameters.request("fatura_kontrol", account, login: Self.login) {
      $0.add("tahsilat_api_islem_id", reference)
    }
  }

  public func probe(account: ProviderAccount) -> WireRequest {
    ZnetParameters.request("bakiye_kontrol", account, login: Self.login) { _ in }
  }

  public func row(of reply: WireReply, kind: Exchange.Kind, by contract: AnswerContract) -> AnswerRow? {
    contract.row(kind, AnswerLine(reply))
  }

  public func readSend(_ reply: WireReply) -> SendOutcome {
    let line = AnswerLine(reply)
    let fields = line.fields(UInt8(ascii: "|"))
    let text = (fields.dropFirst().first { !ZnetWords.isNumber($0) } ?? "").withoutBlanks.shown
    let means = Self.contract.row(.send, line)?.means
    guard means == .accepted else { return ZnetLines.sendOutcome(line, means, text, Receipt()) }
    let amounts = fields.indices.map { ZnetLines.amount($0, of: fields, reply.decimalMark) }
    return ZnetLines.sendOutcome(line, means, text, Receipt(cost: amounts[3]?.magnitude, balance: amounts[2]))
  }

  public func readQuery(_ reply: WireReply, account: ProviderAccount) -> QueryOutcome {
    let line = AnswerLine(reply)
    return ZnetLines.outcome(line, Self.contract.row(.query, line)?.means, account)
  }

  public func readProbe(_ reply: WireReply) -> ProbeOutcome { Znet.readProbe(reply, by: Self.contract) }

  public func mayBeAboutBalance(_ reply: WireReply) -> Bool {
    Self.contract.row(.send, AnswerLine(reply))?.means != .accepted && ZnetLines.mentionsBalance(reply)
  }

  public func redact(_ reply: WireReply, kind: Exchange.Kind, pin: Pin?) -> [UInt8] { ZnetLines.redact(reply) }
}
