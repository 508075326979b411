public import Orders

/// Another shop of a platform like ours: `POST {base}/client/api/newOrder/{package}/params`, asked by `GET {base}/client/api/check`.
///
/// It looks like ``Zdk`` and is not: **each POST is a new order**, whatever its `order_uuid`, and where two have the same a question is
/// answered with HTTP 500. The shop may pass the order on, so it is told the chain of orders before (``OrderChain``). What the answers mean
/// stands in `internal.tsv`.
public struct Internal: ForwardingAdapter, QueryingAdapter, ProbingAdapter, CatalogueAdapter {
  public static let name = "internal"
  public static let credentialNames = ["token"]
  public static let optionalCredentialNames = ["tenant_host"]
  public static let parameterNotes = [
    "package=ID of the catalogue", "user_identifier={player_id}", "extra_field=VALUE where the package asks for one",
  ]
  static let required = ["package", "user_identifier"]
  static let optional = ["extra_field"]
  static let valueBytesMax = 200

  public init() {}

  /// The server's own code has no look for the same `order_uuid`. That it answers without a row where it has none follows from one
  /// transaction; ops may trust it once they have tested it.
  public var facts: ProviderFacts {
    ProviderFacts(
      notFound: .never, resendSafe: .no, queryBatch: 50, referenceDigits: Zdk.referenceDigits, quantityMax: 1,
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
      if name == "package", !value.withoutBlanks.isEmpty,
        !value.utf8.allSatisfy({ $0.isASCIILetterOrDigit || $0 == UInt8(ascii: "-") })
      {
        complain(name, "must be an id of the catalogue: letters, digits and dashes")
      }
    }
    return problems
  }

  public func send(
    reference: String, parameters: [String: String], chain: OrderChain, account: ProviderAccount
  ) -> WireRequest {
    var builder = builder(account)
    if !chain.ids.isEmpty { builder.addHeader(OrderChain.header, chain.text) }
    // One, always: a server was seen that reads what is no number as one.
    builder.add("qty", "1")
    builder.add("user_identifier", parameters["user_identifier"] ?? "")
    if let extra = parameters["extra_field"] { builder.add("extra_field", extra) }
    builder.add("order_uuid", Zdk.uuid(of: reference))
    let package = RequestBuilder.encoded(parameters["package"] ?? "")
    return builder.request("POST", base: account.baseURL, path: "/client/api/newOrder/\(package)/params")
  }

  public func send(reference: String, parameters: [String: String], account: ProviderAccount) -> WireRequest {
    send(reference: reference, parameters: parameters, chain: OrderChain(), account: account)
  }

  public func query(reference: String, account: ProviderAccount) -> WireRequest { check([reference], account) }

  /// With plain commas, without the brackets of ``Zdk``.
  func check(_ references: [String], _ account: ProviderAccount) -> WireRequest {
    var builder = builder(account)
    builder.add("orders", references.map { Zdk.uuid(of: $0) }.joined(separator: ","))
    builder.add("uuid", "1")
    return builder.request(base: account.baseURL, path: "/client/api/check")
  }

  public func probe(account: ProviderAccount) -> WireRequest {
    builder(account).request(base: account.baseURL, path: "/api-dj/users/profile")
  }

  public func catalog(account: ProviderAccount) -> WireRequest {
    builder(account).request(base: account.baseURL, path: "/api-dj/products")
  }

  private func builder(_ account: ProviderAccount) -> RequestBuilder {
    var builder = RequestBuilder()
    builder.addHeader("api-token", account.credentials["token"] ?? "")
    if let host = account.credentials["tenant_host"], !host.isEmpty { builder.addHeader("X-Tenant-Host", host) }
    return builder
  }

  public func wireReference(_ reference: String) -> String { Zdk.uuid(of: reference) }

  public func reference(ofWire text: String) -> String { Zdk().reference(ofWire: text) }
}
