public import Orders

/// The Turkish dealer panel: `GET {base}/servis/*.php`, one line of text back.
///
/// The same digit means different things on different endpoints, and a line that begins with `OK` may be a login
/// error, so each endpoint has its own reader: ZnetSend, ZnetQuery, ZnetProbe, ZnetCatalog.
public struct Znet: SendingAdapter, QueryingAdapter, ProbingAdapter, CatalogueAdapter {
  public static let name = "znet"
  public static let credentialNames = ["kod", "sifre"]
  static let parameterNames = ["oyun", "kupur", "musteri_tel", "oyuncu_bilgi"]
  public static let parameterNotes = [
    "oyun=ID, the catalogue's oyun_bilgi_id", "kupur=VALUE of the catalogue", "musteri_tel={phone}",
    "oyuncu_bilgi={player_id}",
  ]
  private static let taken = ZnetParameters(
    adapter: name, required: parameterNames, numbers: ["oyun": "the catalogue's oyun_bilgi_id"])

  public init() {}

  /// No document says what a repeated reference does, nor what an unknown one is answered with.
  public var facts: ProviderFacts {
    ProviderFacts(
      notFound: .never, referenceDigits: 15, quantityMax: 1, requiredParameters: Self.parameterNames)
  }

  public func validate(parameters: [String: String]) -> [ParameterProblem] { Self.taken.problems(parameters) }

  public func send(reference: String, parameters: [String: String], account: ProviderAccount) -> WireRequest {
    request("pin_ekle", account) { builder in
      for name in Self.parameterNames { builder.add(name, parameters[name] ?? "") }
      builder.add("referans", reference)
    }
  }

  public func query(reference: String, account: ProviderAccount) -> WireRequest {
    // The same number under another name.
    request("pin_kontrol", account) { $0.add("tahsilat_api_islem_id", reference) }
  }

  public func probe(account: ProviderAccount) -> WireRequest { request("bakiye_kontrol", account) { _ in } }

  public func catalog(account: ProviderAccount) -> WireRequest { request("pin_listesi", account) { _ in } }

  private func request(
    _ endpoint: String, _ account: ProviderAccount, _ fill: (inout RequestBuilder) -> Void
  ) -> WireRequest {
    ZnetParameters.request(endpoint, account, login: Self.credentialNames.map { ($0, $0) }, fill)
  }
}
