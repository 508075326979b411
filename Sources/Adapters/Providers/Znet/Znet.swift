public import Orders

/// The Turkish dealer panel: `GET {base}/servis/*.php`, one line of text back.
///
/// The same digit means different things on different endpoints, and a line that begins with `OK` may be a login
/// error, so each endpoint has its own reader: ZnetSend, ZnetQuery, ZnetProbe, ZnetCatalog.
public struct Znet: SendingAdapter, QueryingAdapter, ProbingAdapter, CatalogueAdapter {
  public static let name = "znet"
  public static let credentialNames = ["kod", "sifre"]
  static let parameterNames = ["oyun", "kupur", "musteri_tel", "oyuncu_bilgi"]
  /// Nothing about lengths is documented; a longer value is a mistake, not a player.
  static let valueBytesMax = 200
  /// What all values together may take in the URL, each byte that is no letter or digit as three: some panels' servers
  /// answer 414 to a query of 2,048 bytes, and the login stands in it too.
  static let encodedBytesMax = 1_500

  public init() {}

  /// No document says what a repeated reference does, nor what an unknown one is answered with.
  public var facts: ProviderFacts {
    ProviderFacts(
      notFound: .never, referenceDigits: 15, quantityMax: 1, requiredParameters: Self.parameterNames)
  }

  public func validate(parameters: [String: String]) -> [ParameterProblem] {
    var problems: [ParameterProblem] = []
    func complain(_ name: String, _ message: String) { problems.append(.init(parameter: name, message: message)) }
    for name in Self.parameterNames {
      guard let value = parameters[name], !value.withoutBlanks.isEmpty else {
        complain(name, "is missing")
        continue
      }
      if value.utf8.count > Self.valueBytesMax {
        complain(name, "has \(value.utf8.count) bytes, but may have at most \(Self.valueBytesMax)")
      }
      if value.unicodeScalars.contains(where: { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) }) {
        complain(name, "has a control character in it")
      }
      if name == "oyun", !value.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) {
        complain(name, "must be a number (the catalogue's oyun_bilgi_id)")
      }
    }
    for name in parameters.keys.sorted() where !Self.parameterNames.contains(name) {
      complain(name, "is not one that znet takes")
    }
    let encoded = parameters.mapValues { RequestBuilder.encoded($0).utf8.count }
    if problems.isEmpty, encoded.values.reduce(0, +) > Self.encodedBytesMax,
      let longest = Self.parameterNames.max(by: { encoded[$0] ?? 0 < encoded[$1] ?? 0 })
    {
      complain(longest, "makes the URL too long: all together may take \(Self.encodedBytesMax) bytes of it")
    }
    return problems
  }

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
    var builder = RequestBuilder()
    for name in Self.credentialNames { builder.add(name, secret: account.credentials[name] ?? "") }
    fill(&builder)
    return builder.request(base: account.baseURL, path: "/servis/\(endpoint).php")
  }
}
