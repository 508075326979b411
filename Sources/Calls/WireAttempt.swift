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
        credentialsOf: call.account, from: redirect(reply, pin) + adapter.redact(reply, kind: call.kind, pin: pin))
      exchange.reply = Array(redacted.prefix(Exchange.replyBytesMax))
    case .failure(let failure):
      exchange.error = failure.detail
      exchange.isProtocolFault = failure.isProtocolFault
    }
    return exchange
  }

  private static let locationBytesMax = 200

  /// Where a redirect leads, in words before its body: an address that has moved is mended by who sees where to. Without
  /// its query, which may be the one that was asked with.
  private func redirect(_ reply: WireReply, _ pin: Pin?) -> [UInt8] {
    guard let location = reply.location else { return [] }
    var target = Array(location.utf8.prefix { $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") })
    // Nor with a name and password.
    if let at = target.lastIndex(of: UInt8(ascii: "@")) {
      let slashes = target[..<at].lastIndex(of: UInt8(ascii: "/"))
      target.removeSubrange((slashes.map { $0 + 1 } ?? 0)...at)
    }
    if let pin { target = Redaction.removing(pin, from: target) }
    return Array("[it redirects to ".utf8) + target.prefix(Self.locationBytesMax)
      + Array(", which is not followed] ".utf8)
  }

  /// A text that may become an order's reason.
  func shown(_ text: String) -> String { Redaction.forReasons(call.account, text) }
}
