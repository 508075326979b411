public import Orders

/// The Digital Value Services API of DT One (`https://dvs-api.dtone.com/v1`): top-ups, bundles and PINs, in JSON.
///
/// An order takes two requests: it is created, unconfirmed, under an `external_id` of ours, and then confirmed by the id that it
/// got. What is created and not confirmed is not executed, and a second creation under the same `external_id` is refused: so the
/// confirmation alone is dangerous, and a repeated ``send(reference:parameters:account:)`` picks up where the first one broke off.
/// What the answers mean stands in `dtone.tsv`.
public struct DTOne: SendingAdapter, QueryingAdapter, ProbingAdapter {
  public static let name = "dtone"
  public static let credentialNames = ["key", "secret"]
  public static let parameterNotes = [
    "product_id=ID of the catalogue", "mobile_number={phone} with + and the country's code",
    "account_number={player_id} where the product goes to an account, and account_qualifier=VALUE",
    "amount=5, unit=EUR, calculation_mode=DESTINATION_AMOUNT of a product of any amount, and unit_type=CURRENCY",
    "callback_url=https://… where DT One is to tell what became of an order",
  ]
  static let valueBytesMax = 200
  static let referenceDigits = 18
  /// An `external_id` has at most so many characters, none of them blank.
  static let externalIDBytesMax = 40
  static let calculationModes = ["SOURCE_AMOUNT", "DESTINATION_AMOUNT"]
  private static let receiver = ["mobile_number", "account_number", "account_qualifier"]
  private static let ranged = ["amount", "unit", "unit_type", "calculation_mode"]

  public init() {}

  /// Documented: an `external_id` is taken once (error 1007001). What two at once do is not known, so one after the other. The
  /// list by `external_id` is documented, how soon it has a new transaction is not: its emptiness alone proves nothing.
  public var facts: ProviderFacts {
    ProviderFacts(
      notFound: .never, resendSafe: .sequential, referenceDigits: Self.referenceDigits, quantityMax: 1,
      requiredParameters: ["product_id"], otherParameters: .these(Self.receiver + Self.ranged + ["callback_url"]))
  }

  public func validate(parameters: [String: String]) -> [ParameterProblem] {
    var problems: [ParameterProblem] = []
    func complain(_ name: String, _ message: String) { problems.append(.init(parameter: name, message: message)) }
    if parameters["product_id"] == nil { complain("product_id", "is missing") }
    for (name, value) in parameters.sorted(by: { $0.key < $1.key }) {
      if !facts.takes(name) { complain(name, "is not known") }
      if let mistake = WireValue.mistake(in: value, bytesMax: Self.valueBytesMax) {
        complain(name, mistake)
        continue
      }
      switch name {
      case "product_id" where !value.isRowNumber: complain(name, "must be a number (the catalogue's id)")
      case "amount" where !WireValue.isAmount(value): complain(name, "must be an amount such as 5 or 12.50")
      case "calculation_mode" where !Self.calculationModes.contains(value):
        complain(name, "must be \(Self.calculationModes.joined(separator: " or "))")
      default: break
      }
    }
    let given = Self.ranged.filter { parameters[$0] != nil && $0 != "unit_type" }
    if !given.isEmpty, given.count < 3 {
      for name in ["amount", "unit", "calculation_mode"] where parameters[name] == nil {
        complain(name, "is missing: amount, unit and calculation_mode go together")
      }
    }
    return problems
  }

  public func send(reference: String, parameters: [String: String], account: ProviderAccount) -> WireRequest {
    var body = JSONBody()
    body.add("external_id", reference)
    body.add("product_id", number: parameters["product_id"] ?? "0")
    body.add("auto_confirm", false)
    if let mode = parameters["calculation_mode"], let amount = parameters["amount"] {
      body.add("calculation_mode", mode)
      var side = JSONBody()
      side.add("amount", number: amount)
      side.add("unit", parameters["unit"] ?? "")
      side.add("unit_type", parameters["unit_type"] ?? "CURRENCY")
      body.add(mode == "SOURCE_AMOUNT" ? "source" : "destination", side)
    }
    var receiver = JSONBody()
    let names = Self.receiver.filter { parameters[$0] != nil }
    for name in names { receiver.add(name, parameters[name] ?? "") }
    if !names.isEmpty { body.add("credit_party_identifier", receiver) }
    if let url = parameters["callback_url"] { body.add("callback_url", url) }
    return RequestBuilder().request(
      base: account.baseURL, path: "/v1/async/transactions", body: body, authentication: Self.login(account))
  }

  public func query(reference: String, account: ProviderAccount) -> WireRequest {
    lookUp(reference, account)
  }

  public func probe(account: ProviderAccount) -> WireRequest {
    RequestBuilder().request(
      base: account.baseURL, path: "/v1/balances", authentication: Self.login(account))
  }

  /// - Parameter id: DT One's, digits only.
  func confirm(_ id: String, _ account: ProviderAccount) -> WireRequest {
    RequestBuilder().request(
      "POST", base: account.baseURL, path: "/v1/async/transactions/\(id)/confirm",
      authentication: Self.login(account))
  }

  func lookUp(_ reference: String, _ account: ProviderAccount) -> WireRequest {
    var builder = RequestBuilder()
    builder.add("external_id", reference)
    return builder.request(
      base: account.baseURL, path: "/v1/transactions", authentication: Self.login(account))
  }

  static func login(_ account: ProviderAccount) -> WireRequest.Authentication {
    .basic(user: account.credentials["key"] ?? "", password: account.credentials["secret"] ?? "")
  }
}
