public import Adapters
import Orders

/// One request and what came of it.
public struct WireAttempt: Sendable {
  public let call: WireCall
  public let duration: Duration
  public let result: Result<WireReply, WireFailure>
  /// The same call brought the answer about another order, where it is counted.
  let isCopy: Bool

  public init(_ call: WireCall, duration: Duration, result: Result<WireReply, WireFailure>, isCopy: Bool = false) {
    self.isCopy = isCopy
    self.call = call
    self.duration = duration
    self.result = result
  }

  /// What is kept of it.
  func exchange(_ adapter: any Adapter, pin: Pin?) -> Exchange {
    var exchange = Exchange(
      kind: call.kind, request: call.request.redacted, status: nil, reply: [], error: nil, duration: duration)
    exchange.isCopy = isCopy
    switch result {
    case .success(let reply):
      exchange.status = reply.status
      // Cut only after redacting: half a secret would not be found. A catalogue is read, not kept.
      let redacted = Redaction.removing(
        credentialsOf: call.account, from: adapter.redact(reply, kind: call.kind, pin: pin))
      exchange.reply = Array(redacted.prefix(Exchange.replyBytesMax))
    case .failure(let failure):
      exchange.error = failure.detail
      exchange.isProtocolFault = failure.isProtocolFault
    }
    return exchange
  }

  /// A text that may become an order's reason.
  func shown(_ text: String) -> String { Redaction.forReasons(call.account, text) }
}
