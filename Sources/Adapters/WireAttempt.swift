import Orders

/// One request and what came of it.
struct WireAttempt {
  let kind: Exchange.Kind
  let request: WireRequest
  let account: ProviderAccount
  let duration: Duration
  let result: Result<WireReply, WireFailure>

  func exchange(_ adapter: any Adapter, pin: Pin?) -> Exchange {
    var exchange = Exchange(
      kind: kind, request: request.redacted, status: nil, reply: [], error: nil, duration: duration)
    switch result {
    case .success(let reply):
      exchange.status = reply.status
      // Cut only after redacting: half a secret would not be found. A catalogue is read, not kept.
      let redacted = Redaction.removing(
        credentialsOf: account, from: adapter.redact(reply, kind: kind, pin: pin))
      exchange.reply = Array(redacted.prefix(Exchange.replyBytesMax))
    case .failure(let failure):
      exchange.error = failure.detail
      exchange.isProtocolFault = failure.isProtocolFault
    }
    return exchange
  }
}

/// Why there is no reply.
struct WireFailure: Error {
  /// Without secrets and without the provider's address: for reasons, which shops are shown.
  let words: String
  /// Without secrets: for support, with the address.
  let detail: String
  /// False only when the request provably never left.
  let wasSent: Bool
  /// See ``Exchange/isProtocolFault``.
  let isProtocolFault: Bool

  /// - Parameter detail: nil where the words say all.
  init(words: String, detail: String? = nil, wasSent: Bool, isProtocolFault: Bool = false) {
    self.words = words
    self.detail = detail ?? words
    self.wasSent = wasSent
    self.isProtocolFault = isProtocolFault
  }
}

extension SendOutcome {
  func mapText(_ transform: (String) -> String) -> SendOutcome {
    switch self {
    case .accepted: self
    case .refused(let text): .refused(transform(text))
    case .accountTrouble(let text, let isBalance): .accountTrouble(transform(text), isBalance: isBalance)
    case .notSent(let text): .notSent(transform(text))
    case .unknown(let text): .unknown(transform(text))
    }
  }
}

extension QueryOutcome {
  func mapText(_ transform: (String) -> String) -> QueryOutcome {
    switch self {
    case .waiting(let text): .waiting(transform(text))
    case .completed(let pin, let note): .completed(pin, note: transform(note))
    case .cancelled(let text): .cancelled(transform(text))
    case .notFound(let text): .notFound(transform(text))
    case .queryFailed(let text): .queryFailed(transform(text))
    case .unintelligible(let text): .unintelligible(transform(text))
    }
  }

  var pin: Pin? {
    if case .completed(let pin, _) = self { return pin }
    return nil
  }
}
