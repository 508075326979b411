public import EventLoop
public import HTTPClient
public import Orders

/// Talks to providers: carries an adapter's requests, and says what the replies prove.
///
/// Every request has a connection of its own, read to its end: on a kept one, a single surplus answer shifts each later
/// answer onto the question after it, and two customers get each other's PIN.
@LoopActor
public final class ProviderClient {
  /// A line of text is due; more is an error page.
  private static let lineBytesMax = 65_536
  private static let catalogBytesMax = 16_777_216
  private static let connectSecondsMax = 5
  /// Connections to all providers together, of one process: enough that a provider that is silent, and so keeps as many
  /// as its limit allows, leaves some for the others.
  public nonisolated static let connectionsMax = 1024

  private let http: HTTPClient

  public nonisolated init(http: HTTPClient) { self.http = http }

  /// Sends an order, once. (On a kept connection that the provider has closed, an HTTP stack may repeat the request by
  /// itself.)
  ///
  /// - Parameter notAfter: if the first byte has not left by then, it never does, and the send is proved not sent.
  public func send(
    reference: String, parameters: [String: String], account: ProviderAccount, notAfter: ContinuousClock.Instant? = nil
  ) async -> (SendOutcome, Exchange) {
    guard let adapter = AdapterRegistry.adapter(named: account.adapter) else {
      return (.notSent(Self.noAdapter(account)), Self.noExchange(.send, account))
    }
    let request = adapter.send(reference: reference, parameters: parameters, account: account)
    let wire = await carry(request, .send, account, notAfter: notAfter)
    let outcome: SendOutcome
    switch wire.result {
    case .success(let reply): outcome = adapter.readSend(reply)
    case .failure(let failure): outcome = failure.wasSent ? .unknown(failure.words) : .notSent(failure.words)
    }
    return (outcome.mapText { Redaction.forReasons(account, $0) }, wire.exchange(adapter, pin: nil))
  }

  /// Asks about a reference.
  ///
  /// - Returns: what the answer proves, the exchange, and for an answer that would settle the order what another must
  ///   repeat (see ``Witness/print``): the PIN, or the line of a cancellation. Secret.
  public func query(
    reference: String, account: ProviderAccount
  ) async -> (outcome: QueryOutcome, exchange: Exchange, substance: [UInt8]) {
    guard let adapter = AdapterRegistry.adapter(named: account.adapter) else {
      return (.queryFailed(Self.noAdapter(account)), Self.noExchange(.query, account), [])
    }
    let wire = await carry(adapter.query(reference: reference, account: account), .query, account)
    let outcome = Self.read(wire, adapter, account)
    var substance: [UInt8] = []
    switch (outcome, wire.result) {
    case (.completed(let pin, _), _): substance = pin.map { Array($0.secret.utf8) } ?? []
    case (.cancelled(let why), _): substance = Array(why.utf8)
    default: break
    }
    return (
      outcome.mapText { Redaction.forReasons(account, $0) },
      wire.exchange(adapter, pin: outcome.pin), substance
    )
  }

  /// Asks about a reference for the control question, which compares raw answers.
  ///
  /// - Returns: what the answer proves, and the answer if it came with status 200.
  public func compare(
    reference: String, account: ProviderAccount
  ) async -> (QueryOutcome, NotReceivedEvidence.Answer?) {
    guard let adapter = AdapterRegistry.adapter(named: account.adapter) else {
      return (.queryFailed(Self.noAdapter(account)), nil)
    }
    let wire = await carry(adapter.query(reference: reference, account: account), .query, account)
    let outcome = Self.read(wire, adapter, account)
    guard case .success(let reply) = wire.result, reply.status == 200 else { return (outcome, nil) }
    // Some panels repeat the reference that they were asked about.
    let raw = Redaction.replacing(Array(reference.utf8), in: reply.body)
    let shown = Redaction.forReasons(account, wire.exchange(adapter, pin: outcome.pin).reply)
    return (outcome, .init(raw: raw, shown: shown))
  }

