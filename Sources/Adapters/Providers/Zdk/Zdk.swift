public import Orders

/// The storefront API of "ZDK" (barakat, apstore, x-stor and others): `GET {base}/client/api/…`, JSON back.
///
/// Orders are placed with a GET, under an `order_uuid` of ours; asked about it (`check`, `uuid=1`), the store answers a list
/// in which what it does not know is left out. What the answers mean stands in `zdk.tsv`.
public struct Zdk: SendingAdapter, QueryingAdapter, ProbingAdapter, CatalogueAdapter {
  public static let name = "zdk"
  public static let credentialNames = ["token"]
  public static let parameterNotes = [
    "product=ID of the catalogue", "qty=1 where the product has other quantities",
    "LABEL={field} for each label that the catalogue names, such as playerId={player_id}",
  ]
  static let valueBytesMax = 200
  static let encodedBytesMax = 1_500
  /// So that it becomes a UUID; see ``uuid(of:)``.
  static let referenceDigits = 18
  /// A UUID of ours, which no route may set.
  static let reserved = ["order_uuid"]

  public init() {}

  /// Documented twice, and so in two servers' tests: a repeated UUID returns the original order. What two at once do is not
  /// known, nor how long a UUID is remembered.
  public var facts: ProviderFacts {
    ProviderFacts(
      notFound: .never, resendSafe: .sequential, queryBatch: Self.batchMax, referenceDigits: Self.referenceDigits,
      quantityMax: 1,
      requiredParameters: ["product"], otherParameters: .any(except: Self.reserved))
  }

  public func validate(parameters: [String: String]) -> [ParameterProblem] {
    var problems: [ParameterProblem] = []
    func complain(_ name: String, _ message: String) { problems.append(.init(parameter: name, message: message)) }
    if parameters["product"]?.withoutBlanks.isEmpty ?? true { complain("product", "is missing") }
    for (name, value) in parameters.sorted(by: { $0.key < $1.key }) {
      if Self.reserved.contains(name) { complain(name, "is set by Sevk itself") }
      for text in [name, value] where text.utf8.count > Self.valueBytesMax {
        complain(name, "has \(text.utf8.count) bytes, but may have at most \(Self.valueBytesMax)")
      }
      if (name + value).unicodeScalars.contains(where: { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) }) {
        complain(name, "has a control character in it")
      }
      guard !value.withoutBlanks.isEmpty else {
        if name != "product" { complain(name, "is missing") }
        continue
      }
      if name == "product" || name == "qty", !value.utf8.allSatisfy(\.isASCIIDigit) {
        complain(name, name == "product" ? "must be a number (the catalogue's id)" : "must be a number")
      }
    }
    let encoded = parameters.mapValues { RequestBuilder.encoded($0).utf8.count }
    let whole = parameters.keys.reduce(0) { $0 + RequestBuilder.encoded($1).utf8.count + (encoded[$1] ?? 0) }
    if problems.isEmpty, whole > Self.encodedBytesMax,
      let longest = encoded.max(by: { ($0.value, $1.key) < ($1.value, $0.key) })?.key
    {
      complain(longest, "makes the URL too long: all together may take \(Self.encodedBytesMax) bytes of it")
    }
    return problems
  }

  public func send(reference: String, parameters: [String: String], account: ProviderAccount) -> WireRequest {
    var builder = builder(account)
    builder.add("qty", parameters["qty"] ?? "1")
    builder.add("order_uuid", Self.uuid(of: reference))
    for (name, value) in parameters.sorted(by: { $0.key < $1.key }) where name != "product" && name != "qty" {
      builder.add(name, value)
    }
    let product = RequestBuilder.encoded(parameters["product"] ?? "")
    return builder.request(base: account.baseURL, path: "/client/api/newOrder/\(product)/params")
  }

  public func query(reference: String, account: ProviderAccount) -> WireRequest { check([reference], account) }

  func check(_ references: [String], _ account: ProviderAccount) -> WireRequest {
    var builder = builder(account)
    builder.add("orders", "[\(references.map { Self.uuid(of: $0) }.joined(separator: ","))]")
    builder.add("uuid", "1")
    return builder.request(base: account.baseURL, path: "/client/api/check")
  }

  public func probe(account: ProviderAccount) -> WireRequest {
    builder(account).request(base: account.baseURL, path: "/client/api/profile")
  }

  public func catalog(account: ProviderAccount) -> WireRequest {
    builder(account).request(base: account.baseURL, path: "/client/api/products")
  }

  private func builder(_ account: ProviderAccount) -> RequestBuilder {
    var builder = RequestBuilder()
    builder.addHeader("api-token", account.credentials["token"] ?? "")
    return builder
  }

  /// Our reference in the form of a UUID of version 4, which stores want: its digits from the left, so that a person finds
  /// one by the other. The rest is zero.
  static func uuid(of reference: String) -> String {
    let digits = Array(reference)
    guard digits.count == referenceDigits, reference.utf8.allSatisfy(\.isASCIIDigit) else { return reference }
    return "\(String(digits[0..<8]))-\(String(digits[8..<12]))-4\(String(digits[12..<15]))-8\(String(digits[15..<18]))"
      + "-000000000000"
  }

  public func wireReference(_ reference: String) -> String { Self.uuid(of: reference) }

  public func reference(ofWire text: String) -> String {
    // Version and variant stand between the digits; it is ours only if it is made of them in that very way.
    var digits = Array(text.utf8.filter { $0 != UInt8(ascii: "-") })
    guard digits.count == 32 else { return text }
    digits.remove(at: 16)
    digits.remove(at: 12)
    let reference = String(decoding: digits.prefix(Self.referenceDigits), as: UTF8.self)
    return Self.uuid(of: reference) == text.lowercased() ? reference : text
  }
}
