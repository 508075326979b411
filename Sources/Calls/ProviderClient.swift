public import Adapters
public import EventLoop
public import HTTPClient
public import Orders

/// Talks to providers: gives an adapter's requests to its channel, with the token that they need, and says what the replies
/// prove. What comes back has no secrets but a PIN.
@LoopActor
public final class ProviderClient {
  /// A line of text is due; more is an error page.
  private static let lineBytesMax = 65_536
  private static let catalogBytesMax = 16_777_216
  /// Connections to all providers together, of one process: enough that a provider that is silent, and so keeps as many
  /// as its limit allows, leaves some for the others.
  public nonisolated static let connectionsMax = 1024
  /// The token stands under it among the account's credentials while a request is under way.
  private static let tokenName = "access token"

  private let channels: [ChannelKind: any Channel]
  private let adapters: [any Adapter]
  private let tokens = Tokens()

  public nonisolated init(channels: [ChannelKind: any Channel], adapters: [any Adapter] = AdapterRegistry.sevk.all) {
    self.channels = channels
    self.adapters = adapters
  }

  /// With every channel that there is.
  ///
  /// - Parameters:
  ///   - sandbox: what the sandbox's panel knows; nil where no order of a sandbox is handled.
  ///   - stock: our own codes; nil where none are given out.
  public nonisolated convenience init(
    http: HTTPClient, sandbox: (any SandboxBooks)? = nil, stock: (any StockBooks)? = nil,
    adapters: [any Adapter] = AdapterRegistry.sevk.all
  ) {
    self.init(channels: Channels.all(http: http, sandbox: sandbox, stock: stock), adapters: adapters)
  }

  /// Sends an order, once.
  ///
  /// - Parameter notAfter: if the first byte has not left by then, it never does, and the send is proved not sent.
  public func send(
    reference: String, parameters: [String: String], account: ProviderAccount, notAfter: ContinuousClock.Instant? = nil
  ) async -> (SendOutcome, Exchange) {
    guard let adapter = adapter(account) as? any SendingAdapter else {
      let why = lack(account, "takes no orders")
      return (.notSent(why), Self.noExchange(.send, why))
    }
    let request = adapter.send(reference: reference, parameters: parameters, account: account)
    let wire = await carry(request, .send, adapter, account, notAfter: notAfter)
    let outcome: SendOutcome
    switch wire.result {
    case .success(let reply): outcome = adapter.readSend(reply)
    case .failure(let failure): outcome = failure.wasSent ? .unknown(failure.words) : .notSent(failure.words)
    }
    var exchange = wire.exchange(adapter, pin: outcome.pin)
    if case .success(let reply) = wire.result { exchange.mayBeAboutBalance = adapter.mayBeAboutBalance(reply) }
    if case .unknown = outcome { exchange.isUnfamiliar = Self.isUnfamiliar(wire, adapter) }
    return (outcome.mapText(wire.shown), exchange)
  }

  /// Asks about a reference.
  ///
  /// - Returns: what the answer proves, the exchange, and for an answer that would settle the order what another must
  ///   repeat (see ``Witness/fingerprint``): the PIN, or the line of a cancellation. Secret.
  public func query(
    reference: String, account: ProviderAccount
  ) async -> (outcome: QueryOutcome, exchange: Exchange, substance: [UInt8]) {
    guard let adapter = adapter(account) as? any QueryingAdapter else {
      let why = lack(account, "answers no questions")
      return (.queryFailed(why), Self.noExchange(.query, why), [])
    }
    let wire = await carry(adapter.query(reference: reference, account: account), .query, adapter, account)
    let outcome = Self.read(wire, adapter, account, reference)
    var exchange = wire.exchange(adapter, pin: outcome.pin)
    if case .unintelligible = outcome { exchange.isUnfamiliar = Self.isUnfamiliar(wire, adapter) }
    return (outcome.mapText(wire.shown), exchange, outcome.substance)
  }

  /// Asks about a reference for the control question, which compares raw answers.
  ///
  /// - Returns: what the answer proves, and the answer if it came with status 200.
  public func compare(
    reference: String, account: ProviderAccount
  ) async -> (QueryOutcome, NotReceivedEvidence.Answer?) {
    guard let adapter = adapter(account) as? any QueryingAdapter else {
      return (.queryFailed(lack(account, "answers no questions")), nil)
    }
    let wire = await carry(adapter.query(reference: reference, account: account), .query, adapter, account)
    let outcome = Self.read(wire, adapter, account, reference)
    guard case .success(let reply) = wire.result, reply.status == 200 else { return (outcome, nil) }
    // Some panels repeat the reference that they were asked about.
    var raw = reply.body
    for name in Set([adapter.wireReference(reference), reference]) {
      raw = Redaction.replacing(Array(name.utf8), in: raw)
    }
    let shown = Redaction.forReasons(wire.call.account, wire.exchange(adapter, pin: outcome.pin).reply)
    return (outcome, .init(raw: raw, shown: shown))
  }

  /// Whether login, address and permission work right now, and the balance.
  public func probe(account: ProviderAccount) async -> (ProbeOutcome, Exchange) {
    guard let adapter = adapter(account) as? any ProbingAdapter else {
      let why = lack(account, "can't be probed")
      return (.notWorking(why), Self.noExchange(.probe, why))
    }
    let wire = await carry(adapter.probe(account: account), .probe, adapter, account)
    var outcome: ProbeOutcome
    switch wire.result {
    case .success(let reply): outcome = adapter.readProbe(reply)
    case .failure(let failure): outcome = .notWorking(failure.words)
    }
    var exchange = wire.exchange(adapter, pin: nil)
    if case .notWorking(let text) = outcome {
      outcome = .notWorking(wire.shown(text))
      exchange.isUnfamiliar = Self.isUnfamiliar(wire, adapter)
    }
    return (outcome, exchange)
  }

