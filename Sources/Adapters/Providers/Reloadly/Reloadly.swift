public import Orders

/// The APIs of Reloadly: top-ups (`https://topups.reloadly.com`) and gift cards (`https://giftcards.reloadly.com`), in JSON under
/// a token that is good for one of the two, which the account's `audience` names.
///
/// Top-ups go to `/topups-async`, which answers with an id at once: the other one holds the call until the operator has answered,
/// 52 s were seen, and an answer that takes long is an answer that gets lost. An order is asked about by the report, filtered by
/// our `customIdentifier`; the codes of gift cards are another request. What the answers mean stands in `reloadly.tsv`.
public struct Reloadly: SendingAdapter, QueryingAdapter, ProbingAdapter {
  public static let name = "reloadly"
  public static let credentialNames = ["client_id", "client_secret", "audience"]
  /// Where tokens are, if that is not Reloadly's own: for a simulator or a proxy.
  public static let optionalCredentialNames = ["auth_url"]
  public static let parameterNotes = [
    "operatorId=ID and amount=5 of a top-up, countryCode=TR and number={phone}; useLocalAmount=true: amount in the operator's money",
    "productId=ID and unitPrice=25 of a gift card, senderName=NAME; recipientEmail={email}, userId={player_id} where it asks for one",
  ]
  static let valueBytesMax = 150
  static let referenceDigits = 18
  /// Of a `customIdentifier`.
  static let identifierBytesMax = 150
  private static let topUp = ["operatorId", "amount", "countryCode", "number"]
  private static let topUpOptional = ["useLocalAmount"]
  private static let giftCard = ["productId", "unitPrice", "senderName"]
  private static let giftCardOptional = ["userId"]
  private static let anyOptional = ["recipientEmail"]

  public init() {}

  /// Seen in the sandbox, twice: a `customIdentifier` that was used is refused; but five requests at once made five top-ups, so one
  /// after the other. The report is a list that nobody has described as complete at once: its emptiness alone proves nothing.
  public var facts: ProviderFacts {
    ProviderFacts(
      notFound: .never, resendSafe: .sequential, referenceDigits: Self.referenceDigits, quantityMax: 1,
      requiredParameters: [],
      otherParameters: .these(
        Self.topUp + Self.topUpOptional + Self.giftCard + Self.giftCardOptional + Self.anyOptional))
  }

  public func validate(parameters: [String: String]) -> [ParameterProblem] {
    var problems: [ParameterProblem] = []
    func complain(_ name: String, _ message: String) { problems.append(.init(parameter: name, message: message)) }
    let isGiftCard = parameters["productId"] != nil
    guard isGiftCard != (parameters["operatorId"] != nil) else {
      complain(
        isGiftCard ? "operatorId" : "productId",
        isGiftCard ? "is of a top-up, and productId of a gift card" : "is missing, or operatorId for a top-up")
      return problems
    }
    let needed = isGiftCard ? Self.giftCard : Self.topUp
    let taken = needed + (isGiftCard ? Self.giftCardOptional : Self.topUpOptional) + Self.anyOptional
    for name in needed where parameters[name] == nil { complain(name, "is missing") }
    for (name, value) in parameters.sorted(by: { $0.key < $1.key }) {
      guard taken.contains(name) else {
        complain(name, "is not one of a \(isGiftCard ? "gift card" : "top-up")")
        continue
      }
      if let mistake = WireValue.mistake(in: value, bytesMax: Self.valueBytesMax) {
        complain(name, mistake)
        continue
      }
      switch name {
      case "operatorId", "productId":
        if !value.isRowNumber { complain(name, "must be a number") }
      case "amount", "unitPrice":
        if !WireValue.isAmount(value) { complain(name, "must be an amount such as 5 or 12.50") }
      case "countryCode":
        if value.utf8.count != 2 || !value.utf8.allSatisfy(\.isASCIICapital) {
          complain(name, "must be two capitals such as TR")
        }
      case "useLocalAmount":
        if value != "true", value != "false" { complain(name, "must be true or false") }
      default: break
      }
    }
    return problems
  }

  public static func validate(credentials: [String: String]) -> [ParameterProblem] {
    var problems: [ParameterProblem] = []
    if let audience = credentials["audience"], Audience(audience, sandbox: false) == nil {
      problems.append(
        .init(
          parameter: "audience",
          message: "is “\(audience.prefix(80))”, but must be topups, giftcards or the URL that Reloadly names"))
    }
    if let url = credentials["auth_url"], !isURL(url) {
      problems.append(.init(parameter: "auth_url", message: "must be a URL that begins with https:// or http://"))
    }
    return problems
  }

  static func isURL(_ text: String) -> Bool {
    ["https://", "http://"].contains { text.hasPrefix($0) && text.utf8.count > $0.utf8.count }
      && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
  }

  // MARK: Requests

  public func send(reference: String, parameters: [String: String], account: ProviderAccount) -> WireRequest {
    var body = JSONBody()
    let isGiftCard = parameters["productId"] != nil
    if isGiftCard {
      body.add("productId", number: parameters["productId"] ?? "0")
      body.add("quantity", 1)
      body.add("unitPrice", number: parameters["unitPrice"] ?? "0")
      body.add("senderName", parameters["senderName"] ?? "")
    } else {
      body.add("operatorId", number: parameters["operatorId"] ?? "0")
      body.add("amount", number: parameters["amount"] ?? "0")
      body.add("useLocalAmount", parameters["useLocalAmount"] == "true")
      var phone = JSONBody()
      phone.add("countryCode", parameters["countryCode"] ?? "")
      phone.add("number", parameters["number"] ?? "")
      body.add("recipientPhone", phone)
    }
    body.add("customIdentifier", reference)
    if let email = parameters["recipientEmail"] { body.add("recipientEmail", email) }
    if let user = parameters["userId"] {
      var needs = JSONBody()
      needs.add("userId", user)
      body.add("productAdditionalRequirements", needs)
    }
    return builder(account).request(
      base: account.baseURL, path: isGiftCard ? "/orders" : "/topups-async", body: body, authentication: .token())
  }

  /// Without dates: their filters are off by some four hours, and our identifier is filter enough.
  public func query(reference: String, account: ProviderAccount) -> WireRequest {
    var builder = builder(account)
    builder.add("customIdentifier", reference)
    // Pages begin with 1.
    builder.add("page", "1")
    builder.add("size", "20")
    return builder.request(base: account.baseURL, path: Self.reports(account), authentication: .token())
  }

  static func reports(_ account: ProviderAccount) -> String {
    Audience(account).isGiftCards ? "/reports/transactions" : "/topups/reports/transactions"
  }

  /// - Parameter id: Reloadly's, digits only.
  func cards(of id: String, _ account: ProviderAccount) -> WireRequest {
    builder(account).request(
      base: account.baseURL, path: "/orders/transactions/\(id)/cards", authentication: .token())
  }

  public func probe(account: ProviderAccount) -> WireRequest {
    builder(account).request(base: account.baseURL, path: "/accounts/balance", authentication: .token())
  }

  func builder(_ account: ProviderAccount) -> RequestBuilder {
    var builder = RequestBuilder()
    let product = Audience(account).isGiftCards ? "giftcards" : "topups"
    builder.addHeader("Accept", "application/com.reloadly.\(product)-v1+json")
    return builder
  }
}
