import API
import Cipher
import CommandLine
import HTTPClient
import Orders
import Store
import Support
import Webhooks

/// An endpoint as a shop or ops wants it, judged field by field.
struct EndpointRequest {
  static let nameBytesMax = 63
  static let urlBytesMax = 2000
  static let typesMax = 50
  static let rateMax = 1000
  /// What a token needs beside its own scope to set ``EndpointStore/Wanted/sealedTo``.
  static let pinScope = "pins:read"
  static let known = ["url", "types", "rate", "latest_only", "sealed_to", "secret"]

  /// What can be subscribed to; `*` is all that the token may see.
  static let types =
    ["*"] + Status.allCases.filter { $0 != .pending }.compactMap(\.eventType)
    + ["sevk.order.created", FulfilmentStore.progressed, OrderEvent.rated]
    + OperatorEvent.allCases.map(\.rawValue)

  var wanted: EndpointStore.Wanted

  /// - Parameters:
  ///   - addresses: where posts may go. A host that is a name is looked at when it is connected to, at each attempt.
  ///   - isOperator: whether it may get what is for operators.
  /// - Throws: ``Problem`` with status 422, or 403 for a type that is for operators.
  init(
    _ json: JSONValue, tenant: Int64, name: String, _ addresses: AddressRule, isOperator: Bool = false
  ) throws(Problem) {
    guard case .object(let members) = json else {
      throw Self.invalid([.init(field: "(body)", message: "must be an object, not \(json.kind)")])
    }
    var errors: [Problem.FieldError] = []
    func note(_ field: String, _ mistake: String?) {
      if let mistake { errors.append(.init(field: field, message: mistake)) }
    }
    func text(_ field: String) -> String? {
      switch members[field] {
      case nil, .null: return nil
      case .string(let text): return text
      case .some(let other):
        note(field, "must be a string, not \(other.kind)")
        return nil
      }
    }
    note("name", Self.mistake(inName: name))
    var wanted = EndpointStore.Wanted(tenantID: tenant, name: name, url: text("url") ?? "", types: ["*"])
    if members["url"] == nil {
      note("url", "is missing")
    } else {
      note("url", Self.mistake(inURL: wanted.url, addresses))
    }
    switch members["types"] {
    case nil, .null: note("types", "is missing; [\"*\"] is every type")
    case .array(let values):
      wanted.types = values.map { if case .string(let type) = $0 { type } else { "" } }
      note("types", Self.mistake(inTypes: wanted.types))
    case .some(let other): note("types", "must be an array of strings, not \(other.kind)")
    }
    if let rate = text("rate") {
      if let number = Self.rate(rate) {
        wanted.ratePerSecond = number
      } else {
        note("rate", "must be such as 50/s, from 1/s to \(Self.rateMax)/s")
      }
    }
    switch members["latest_only"] {
    case nil, .null: break
    case .bool(let value): wanted.latestOnly = value
    case .some(let other): note("latest_only", "must be true or false, not \(other.kind)")
    }
    if let key = text("sealed_to") {
      wanted.sealedTo = key
      note("sealed_to", Self.mistake(inKey: key))
    }
    if let secret = text("secret") {
      wanted.secret = WebhookSecret.read(secret)
      if wanted.secret == nil {
        let bytes = WebhookSecret.bytes
        note("secret", "must be whsec_ and \(bytes.lowerBound) to \(bytes.upperBound) bytes in base64")
      }
    }
    for name in members.keys.filter({ !Self.known.contains($0) }).sorted().prefix(20) {
      note(name.prefix(bytes: 64), "is not known; an endpoint has \(Self.known.joined(separator: ", "))")
    }
    guard errors.isEmpty else { throw Self.invalid(errors) }
    if !isOperator, let type = wanted.types.first(where: { $0 != "*" && OperatorEvent.isOne($0) }) {
      throw EventQuery.forbidden(type)
    }
    self.wanted = wanted
  }

  static func invalid(_ errors: [Problem.FieldError]) -> Problem {
    var problem = Problem.invalid(errors)
    problem.title = "Invalid endpoint"
    return problem
  }

  /// nil when it is a name.
  static func mistake(inName name: String) -> String? {
    let isName =
      (1...nameBytesMax).contains(name.utf8.count)
      && name.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 45 || $0 == 95 }
    return isName ? nil : "must be 1 to \(nameBytesMax) of a to z, 0 to 9, - and _"
  }

  /// nil when it can be posted to.
  static func mistake(inURL url: String, _ addresses: AddressRule) -> String? {
    guard url.utf8.count <= urlBytesMax, let parts = URLParts(url), ["http", "https"].contains(parts.scheme) else {
      return
        "must be a URL that begins with https://, such as https://shop.example/sevk, and be at most \(urlBytesMax) bytes long"
    }
    guard !parts.hasUserinfo else { return "must carry no user name or password; what is posted is signed" }
    guard !parts.hasFragment else { return "must carry no #" }
    if let address = parts.address, !addresses.allows(address, host: parts.host) {
      return "leads to \(address), which is not a public address"
    }
    guard parts.scheme == "https" || addresses.allowsPlain(host: parts.host) else {
      return
        "must begin with https://; plain http is for hosts that ops allow (\(Setting.providerPrivateHosts.variable))"
    }
    return nil
  }

  /// nil when PINs can be sealed to it.
  static func mistake(inKey key: String) -> String? {
    guard let bytes = Base64.decode(key), bytes.count == SealedBox.keyBytes else {
      return "must be an X25519 public key: \(SealedBox.keyBytes) bytes in base64, without any header"
    }
    // The decoder takes more than one writing of the same bytes.
    guard SealedBox(publicKey: bytes) != nil, Base64.encode(bytes) == key else {
      return "is no public key as X25519 makes them (of low order, or changed): what is sealed to it, others could read"
    }
    return nil
  }

  static func mistake(inTypes types: [String]) -> String? {
    guard !types.isEmpty, types.count <= typesMax else { return "must be 1 to \(typesMax) types" }
    guard let wrong = types.first(where: { !Self.types.contains($0) }) else { return nil }
    return "has \"\(wrong.prefix(bytes: 64))\", which is not known; use \(Self.types.joined(separator: ", "))"
  }

  /// Such as `50/s`.
  static func rate(_ text: String) -> Int? {
    guard text.hasSuffix("/s"), let rate = Int(text.dropLast(2)), (1...rateMax).contains(rate) else { return nil }
    return rate
  }
}