  /// Whether login, address and permission work right now, and the balance.
  public func probe(account: ProviderAccount) async -> (ProbeOutcome, Exchange) {
    guard let adapter = AdapterRegistry.adapter(named: account.adapter) else {
      return (.notWorking(Self.noAdapter(account)), Self.noExchange(.probe, account))
    }
    let wire = await carry(adapter.probe(account: account), .probe, account)
    var outcome: ProbeOutcome
    switch wire.result {
    case .success(let reply): outcome = adapter.readProbe(reply)
    case .failure(let failure): outcome = .notWorking(failure.words)
    }
    if case .notWorking(let text) = outcome {
      outcome = .notWorking(Redaction.forReasons(account, text))
    }
    return (outcome, wire.exchange(adapter, pin: nil))
  }

  /// What the provider sells to this account.
  public func catalog(account: ProviderAccount) async -> (Result<[CatalogItem], CatalogError>, Exchange) {
    guard let adapter = AdapterRegistry.adapter(named: account.adapter) else {
      return (.failure(CatalogError(Self.noAdapter(account))), Self.noExchange(.catalog, account))
    }
    let wire = await carry(adapter.catalog(account: account), .catalog, account)
    let items: Result<[CatalogItem], CatalogError>
    switch wire.result {
    case .success(let reply):
      items = Result { () throws(CatalogError) in try adapter.readCatalog(reply) }
        .mapError { CatalogError(Redaction.removing(credentialsOf: account, from: $0.description)) }
    case .failure(let failure):
      items = .failure(CatalogError(failure.detail))
    }
    return (items, wire.exchange(adapter, pin: nil))
  }

  private func carry(
    _ request: WireRequest, _ kind: Exchange.Kind, _ account: ProviderAccount,
    notAfter: ContinuousClock.Instant? = nil
  ) async -> WireAttempt {
    let http = HTTPClientRequest(
      url: request.url, headers: Self.headers, timeout: account.timeout,
      connectTimeout: min(account.timeout, .seconds(Self.connectSecondsMax)),
      bodyBytesMax: kind == .catalog ? Self.catalogBytesMax : Self.lineBytesMax, connection: .fresh,
      notAfter: notAfter, readsToEnd: true)
    do {
      let reply = try await self.http.perform(http)
      if let fault = reply.lengthFault ?? Self.ageFault(reply) {
        return WireAttempt(
          kind: kind, request: request, account: account, duration: reply.duration,
          result: .failure(
            WireFailure(words: "an answer that is not believed: \(fault)", wasSent: true, isProtocolFault: true)))
      }
      return WireAttempt(
        kind: kind, request: request, account: account, duration: reply.duration,
        result: .success(
          WireReply(
            status: reply.status, contentType: reply.contentType, body: reply.body, decimalMark: account.decimalMark)))
    } catch let error as HTTPClientError {
      let words = Redaction.removing(credentialsOf: account, from: error.words)
      let detail = Redaction.removing(credentialsOf: account, from: error.description)
      return WireAttempt(
        kind: kind, request: request, account: account, duration: error.duration,
        result: .failure(
          WireFailure(
            words: words, detail: detail, wasSent: error.reach != .notSent, isProtocolFault: error.isProtocolFault)))
    } catch {
      // Whatever else ends a request, such as a cancelled task, does not prove that nothing left.
      return WireAttempt(
        kind: kind, request: request, account: account, duration: .zero,
        result: .failure(WireFailure(words: "the request was given up", wasSent: true)))
    }
  }

  private static func read(
    _ wire: WireAttempt, _ adapter: any Adapter, _ account: ProviderAccount
  ) -> QueryOutcome {
    switch wire.result {
    case .success(let reply): adapter.readQuery(reply, account: account)
    case .failure(let failure): .queryFailed(failure.words)
    }
  }

  /// Two answers prove something only if both are the provider's: no proxy may keep one.
  private static let headers = [("Cache-Control", "no-cache, no-store"), ("Pragma", "no-cache")]

  private static func ageFault(_ reply: HTTPClientReply) -> String? {
    let age = reply.headers.first { $0.name.lowercased() == "age" }.flatMap { Int($0.value) }
    return age.map { $0 > 0 ? "a cache on the way kept it for \($0) s" : nil } ?? nil
  }

  private static func noAdapter(_ account: ProviderAccount) -> String {
    "this version has no adapter named \(account.adapter); it has: \(AdapterRegistry.names.joined(separator: ", "))"
  }

  private static func noExchange(_ kind: Exchange.Kind, _ account: ProviderAccount) -> Exchange {
    Exchange(kind: kind, request: "", status: nil, reply: [], error: noAdapter(account), duration: .zero)
  }
}
