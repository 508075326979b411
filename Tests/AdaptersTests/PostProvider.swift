import FoundationEssentials
import Orders

@testable import Adapters

/// A provider that there is not: orders are posted as JSON under a token, codes come in the answer, status by webhook. All
/// that such a one takes stands in this file.
struct PostProvider: SendingAdapter, QueryingAdapter, TokenAdapter, NoticeAdapter {
  static let name = "post"
  static let credentialNames = ["client_id", "client_secret", "webhook_secret"]

  var facts: ProviderFacts {
    ProviderFacts(notFound: .never, referenceDigits: 15, quantityMax: 1, requiredParameters: ["productId"])
  }

  func validate(parameters: [String: String]) -> [ParameterProblem] {
    parameters["productId"] == nil ? [ParameterProblem(parameter: "productId", message: "is missing")] : []
  }

  // MARK: Token

  func token(account: ProviderAccount) -> WireRequest {
    var body = FormBody()
    body.add("grant_type", "client_credentials")
    body.add("client_id", account.credentials["client_id"] ?? "")
    body.add("client_secret", secret: account.credentials["client_secret"] ?? "")
    return RequestBuilder().request(base: account.baseURL, path: "/oauth/token", body: body)
  }

  func readToken(_ reply: WireReply) throws(TokenError) -> AccessToken {
    struct Answer: Decodable { var access_token: String, expires_in: Int }
    guard reply.status == 200, let answer = try? JSONDecoder().decode(Answer.self, from: Data(reply.body)) else {
      throw TokenError("HTTP status \(reply.status): \(String(decoding: reply.body, as: UTF8.self))")
    }
    return AccessToken(answer.access_token, lifetime: .seconds(answer.expires_in))
  }

  // MARK: Orders

  func send(reference: String, parameters: [String: String], account: ProviderAccount) -> WireRequest {
    var body = JSONBody()
    body.add("productId", parameters["productId"] ?? "")
    body.add("customIdentifier", reference)
    var builder = RequestBuilder()
    builder.addHeader("Accept", "application/vnd.post.v1+json")
    return builder.request(base: account.baseURL, path: "/orders", body: body, authentication: .token())
  }

  func readSend(_ reply: WireReply) -> SendOutcome {
    guard reply.status == 200, let order = Order(reply.body) else { return .unknown("HTTP status \(reply.status)") }
    let receipt = Receipt(
      cost: order.cost.flatMap { Money(parsing: $0) }, providerID: order.id.map { "\($0)" })
    guard order.status == "DELIVERED" else { return .accepted(receipt) }
    return .delivered(order.code.map { Pin($0) }, note: "", receipt)
  }

  func query(reference: String, account: ProviderAccount) -> WireRequest {
    RequestBuilder().request(
      base: account.baseURL, path: "/orders/by-custom-identifier/\(RequestBuilder.encoded(reference))",
      authentication: .token())
  }

  func readQuery(_ reply: WireReply, account: ProviderAccount) -> QueryOutcome {
    if reply.status == 404, reply.body.elementsEqual(#"{"error":"no such order"}"#.utf8) {
      return .notFound("no such order")
    }
    guard reply.status == 200, let order = Order(reply.body) else { return .queryFailed("HTTP status \(reply.status)") }
    return order.outcome
  }

  // MARK: Webhook

  func readNotice(_ request: NoticeRequest, account: ProviderAccount) -> Notice {
    guard let order = Order(request.body), order.customIdentifier != nil else { return .rejected("no notice") }
    let subject = Notice.Subject(reference: order.customIdentifier, providerID: order.id.map { "\($0)" })
    guard let signature = request.header("x-signature") else { return .hint(subject) }
    // A true one would be a keyed hash over the body.
    guard signature == account.credentials["webhook_secret"] else { return .rejected("a wrong signature") }
    return .report(subject, order.outcome)
  }

  func redact(_ reply: WireReply, kind: Exchange.Kind, pin: Pin?) -> [UInt8] {
    pin.map { Redaction.removing($0, from: reply.body) } ?? reply.body
  }

  private struct Order: Decodable {
    var id: Int?
    var customIdentifier: String?
    var status: String
    var cost: String?
    var code: String?

    init?(_ bytes: [UInt8]) {
      guard let order = try? JSONDecoder().decode(Self.self, from: Data(bytes)) else { return nil }
      self = order
    }

    var outcome: QueryOutcome {
      switch status {
      case "DELIVERED": .completed(code.map { Pin($0) }, note: "")
      case "FAILED": .cancelled("failed")
      case "PENDING": .waiting("pending")
      default: .unintelligible("a status that is not documented")
      }
    }
  }
}
