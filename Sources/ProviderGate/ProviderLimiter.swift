public import EventLoop
internal import Jobs
public import Redis

/// What all processes together ask of one provider: sends at once, sends a second, and whether any go at all.
///
/// The state is in Redis and goes by Redis' clock. When Redis loses it, the provider starts afresh: its breaker closed, no
/// slot taken. What several tasks ask in a tick goes out as one script call for each provider.
@LoopActor
public final class ProviderLimiter {
  /// Most sends in one script call.
  nonisolated static let batchMax = 200
  nonisolated static let batchesMax = 2
  /// A send that the rate lets go within this time is promised its moment; later ones are sent away.
  public nonisolated static let reservedWaitMax = Duration.milliseconds(200)
  /// Longest text kept of what went wrong, in characters.
  nonisolated static let textCharactersMax = 300

  let client: RedisClient
  private let flowMemory: Duration
  private let prefix: String
  private var entrances: [Int64: Batcher<SlotRequest, ProviderPlace>] = [:]
  private var exits: [Int64: Batcher<ProviderLeave, ProviderOutcomes>] = [:]

  /// - Parameters:
  ///   - client: stays the caller's to close.
  ///   - flowMemory: how long a flow is remembered after one of its sends came back.
  ///   - prefix: the first part of every key.
  public nonisolated init(client: RedisClient, flowMemory: Duration = .seconds(600), prefix: String = "sevk") {
    self.flowMemory = flowMemory
    self.client = client
    self.prefix = prefix
  }

  func key(_ provider: Int64, _ name: String) -> RedisArgument { .string("\(prefix):{provider:\(provider)}:\(name)") }

  // MARK: In and out

  /// Asks for one send.
  ///
  /// - Throws: `RedisError`, after which a slot may be taken under the token until it expires.
  public func enter(_ provider: Int64, _ want: SlotRequest) async throws -> ProviderPlace {
    let batcher =
      entrances[provider]
      ?? Batcher(batchMax: Self.batchMax, concurrencyMax: Self.batchesMax) { [self] wants in
        try await enter(provider, wants).map { .success($0) }
      }
    entrances[provider] = batcher
    return try await batcher.submit(want)
  }

  private func enter(_ provider: Int64, _ wants: [SlotRequest]) async throws -> [ProviderPlace] {
    // Settings are read again now and then, so the last has the newest.
    guard let limits = wants.last?.limits else { return [] }
    let reply = try await enter(provider, limits, wants)
    guard reply.count == 5 + wants.count * 2, let mode = reply[0].text, let version = reply[1].integer,
      let nextProbe = reply[2].integer, let noted = reply[4].integer
    else { throw Self.malformed }
    let probe = reply[3].text.flatMap { ProviderProbe(rawValue: $0) }
    return try wants.indices.map { index in
      guard let letter = reply[5 + index * 2].text, let wait = reply[6 + index * 2].integer else {
        throw Self.malformed
      }
      return ProviderPlace(
        answer: letter == "g"
          ? .go(after: .milliseconds(wait))
          : .wait(ProviderPlace.Why(letter: letter), wait < 0 ? nil : .milliseconds(wait)),
        mode: mode, version: version, noted: noted, nextProbe: .milliseconds(nextProbe),
        // One of the batch makes the probe.
        probe: index == 0 ? probe : nil)
    }
  }

  /// Asks for the probe that is due, if one is, and for nothing else.
  public func probeIfDue(_ provider: Int64, _ limits: ProviderLimits) async throws -> ProviderProbe? {
    let reply = try await enter(provider, limits, [])
    return reply.count == 5 ? reply[3].text.flatMap { ProviderProbe(rawValue: $0) } : nil
  }

  private func enter(_ provider: Int64, _ limits: ProviderLimits, _ wants: [SlotRequest]) async throws -> [RedisValue] {
    let settings: [RedisArgument] = [
      .integer(Int64(limits.concurrencyMax)), .integer(limits.ratePerSecond.map { 1_000_000 / Int64($0) } ?? 0),
      .integer(limits.slotLife.millisecondsRoundedUp), .integer(Self.reservedWaitMax.millisecondsRoundedUp),
      .integer(limits.probeLife.millisecondsRoundedUp), .integer(limits.balanceProbePause.millisecondsRoundedUp),
      limits.isPaused ? "1" : "0", .integer(limits.pausedWait.millisecondsRoundedUp),
      .integer(limits.shortTryPause.millisecondsRoundedUp),
    ]
    let arguments = wants.flatMap { want -> [RedisArgument] in
      let flags =
        (want.isUrgent ? "u" : "") + (want.isLastTry ? "l" : "") + (want.isShutOut ? "x" : "")
        + (want.isOutOfStock ? "e" : "")
      let cost = want.catalogCost.map(String.init) ?? ""
      return [.string(want.token), .string(want.product), .string(cost), .string(flags)]
    }
    let reply = try await client.run(
      ProviderScripts.enter, keys: [key(provider, "slots"), key(provider, "state"), key(provider, "costs")],
      arguments: settings + arguments)
    guard let values = reply.array else { throw Self.malformed }
    return values
  }

  /// Gives a slot back and notes what came of the send.
  ///
  /// - Returns: what is known of the sends since the breaker's last change, this one included.
  public func leave(_ provider: Int64, _ leave: ProviderLeave) async throws -> ProviderOutcomes {
    let batcher =
      exits[provider]
      ?? Batcher(batchMax: Self.batchMax, concurrencyMax: Self.batchesMax) { [self] leaves in
        let outcomes = try await self.leave(provider, leaves)
        return leaves.map { _ in .success(outcomes) }
      }
    exits[provider] = batcher
    return try await batcher.submit(leave)
  }

  private func leave(_ provider: Int64, _ leaves: [ProviderLeave]) async throws -> ProviderOutcomes {
    let reply = try await client.run(
      ProviderScripts.leave,
      keys: ["slots", "state", "costs", "signs", "ledger", "answers", "odd"].map { key(provider, $0) },
      arguments: [.integer(flowMemory.millisecondsRoundedUp)]
        + leaves.flatMap { leave -> [RedisArgument] in
          [
            .string(leave.token), .integer(leave.version), .integer(leave.noted), .string(leave.result.rawValue),
            .integer(leave.took.millisecondsRoundedUp), .string(leave.product),
            .string(leave.cost.map(String.init) ?? ""), .string(leave.balance.map(String.init) ?? ""),
            .string(String(leave.error.prefix(Self.textCharactersMax))), .string(leave.flow),
          ]
        })
    guard let values = reply.array, values.count == 7, let last = values[5].array, let flows = values[6].array,
      last.count % 3 == 0, flows.count % 3 == 0, let mode = values[0].text,
      let version = values[1].integer, let limit = values[2].integer, let passed = values[3].integer,
      let pause = values[4].integer
    else { throw Self.malformed }
    return ProviderOutcomes(
      mode: mode, version: version, limit: Int(limit), passed: Int(passed), pause: .milliseconds(pause),
      last: stride(from: 0, to: last.count, by: 3).map {
        (last[$0].text == "1", .milliseconds(last[$0 + 1].integer ?? 0), last[$0 + 2].text ?? "")
      },
      flows: stride(from: 0, to: flows.count, by: 3).map {
        let ago = flows[$0 + 1].integer.flatMap { $0 < 0 ? nil : Duration.milliseconds($0) }
        return (flows[$0].text ?? "", ago, Int(flows[$0 + 2].integer ?? 0))
      })
  }

  nonisolated static var malformed: RedisError {
    RedisError(.protocolError, "a script of the provider limits answered in an unexpected form")
  }
}
