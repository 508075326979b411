internal import EventLoop
internal import Jobs
internal import Redis

extension ProviderLimiter {
  /// Changes the breaker, unless it has changed since `version`.
  ///
  /// - Parameters:
  ///   - mode: `closed`, `ramp` or `open`.
  ///   - pause: until the next probe when open; kept for the next time otherwise.
  ///   - limit: most sends at once while it ramps.
  ///   - trouble: `access` or `balance` when trouble of the account opens it; kept until it closes.
  /// - Returns: false when another process was faster.
  public func change(
    _ provider: Int64, from version: Int64, to mode: String, pause: Duration, limit: Int, why: String,
    trouble: String? = nil
  ) async throws -> Bool {
    let reply = try await client.run(
      ProviderScripts.change, keys: [key(provider, "state"), key(provider, "signs"), key(provider, "odd")],
      arguments: [
        .integer(version), .string(mode), .integer(pause.millisecondsRoundedUp), .integer(Int64(limit)),
        .string(String(why.prefix(Self.textCharactersMax))), .string(trouble ?? ""),
      ])
    return try flag(reply)
  }

  /// Notes that the provider called its balance too low for a product, whose sends wait from now on.
  ///
  /// - Returns: whether the balance is known, so that it can be seen to rise.
  public func noteShort(_ product: String, at provider: Int64) async throws -> Bool {
    let reply = try await client.run(
      ProviderScripts.short, keys: [key(provider, "state"), key(provider, "costs")], arguments: [.string(product)])
    return try flag(reply)
  }

  /// Forgets the costs and sums learnt from a provider's answers, and has it probed at once when it is closed.
  public func forget(_ provider: Int64) async throws {
    _ = try await client.run(
      ProviderScripts.forget, keys: [key(provider, "state"), key(provider, "costs"), key(provider, "ledger")],
      arguments: [])
  }

  /// Everything that is known of a provider.
  public func state(of provider: Int64) async throws -> ProviderState {
    let reply = try await client.run(
      ProviderScripts.state, keys: [key(provider, "slots"), key(provider, "state")], arguments: [])
    guard let values = reply.array, values.count >= 2, values.count % 2 == 0, let slots = values[0].integer,
      let now = values[1].integer
    else { throw Self.malformed }
    var fields: [String: String] = [:]
    for index in stride(from: 2, to: values.count, by: 2) { fields[values[index].text ?? ""] = values[index + 1].text }
    return ProviderState(slotsInUse: Int(slots), now: now, fields: fields)
  }

  /// How many of the last sends (20 at most, since its breaker changed) there were, and how many of them it answered.
  public func lastSends(of provider: Int64) async throws -> (count: Int, answered: Int) {
    let outcomes = try await client.command("LRANGE", key(provider, "signs"), 0, -1).array?.compactMap(\.text) ?? []
    return (outcomes.count, outcomes.count { $0.hasPrefix("1") })
  }

  /// What is known of a product's cost from the provider's answers.
  public func price(of product: String, at provider: Int64) async throws -> ProviderPrice {
    let values = try await client.command(
      "HMGET", key(provider, "costs"), .string(product), .string("!" + product), .string("@" + product),
      .string("$" + product)
    ).array
    guard let values, values.count == 4 else { throw Self.malformed }
    return ProviderPrice(
      cost: values[0].integer, shortAt: values[1].integer, waitsSince: values[2].integer, costAt: values[3].integer)
  }

  /// How many products there are that orders wait for, or waited for, and that the balance is too low for.
  public func productsShort(at provider: Int64, balance: Int64?) async throws -> Int {
    let values = try await client.command("HGETALL", key(provider, "costs")).array?.compactMap(\.text) ?? []
    var fields: [String: String] = [:]
    for index in stride(from: 0, to: values.count - 1, by: 2) { fields[values[index]] = values[index + 1] }
    return fields.count { field, value in
      guard field.hasPrefix("?") else { return false }
      let product = field.dropFirst()
      let waits = value.split(separator: " ").dropFirst().first.flatMap { Int64($0) }
      let price = ProviderPrice(
        cost: fields[String(product)].flatMap { Int64($0) } ?? waits,
        shortAt: fields["!" + product].flatMap { Int64($0) })
      return price.isTooMuch(for: balance)
    }
  }

  /// Notes the balance that a probe showed, in ten-thousandths.
  public func noteBalance(_ balance: Int64, of provider: Int64) async throws {
    _ = try await client.run(
      ProviderScripts.balance, keys: [key(provider, "state")], arguments: [.integer(balance)])
  }

  /// When an order that leaves another provider comes to this one, if not before `after`: one after the other, as fast as
  /// this one takes them.
  public func turn(at provider: Int64, _ limits: ProviderLimits, after: Duration) async throws -> Duration {
    let reply = try await client.run(
      ProviderScripts.turn, keys: [key(provider, "state"), key(provider, "turns")],
      arguments: [
        .integer(Int64(limits.concurrencyMax)), .integer(limits.ratePerSecond.map { 1_000_000 / Int64($0) } ?? 0),
        .integer(after.millisecondsRoundedUp),
      ])
    guard let wait = reply.integer, wait >= 0 else { throw Self.malformed }
    return .milliseconds(wait)
  }

  /// Takes the sends noted since the last time, for this process alone to judge. ``keepSums(_:of:)`` must follow.
  ///
  /// - Returns: the sums as they were kept (empty when there are none), and the sends; nil when there are none.
  public func takeLedger(of provider: Int64) async throws -> (sums: String, entries: [ProviderLedgerEntry])? {
    let reply = try await client.run(
      ProviderScripts.ledger, keys: [key(provider, "ledger"), key(provider, "state")], arguments: [""])
    guard let texts = reply.array?.compactMap(\.text), let sums = texts.first else { return nil }
    return (sums, texts.dropFirst().compactMap { ProviderLedgerEntry($0) })
  }

  public func keepSums(_ sums: String, of provider: Int64) async throws {
    _ = try await client.run(
      ProviderScripts.ledger, keys: [key(provider, "ledger"), key(provider, "state")], arguments: [.string(sums)])
  }

  private func flag(_ reply: RedisValue) throws(RedisError) -> Bool {
    guard let number = reply.integer else {
      throw RedisError(.protocolError, "a script of the provider's state answered in an unexpected form")
    }
    return number == 1
  }
}
