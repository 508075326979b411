public import Orders

/// Turkpin, a seller of game codes: `POST {base}/api.php`, an XML document in the form field `DATA`, XML back.
///
/// It takes **no reference of ours**, so a send whose answer was lost can't be asked about: that order is a person's, who looks at the
/// panel's list. One that was answered has the seller's number (`siparisNo`), and is asked about by that. What the answers mean stands in
/// `turkpin.tsv`.
public struct Turkpin: SendingAdapter, QueryingAdapter, ProbingAdapter, CatalogueAdapter {
  public static let name = "turkpin"
  public static let credentialNames = ["username", "password"]
  public static let parameterNotes = [
    "oyunKodu=GAME and urunKodu=PRODUCT of the seller's lists, numbers",
    "character={player_id} where the product wants one",
  ]
  public static let asked = AskedBy.providerOrderID
  static let required = ["oyunKodu", "urunKodu"]
  static let optional = ["character"]
  static let valueBytesMax = 200
  /// Of the name that the order has here: it is never sent.
  private static let referenceDigits = 18

  public init() {}

  public var facts: ProviderFacts {
    ProviderFacts(
      notFound: .never, resendSafe: .no, referenceDigits: Self.referenceDigits, quantityMax: 1,
      requiredParameters: Self.required, otherParameters: .these(Self.optional))
  }

  public func validate(parameters: [String: String]) -> [ParameterProblem] {
    var problems: [ParameterProblem] = []
    func complain(_ name: String, _ message: String) { problems.append(.init(parameter: name, message: message)) }
    for name in Self.required where parameters[name]?.withoutBlanks.isEmpty ?? true { complain(name, "is missing") }
    for (name, value) in parameters.sorted(by: { $0.key < $1.key }) {
      guard Self.required.contains(name) || Self.optional.contains(name) else {
        complain(name, "is no parameter of this adapter")
        continue
      }
      if value.utf8.count > Self.valueBytesMax {
        complain(name, "has \(value.utf8.count) bytes, but may have at most \(Self.valueBytesMax)")
      }
      if value.unicodeScalars.contains(where: { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) }) {
        complain(name, "has a control character in it")
      }
      // XML has no way to write these, and the seller's reader stops at one.
      if value.unicodeScalars.contains(where: { $0.value == 0xFFFE || $0.value == 0xFFFF }) {
        complain(name, "has a character in it that XML can't have")
      }
      if value.withoutBlanks.isEmpty {
        if Self.optional.contains(name) { complain(name, "is empty") }
      } else if Self.required.contains(name), !value.utf8.allSatisfy(\.isASCIIDigit) {
        complain(name, "must be a number (the seller's code)")
      }
    }
    return problems
  }

  /// The reference stays here: there is no field for it.
  public func send(reference: String, parameters: [String: String], account: ProviderAccount) -> WireRequest {
    request("epinSiparisYarat", account) { body in
      for name in Self.required { body.add(name, parameters[name] ?? "") }
      body.add("adet", "1")
      for name in Self.optional { if let value = parameters[name] { body.add(name, value) } }
    }
  }

  /// - Parameter reference: the seller's number (``asked``).
  public func query(reference: String, account: ProviderAccount) -> WireRequest {
    request("siparisDurumu", account) { $0.add("siparisNo", reference) }
  }

  public func probe(account: ProviderAccount) -> WireRequest { request("balance", account) { _ in } }

  /// The games: the products of each would be a request of their own.
  public func catalog(account: ProviderAccount) -> WireRequest { request("epinOyunListesi", account) { _ in } }

  private func request(
    _ command: String, _ account: ProviderAccount, _ fill: (inout XMLBody) -> Void
  ) -> WireRequest {
    var document = XMLBody(in: ["APIRequest", "params"])
    document.add("cmd", command)
    document.add("username", secret: account.credentials["username"] ?? "")
    document.add("password", secret: account.credentials["password"] ?? "")
    fill(&document)
    var form = FormBody()
    form.add("DATA", document)
    return RequestBuilder().request(base: account.baseURL, path: "/api.php", body: form)
  }
}
