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

  /// And what a header has in it that is as secret as a login.
  private static let headerName = "authorization"

  private let channels: [ChannelKind: any Channel]
  private let adapters: [any Adapter]
  private let tokens: Tokens
  private let batches = QuestionBatches()

  /// - Parameter tokens: where processes share tokens; nil: this one asks for its own.
  public nonisolated init(
    channels: [ChannelKind: any Channel], tokens: (any TokenBooks)? = nil,
    adapters: [any Adapter] = AdapterRegistry.sevk.all
  ) {
    self.channels = channels
    self.tokens = Tokens(tokens)
    self.adapters = adapters
  }

  /// With every channel that there is.
  ///
  /// - Parameters:
  ///   - sandbox: what the sandbox's panel knows; nil where no order of a sandbox is handled.
  ///   - stock: our own codes; nil where none are given out.
  ///   - desk: our own partners; nil where none are asked.
  ///   - tokens: where processes share tokens; nil: this one asks for its own.
  public nonisolated convenience init(
    http: HTTPClient, sandbox: (any SandboxBooks)? = nil, stock: (any StockBooks)? = nil,
    desk: (any DeskBooks)? = nil, tokens: (any TokenBooks)? = nil, adapters: [any Adapter] = AdapterRegistry.sevk.all
  ) {
    self.init(
      channels: Channels.all(http: http, sandbox: sandbox, stock: stock, desk: desk), tokens: tokens, adapters: adapters
    )
  }

  /// Sends an order, once.
  ///
  /// - Parameters:
  ///   - chain: ends with the order that is sent; told to who may pass it on (``ForwardingAdapter``).
  ///   - notAfter: if the first byte has not left by then, it never does, and the send is proved not sent.
  public func send(
    reference: String, parameters: [String: String], account: ProviderAccount, chain: OrderChain = OrderChain(),
    notAfter: ContinuousClock.Instant? = nil
  ) async -> (SendOutcome, Exchange) {
    guard let adapter = adapter(account) as? any SendingAdapter else {
      let why = lack(account, "takes no orders")
      return (.notSent(why), Self.noExchange(.send, why))
    }
    let request =
      (adapter as? any ForwardingAdapter)?
      .send(reference: reference, parameters: parameters, chain: chain, account: account)
      ?? adapter.send(reference: reference, parameters: parameters, account: account)
    let steps = await walk(request, .send, reference, adapter, account, notAfter: notAfter)
    let outcome: SendOutcome
    switch steps.result {
    case .success(let replies):
      outcome =
        (adapter as? any SteppingAdapter)?.readSend(replies, reference: reference) ?? adapter.readSend(replies[0])
    case .failure(let failure): outcome = failure.wasSent ? .unknown(failure.words) : .notSent(failure.words)
    }
    var exchange = steps.exchange(adapter, pin: outcome.pin)
    if case .success(let reply) = steps.last.result { exchange.mayBeAboutBalance = adapter.mayBeAboutBalance(reply) }
    if case .unknown = outcome { exchange.isUnfamiliar = Self.isUnfamiliar(steps.last, adapter) }
    return (outcome.mapText(steps.shown), exchange)
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
    let steps: Steps
    if let wire = await askTogether(reference, adapter, account) {
      steps = Steps(wire)
    } else {
      steps = await walk(
        adapter.query(reference: reference, account: account), .query, reference, adapter, account)
    }
    let outcome = Self.read(steps, adapter, account, reference)
    var exchange = steps.exchange(adapter, pin: outcome.pin)
    if case .unintelligible = outcome { exchange.isUnfamiliar = Self.isUnfamiliar(steps.last, adapter) }
    return (outcome.mapText(steps.shown), exchange, outcome.substance)
  }

  /// The answer to a question that went out with others; nil when it is to be asked alone.
  private func askTogether(
    _ reference: String, _ adapter: any QueryingAdapter, _ account: ProviderAccount
  ) async -> WireAttempt? {
    guard let adapter = adapter as? any BatchQueryingAdapter else { return nil }
    return await batches.ask(reference, adapter, account) { request, adapter, account in
      await self.carry(request, .query, adapter, account)
    }
  }

  /// Asks about a reference for the control question, which compares raw answers.
  ///
  /// - Returns: what the answer proves, and the answer if it came with status 200 or says "not there".
  public func compare(
    reference: String, account: ProviderAccount
  ) async -> (QueryOutcome, NotReceivedEvidence.Answer?) {
    guard let adapter = adapter(account) as? any QueryingAdapter else {
      return (.queryFailed(lack(account, "answers no questions")), nil)
    }
    let steps = await walk(
      adapter.query(reference: reference, account: account), .query, reference, adapter, account)
    let outcome = Self.read(steps, adapter, account, reference)
    guard case .success(let replies) = steps.result else { return (outcome, nil) }
    // Some say "not there" by the status; any other page than a 200 that the contract does not read so is a proxy's.
    var isMissing = false
    if case .notFound = outcome { isMissing = true }
    guard isMissing || replies.allSatisfy({ $0.status == 200 }) else { return (outcome, nil) }
    // Some panels repeat the reference that they were asked about.
    var raw = Array(replies.map { Array("\($0.status)\n".utf8) + $0.body }.joined())
    for name in Set([adapter.wireReference(reference), reference]) {
      raw = Redaction.replacing(Array(name.utf8), in: raw)
    }
    let shown = Redaction.forReasons(steps.last.call.account, steps.exchange(adapter, pin: outcome.pin).reply)
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

  /// Makes a request, and those that its answers lead to, all within the account's timeout: who takes up the order of a sender
  /// that died counts on that.
  private func walk(
    _ first: WireRequest, _ kind: Exchange.Kind, _ reference: String, _ adapter: any Adapter,
    _ account: ProviderAccount, notAfter: ContinuousClock.Instant? = nil
  ) async -> Steps {
    let end = ContinuousClock.now + account.timeout
    var steps = Steps(await carry(first, kind, adapter, account, notAfter: notAfter))
    guard let stepping = adapter as? any SteppingAdapter else { return steps }
    while steps.count < type(of: stepping).stepsMax, case .success(let replies) = steps.result,
      let next = stepping.step(after: replies, of: kind, reference: reference, account: account)
    {
      steps.add(await carry(next, kind, adapter, account, notAfter: end, end: end))
    }
    return steps
  }

  /// - Parameter end: by then there is an answer, or none.
  func carry(
    _ request: WireRequest, _ kind: Exchange.Kind, _ adapter: any Adapter, _ account: ProviderAccount,
    notAfter: ContinuousClock.Instant? = nil, end: ContinuousClock.Instant? = nil
  ) async -> WireAttempt {
    var call = WireCall(
      kind: kind, request: request, account: account,
      replyBytesMax: kind == .catalog ? Self.catalogBytesMax : Self.lineBytesMax, notAfter: notAfter)
    let header: String
    let prefix: String
    switch request.authentication {
    case nil: return await carry(call, adapter, end)
    case .basic(let user, let password):
      let text = WireRequest.Authentication.basicText(user: user, password: password)
      call.request.headers.append(("Authorization", "Basic \(text)"))
      call.account.credentials[Self.headerName] = text
      return await carry(call, adapter, end)
    case .token(let name, let before): (header, prefix) = (name, before)
    }
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
    let wire = await carry(call, adapter, end)
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

  private func carry(
    _ call: WireCall, _ adapter: any Adapter, _ end: ContinuousClock.Instant? = nil
  ) async -> WireAttempt {
    var call = call
    if let end {
      call.account.timeout = min(call.account.timeout, end - ContinuousClock.now)
      guard call.account.timeout > .zero else {
        let failure = WireFailure(words: "no time was left for it", wasSent: false)
        return WireAttempt(call, duration: .zero, result: .failure(failure))
      }
    }
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
    _ steps: Steps, _ adapter: any QueryingAdapter, _ account: ProviderAccount, _ reference: String
  ) -> QueryOutcome {
    switch steps.result {
    case .success(let replies):
      (adapter as? any SteppingAdapter)?.readQuery(replies, about: reference, account: account)
        ?? adapter.readQuery(replies[0], about: reference, account: account)
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
