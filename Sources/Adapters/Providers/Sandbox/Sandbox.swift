public import Orders

/// The panel for orders of a sandbox: nothing of them leaves the process, and whom an order is for decides what becomes of
/// it. Its grammar is a word and what goes with it. See ``SandboxScript``.
public struct Sandbox: SendingAdapter, QueryingAdapter, ProbingAdapter {
  public static let name = "sandbox"
  public static let credentialNames: [String] = []
  public static let channel = ChannelKind.sandbox
  private static let referenceDigits = 18

  public init() {}

  public var facts: ProviderFacts {
    ProviderFacts(notFound: .never, referenceDigits: Self.referenceDigits, quantityMax: .max, requiredParameters: [])
  }

  /// What an order must look like, the adapter of the real provider says.
  public func validate(parameters: [String: String]) -> [ParameterProblem] { [] }

  public func send(reference: String, parameters: [String: String], account: ProviderAccount) -> WireRequest {
    let url = SandboxScript.url(of: reference)
    return WireRequest(method: "POST", url: url, redacted: "POST \(url)")
  }

  public func readSend(_ reply: WireReply) -> SendOutcome {
    let (word, text) = Self.parts(reply)
    return switch word {
    case SandboxScript.Word.accepted: .accepted(Receipt())
    case SandboxScript.Word.refused: .refused(text)
    default: .unknown("an answer that the sandbox does not give")
    }
  }

  public func query(reference: String, account: ProviderAccount) -> WireRequest {
    let url = SandboxScript.url(of: reference)
    return WireRequest(url: url, redacted: "GET \(url)")
  }

  public func readQuery(_ reply: WireReply, account: ProviderAccount) -> QueryOutcome {
    let (word, text) = Self.parts(reply)
    switch word {
    case SandboxScript.Word.waiting: return .waiting(text)
    case SandboxScript.Word.cancelled: return .cancelled(text)
    case SandboxScript.Word.notFound: return .notFound(text)
    case SandboxScript.Word.delivered:
      let parts = text.split(separator: " ", maxSplits: 1).map(String.init)
      guard let pin = parts.first else { return .unintelligible("a delivery without a PIN") }
      return .completed(Pin(pin), note: parts.count == 2 ? parts[1] : "")
    default: return .unintelligible("an answer that the sandbox does not give")
    }
  }

  public func probe(account: ProviderAccount) -> WireRequest {
    WireRequest(url: SandboxScript.accountURL, redacted: "GET \(SandboxScript.accountURL)")
  }

  public func readProbe(_ reply: WireReply) -> ProbeOutcome { .working(balance: nil) }

  public func redact(_ reply: WireReply, kind: Exchange.Kind, pin: Pin?) -> [UInt8] {
    pin.map { Redaction.removing($0, from: reply.body) } ?? reply.body
  }

  private static func parts(_ reply: WireReply) -> (word: String, text: String) {
    let parts = String(decoding: reply.body, as: UTF8.self).split(separator: " ", maxSplits: 1).map(String.init)
    return (parts.first ?? "", parts.count == 2 ? parts[1] : "")
  }
}
