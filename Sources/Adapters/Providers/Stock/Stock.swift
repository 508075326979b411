public import Orders

/// Codes of our own, bought in bulk: a provider inside the database. Sevk's own promises hold for it as for any other, with
/// two that no other can give: a code that is set aside for a send is that send's whatever dies afterwards, and once an order
/// has left `sending` nothing can be set aside for it any more, so that "not found" is proved as soon as it is said.
public struct Stock: SendingAdapter, QueryingAdapter, ProbingAdapter {
  public static let name = "stock"
  public static let credentialNames: [String] = []
  public static let parameterNotes = ["product=NAME, as in worker stock add NAME"]
  public static let channel = ChannelKind.stock
  /// The one parameter of its routes: the stock's product.
  public static let productParameter = "product"
  public static let productBytesMax = 100
  /// Most codes of one order: they are one PIN together.
  public static let quantityMax = 100
  private static let referenceDigits = 18
  /// A send that every stock has always known, so that it can be told from those that it never got.
  public static let knownReference = "000000000000000000"
  private static let scheme = "stock:/"
  private static let account = scheme + "account"
  private static let sends = scheme + "sends/"

  public init() {}

  public var facts: ProviderFacts {
    ProviderFacts(
      // It is in the order's own database: see `reserve_stock.sql`.
      notFound: .after(.zero), deliveryTrust: .byItself, resendSafe: .yes, referenceDigits: Self.referenceDigits,
      quantityMax: Self.quantityMax, requiredParameters: [Self.productParameter])
  }

  /// The stock's product of a route; nil where it hangs on the order, or there is none.
  public static func product(of parameters: [String: String]) -> String? {
    guard let product = parameters[productParameter], !product.isEmpty, !product.utf8.contains(UInt8(ascii: "{")) else {
      return nil
    }
    return product
  }

  public func validate(parameters: [String: String]) -> [ParameterProblem] {
    let product = parameters[Self.productParameter] ?? ""
    if product.isEmpty { return [ParameterProblem(parameter: Self.productParameter, message: "is missing")] }
    guard product.utf8.count <= Self.productBytesMax else {
      return [
        ParameterProblem(
          parameter: Self.productParameter, message: "is longer than \(Self.productBytesMax) bytes")
      ]
    }
    return []
  }

  // MARK: Sends

  public func send(reference: String, parameters: [String: String], account: ProviderAccount) -> WireRequest {
    let product = parameters[Self.productParameter] ?? ""
    let url = Self.sends + reference
    return WireRequest(method: "POST", url: url, body: Array(product.utf8), redacted: "POST \(url) \(product)")
  }

  public func readSend(_ reply: WireReply) -> SendOutcome {
    let answer = StockAnswer(String(decoding: reply.body, as: UTF8.self))
    switch answer {
    case .delivered(_, let cost): return .delivered(answer?.pin, note: answer?.note ?? "", Receipt(cost: cost))
    // It says so of its own database, in the transaction that would have set the code aside.
    case .empty(let why), .over(let why): return .notSent(why)
    case .notFound, .working, nil: return .unknown("an answer that no stock gives")
    }
  }

  // MARK: Questions

  public func query(reference: String, account: ProviderAccount) -> WireRequest {
    let url = Self.sends + reference
    return WireRequest(url: url, redacted: "GET \(url)")
  }

  public func readQuery(_ reply: WireReply, account: ProviderAccount) -> QueryOutcome {
    let answer = StockAnswer(String(decoding: reply.body, as: UTF8.self))
    switch answer {
    case .delivered: return .completed(answer?.pin, note: answer?.note ?? "")
    case .notFound: return .notFound("nothing is set aside under this reference")
    case .empty, .over, .working, nil: return .unintelligible("an answer that no stock gives")
    }
  }

  public func probe(account: ProviderAccount) -> WireRequest {
    WireRequest(url: Self.account, redacted: "GET \(Self.account)")
  }

  public func readProbe(_ reply: WireReply) -> ProbeOutcome {
    StockAnswer(String(decoding: reply.body, as: UTF8.self)) == .working
      ? .working(balance: nil) : .notWorking("an answer that no stock gives")
  }

  /// Of what holds codes only the first line is kept.
  public func redact(_ reply: WireReply, kind: Exchange.Kind, pin: Pin?) -> [UInt8] {
    let lines = reply.body.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    guard lines.count > 1, let head = lines.first else { return reply.body }
    return head + Array("\n\(lines.dropFirst().map { _ in Redaction.dots }.joined(separator: "\n"))".utf8)
  }

  // MARK: What the channel is asked

  /// The reference that a request is about; nil for one about the account.
  public static func reference(in url: String) -> String? {
    url.hasPrefix(sends) ? String(url.dropFirst(sends.count)) : nil
  }
}
