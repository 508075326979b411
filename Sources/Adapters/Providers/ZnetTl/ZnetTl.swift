public import Orders

/// Mobile top-ups at a znet panel: `tl_servis.php` and `tl_kontrol.php`.
///
/// Beside ``Znet`` the digits mean other things: in `tl_kontrol` 1 is success and 2 under way, and each answer of
/// `tl_servis` begins with `OK`, also a refusal. What they mean stands in `znet-tl.tsv`.
public struct ZnetTl: SendingAdapter, QueryingAdapter, ProbingAdapter, ContractedAdapter {
  public static let name = "znet-tl"
  public static let credentialNames = ["bayi_kodu", "sifre"]
  public static let parameterNotes = [
    "operator=Turkcell|Vodafone|Avea", "tip=tam|3gcep|3g|ses|sms|bal", "kontor=CODE, a number",
    "gsmno={phone}, ten digits from 5 on",
  ]
  public static let contract = AnswerContract(file: PackageResources.znet_tl_tsv)
  private static let taken = ZnetParameters(
    adapter: name, required: ["operator", "tip", "kontor", "gsmno"],
    numbers: ["kontor": "the panel's code of the package", "gsmno": "ten digits from 5 on"])
  private static let phoneDigits = 10
  private static let login = [(name: "bayi_kodu", credential: "bayi_kodu"), (name: "sifre", credential: "sifre")]

  public init() {}

  /// A repeated reference was seen refused with 8 and with 3, and answered as before; an unknown one answered with nothing,
  /// or in the form of a cancellation.
  public var facts: ProviderFacts {
    ProviderFacts(
      notFound: .never, resendSafe: .unknown, referenceDigits: 15, quantityMax: 1,
      requiredParameters: Self.taken.required)
  }

  public func validate(parameters: [String: String]) -> [ParameterProblem] {
    var problems = Self.taken.problems(parameters)
    let phone = parameters["gsmno"] ?? ""
    if !problems.contains(where: { $0.parameter == "gsmno" }),
      phone.utf8.count != Self.phoneDigits || phone.utf8.first != UInt8(ascii: "5")
    {
      problems.append(.init(parameter: "gsmno", message: "must be ten digits, the first a 5"))
    }
    return problems
  }

  public func send(reference: String, parameters: [String: String], account: ProviderAccount) -> WireRequest {
    ZnetParameters.request("tl_servis", account, login: Self.login) { builder in
      for name in Self.taken.required { builder.add(name, parameters[name] ?? "") }
      builder.add("tekilnumara", reference)
    }
  }

  public func query(reference: String, account: ProviderAccount) -> WireRequest {
    ZnetParameters.request("tl_kontrol", account, login: Self.login) { $0.add("tekilnumara", reference) }
  }

  /// The balance has another name for the same login.
  public func probe(account: ProviderAccount) -> WireRequest {
    ZnetParameters.request(
      "bakiye_kontrol", account, login: [("kod", "bayi_kodu"), ("sifre", "sifre")]
    ) { _ in }
  }

  public func row(of reply: WireReply, kind: Exchange.Kind, by contract: AnswerContract) -> AnswerRow? {
    contract.row(kind, Self.line(reply, kind))
  }

  /// Texts of `tl_kontrol` may be written as in a URL.
  private static func line(_ reply: WireReply, _ kind: Exchange.Kind) -> AnswerLine {
    kind == .query ? AnswerLine(reply, reading: { $0.withoutPercents }) : AnswerLine(reply)
  }

  public func readSend(_ reply: WireReply) -> SendOutcome {
    let line = Self.line(reply, .send)
    let fields = line.fields(UInt8(ascii: "|"))
    let text = fields.count > 2 ? fields[2].withoutBlanks.shown : ""
    let means = Self.contract.row(.send, line)?.means
    // Of an acceptance alone the table says that there are so many fields.
    let cost = means == .accepted ? ZnetLines.amount(3, of: fields, reply.decimalMark)?.magnitude : nil
    return ZnetLines.sendOutcome(line, means, text, Receipt(cost: cost))
  }

  public func readQuery(_ reply: WireReply, account: ProviderAccount) -> QueryOutcome {
    let line = Self.line(reply, .query)
    return ZnetLines.outcome(line, Self.contract.row(.query, line)?.means, account)
  }

  public func readProbe(_ reply: WireReply) -> ProbeOutcome { Znet.readProbe(reply, by: Self.contract) }

  public func mayBeAboutBalance(_ reply: WireReply) -> Bool {
    Self.contract.row(.send, Self.line(reply, .send))?.means != .accepted && ZnetLines.mentionsBalance(reply)
  }

  public func redact(_ reply: WireReply, kind: Exchange.Kind, pin: Pin?) -> [UInt8] { ZnetLines.redact(reply) }
}
