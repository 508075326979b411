public import Orders

/// People of our own: partners who are offered orders and fulfil them. A provider inside the database, as ``Stock`` is, so nothing
/// about a send is ever unknown: it is handed over in a transaction that holds the order in `sending` under that very
/// reference, and once the order has left that, "not found" is proved as soon as it is said.
///
/// What becomes of an order that is there decide the partners, not questions: see `AfterPartner`.
public struct Desk: SendingAdapter, QueryingAdapter, ProbingAdapter {
  public static let name = "desk"
  public static let credentialNames: [String] = []
  public static let parameterNotes = ["flow=pickup|delivery|work, or --flow", "handover=code|none, or --handover"]
  public static let channel = ChannelKind.desk
  /// Parameters of its routes.
  public static let flowParameter = "flow"
  public static let handOverParameter = "handover"
  /// Most units of one order; what that means is between people.
  public static let quantityMax = 10_000
  private static let referenceDigits = 18
  /// A send that every desk has always known, so that it can be told from those that it never got.
  public static let knownReference = "000000000000000000"
  private static let scheme = "desk:/"
  private static let account = scheme + "account"
  private static let sends = scheme + "sends/"

  public init() {}

  public var facts: ProviderFacts {
    ProviderFacts(
      // It is in the order's own database: see `offer_to_desk.sql`.
      notFound: .after(.zero), deliveryTrust: .byItself, resendSafe: .yes, referenceDigits: Self.referenceDigits,
      quantityMax: Self.quantityMax, requiredParameters: [Self.flowParameter],
      otherParameters: .these([Self.handOverParameter]))
  }

  public func validate(parameters: [String: String]) -> [ParameterProblem] {
    var problems: [ParameterProblem] = []
    if Flow(rawValue: parameters[Self.flowParameter] ?? "") == nil {
      let flows = Flow.allCases.map(\.rawValue).joined(separator: ", ")
      problems.append(ParameterProblem(parameter: Self.flowParameter, message: "must be one of \(flows)"))
    }
    if let handOver = parameters[Self.handOverParameter], HandOver(rawValue: handOver) == nil {
      problems.append(ParameterProblem(parameter: Self.handOverParameter, message: "must be code or none"))
    }
    return problems
  }

  // MARK: Sends

  public func send(reference: String, parameters: [String: String], account: ProviderAccount) -> WireRequest {
    let url = Self.sends + reference
    let handOver = parameters[Self.handOverParameter] ?? HandOver.none.rawValue
    let body = "\(parameters[Self.flowParameter] ?? "") \(handOver)"
    return WireRequest(method: "POST", url: url, body: Array(body.utf8), redacted: "POST \(url) \(body)")
  }

  public func readSend(_ reply: WireReply) -> SendOutcome {
    switch DeskAnswer(String(decoding: reply.body, as: UTF8.self)) {
    case .there: .accepted(Receipt())
    // It says so of its own database, in the transaction that would have handed it over.
    case .over(let why): .notSent(why)
    case .done, .notFound, .working, nil: .unknown("an answer that no desk gives")
    }
  }

  // MARK: Questions

  public func query(reference: String, account: ProviderAccount) -> WireRequest {
    let url = Self.sends + reference
    return WireRequest(url: url, redacted: "GET \(url)")
  }

  public func readQuery(_ reply: WireReply, account: ProviderAccount) -> QueryOutcome {
    switch DeskAnswer(String(decoding: reply.body, as: UTF8.self)) {
    case .there(let stage): .waiting(stage)
    case .done: .completed(nil, note: "")
    case .over(let why): .cancelled(why)
    case .notFound: .notFound("nothing was handed over under this reference")
    case .working, nil: .unintelligible("an answer that no desk gives")
    }
  }

  public func probe(account: ProviderAccount) -> WireRequest {
    WireRequest(url: Self.account, redacted: "GET \(Self.account)")
  }

  public func readProbe(_ reply: WireReply) -> ProbeOutcome {
    DeskAnswer(String(decoding: reply.body, as: UTF8.self)) == .working
      ? .working(balance: nil) : .notWorking("an answer that no desk gives")
  }

  /// Nothing in it is a secret: the hand-over code is never told here.
  public func redact(_ reply: WireReply, kind: Exchange.Kind, pin: Pin?) -> [UInt8] { reply.body }

  // MARK: What the channel is asked

  /// The reference that a request is about; nil for one about the account.
  public static func reference(in url: String) -> String? {
    url.hasPrefix(sends) ? String(url.dropFirst(sends.count)) : nil
  }

  /// What a send wants; nil for what no ``send(reference:parameters:account:)`` made.
  public static func wanted(by body: [UInt8]) -> (flow: Flow, handOver: HandOver)? {
    let words = String(decoding: body, as: UTF8.self).split(separator: " ").map(String.init)
    guard words.count == 2, let flow = Flow(rawValue: words[0]), let handOver = HandOver(rawValue: words[1]) else {
      return nil
    }
    return (flow, handOver)
  }
}