  /// What the provider sells to this account.
  public func catalog(account: ProviderAccount) async -> (Result<[CatalogItem], CatalogError>, Exchange) {
    guard let adapter = adapter(account) as? any CatalogueAdapter else {
      let why = lack(account, "has no catalogue")
      return (.failure(CatalogError(why)), Self.noExchange(.catalog, why))
    }
    let wire = await carry(adapter.catalog(account: account), .catalog, adapter, account)
    let items: Result<[CatalogItem], CatalogError>
    switch wire.result {
    case .success(let reply):
      items = Result { () throws(CatalogError) in try adapter.readCatalog(reply) }
        .mapError { CatalogError(Redaction.removing(credentialsOf: wire.call.account, from: $0.description)) }
    case .failure(let failure):
      items = .failure(CatalogError(failure.detail))
    }
    return (items, wire.exchange(adapter, pin: nil))
  }

  /// Whether ``probe(account:)`` can tell anything of an account.
  public nonisolated func canProbe(_ account: ProviderAccount) -> Bool { adapter(account) is any ProbingAdapter }

  // MARK: Carrying

  func carry(
    _ request: WireRequest, _ kind: Exchange.Kind, _ adapter: any Adapter, _ account: ProviderAccount,
    notAfter: ContinuousClock.Instant? = nil
  ) async -> WireAttempt {
    var call = WireCall(
      kind: kind, request: request, account: account,
      replyBytesMax: kind == .catalog ? Self.catalogBytesMax : Self.lineBytesMax, notAfter: notAfter)
    guard case .token(let header, let prefix)? = request.authentication else { return await carry(call, adapter) }
    let token: AccessToken
    let begun = ContinuousClock.now
    do throws(WireFailure) {
      token = try await tokens.token(of: account) { () async throws(WireFailure) -> AccessToken in
        try await self.askForToken(adapter, account)
      }
    } catch {
      // Whatever became of the question for a token, the request itself has not left.
      let failure = WireFailure(words: "no token: \(error.words)", detail: "no token: \(error.detail)", wasSent: false)
      return WireAttempt(call, duration: ContinuousClock.now - begun, result: .failure(failure))
    }
    call.request.headers.append((header, prefix + token.value))
    call.account.credentials[Self.tokenName] = token.value
    let wire = await carry(call, adapter)
    if case .success(let reply) = wire.result, (adapter as? any TokenAdapter)?.refusesToken(reply) ?? false {
      tokens.forget(token, of: account)
    }
    return wire
  }

  private func askForToken(
    _ adapter: any Adapter, _ account: ProviderAccount
  ) async throws(WireFailure) -> AccessToken {
    guard let adapter = adapter as? any TokenAdapter else {
      throw WireFailure(words: "the adapter \(account.adapter) can't ask for one", wasSent: false)
    }
    let call = WireCall(
      kind: .probe, request: adapter.token(account: account), account: account, replyBytesMax: Self.lineBytesMax)
    let reply = try await carry(call, adapter).result.get()
    do throws(TokenError) { return try adapter.readToken(reply) } catch {
      throw WireFailure(words: Redaction.forReasons(account, error.description), wasSent: true)
    }
  }

  private func carry(_ call: WireCall, _ adapter: any Adapter) async -> WireAttempt {
    guard let channel = channels[type(of: adapter).channel] else {
      let why = "this program has no channel \(type(of: adapter).channel.rawValue)"
      return WireAttempt(call, duration: .zero, result: .failure(WireFailure(words: why, wasSent: false)))
    }
    let wire = await channel.carry(call)
    var result = wire.result.mapError { $0.redacted(call.account) }
    if case .success(var reply) = result {
      reply.decimalMark = call.account.decimalMark
      result = .success(reply)
    }
    return WireAttempt(call, duration: wire.duration, result: result)
  }

  private static func read(
    _ wire: WireAttempt, _ adapter: any QueryingAdapter, _ account: ProviderAccount, _ reference: String
  ) -> QueryOutcome {
    switch wire.result {
    case .success(let reply): adapter.readQuery(reply, about: reference, account: account)
    case .failure(let failure): .queryFailed(failure.words)
    }
  }

  /// Whether a reply that settled nothing is one that no row of its provider's contract explains.
  private static func isUnfamiliar(_ wire: WireAttempt, _ adapter: any Adapter) -> Bool {
    guard let adapter = adapter as? any ContractedAdapter, case .success(let reply) = wire.result else { return false }
    return adapter.row(of: reply, kind: wire.call.kind) == nil
  }

  // MARK: Adapters

  nonisolated func adapter(_ account: ProviderAccount) -> (any Adapter)? {
    adapters.first { type(of: $0).name == account.adapter }
  }

  /// Why an account can't be used for something.
  private func lack(_ account: ProviderAccount, _ what: String) -> String {
    if adapter(account) != nil { return "the adapter \(account.adapter) \(what)" }
    let names = adapters.map { type(of: $0).name }.sorted().joined(separator: ", ")
    return "this version has no adapter named \(account.adapter); it has: \(names)"
  }

  private static func noExchange(_ kind: Exchange.Kind, _ why: String) -> Exchange {
    Exchange(kind: kind, request: "", status: nil, reply: [], error: why, duration: .zero)
  }
}
