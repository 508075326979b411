public import Orders

/// The Turkish dealer panel: `GET {base}/servis/*.php`, one line of text back.
///
/// The same digit means different things on different endpoints, and a line that begins with `OK` may be a login
/// error, so each endpoint has its own reader: ZnetSend, ZnetQuery, ZnetProbe, ZnetCatalog.
public struct Znet: Adapter {
  public static let name = "znet"
  public static let credentialNames = ["kod", "sifre"]
  static let parameterNames = ["oyun", "kupur", "musteri_tel", "oyuncu_bilgi"]
  /// Nothing about lengths is documented; a longer value is a mistake, not a player.
  static let valueCharactersMax = 200

  public init() {}

  /// No document says what a repeated reference does, nor what an unknown one is answered with.
  public var facts: ProviderFacts {
    ProviderFacts(
      notFound: .never, referenceDigits: 15, quantityMax: 1, requiredParameters: Self.parameterNames)
  }

  public func validate(parameters: [String: String]) -> [String] {
    var problems: [String] = []
    for name in Self.parameterNames {
      guard let value = parameters[name], !value.withoutBlanks.isEmpty else {
        problems.append("parameter \(name) is missing")
        continue
      }
      if value.count > Self.valueCharactersMax {
        problems.append("parameter \(name) is longer than \(Self.valueCharactersMax) characters")
      }
      if value.unicodeScalars.contains(where: { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) }) {
        problems.append("parameter \(name) has a control character in it")
      }
      if name == "oyun", !value.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) {
        problems.append("parameter oyun must be a number (the catalogue's oyun_bilgi_id)")
      }
    }
    for name in parameters.keys.sorted() where !Self.parameterNames.contains(name) {
      problems.append("parameter \(name) is not one that znet takes")
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
