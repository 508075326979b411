import EventLoop
import ProviderGate
import Queue
import Redis
import TestSupport
import Testing

/// The limits of one provider, asked for by two processes (two clients with limiters of their own).
@Suite(.timeLimit(.minutes(1))) struct ProviderLimiterTests {
  struct Bench: Sendable {
    let client: RedisClient
    let one: ProviderLimiter
    let two: ProviderLimiter
    let prefix: String

    func key(_ name: String) -> RedisArgument { .string("\(prefix):{provider:1}:\(name)") }
  }

  func bench(_ body: @LoopActor (Bench) async throws -> Void) async throws {
    let redis = try await PrivateRedis.shared
    let clients = (try redis.client(), try redis.client())
    let prefix = "limits-\(UInt64.random(in: 0...UInt64.max))"
    let bench = Bench(
      client: clients.0, one: ProviderLimiter(client: clients.0, prefix: prefix),
      two: ProviderLimiter(client: clients.1, prefix: prefix), prefix: prefix)
    do { try await body(bench) } catch {
      await clients.0.close()
      await clients.1.close()
      throw error
    }
    await clients.0.close()
    await clients.1.close()
  }

  func want(
    _ token: String, _ limits: ProviderLimits, product: String = "p", isUrgent: Bool = false, isLastTry: Bool = true
  ) -> SlotRequest {
    SlotRequest(token: token, product: product, isUrgent: isUrgent, isLastTry: isLastTry, limits: limits)
  }

  func isGo(_ place: ProviderPlace) -> Bool { if case .go = place.answer { true } else { false } }

  func leave(_ token: String, _ result: ProviderLeave.Result = .unused, version: Int64 = 0) -> ProviderLeave {
    ProviderLeave(token: token, version: version, result: result)
  }

  @Test func neverMoreSlotsThanAllowedAmongTwoProcesses() async throws {
    try await bench { bench in
      let limits = ProviderLimits(concurrencyMax: 5)
      var holders: [String] = []
      for round in 0..<20 {
        let (one, two) = (bench.one, bench.two)
        let went = try await withThrowingTaskGroup(of: String?.self) { group in
          for number in 0..<10 {
            let token = "\(round)/\(number)"
            let limiter = number % 2 == 0 ? one : two
            group.addTask { isGo(try await limiter.enter(1, want(token, limits))) ? token : nil }
          }
          var tokens: [String] = []
          for try await token in group { if let token { tokens.append(token) } }
          return tokens
        }
        holders += went
        #expect(holders.count == 5, "every free slot is given out, and no other")
        #expect(try await bench.client.command("ZCARD", bench.key("slots")).integer == 5)
        // Some leave, through whichever process.
        for _ in 0..<(round % 5 + 1) { _ = try await bench.two.leave(1, leave(holders.removeFirst())) }
      }
    }
  }

  @Test func aSlotThatNobodyGivesBackExpires() async throws {
    try await bench { bench in
      let limits = ProviderLimits(concurrencyMax: 1, slotLife: .seconds(600))
      #expect(isGo(try await bench.one.enter(1, want("dead", limits))))
      #expect(!isGo(try await bench.two.enter(1, want("b", limits))))
      // As if its time had passed.
      _ = try await bench.client.command("ZADD", bench.key("slots"), 1, "dead")
      #expect(isGo(try await bench.two.enter(1, want("b", limits))))
      // The one that was thought dead gives back what it no longer has: nobody else's slot is freed.
      _ = try await bench.one.leave(1, leave("dead"))
      #expect(!isGo(try await bench.one.enter(1, want("c", limits))))
    }
  }

  @Test func aLostRedisStartsAfresh() async throws {
    try await bench { bench in
      let limits = ProviderLimits(concurrencyMax: 1)
      #expect(isGo(try await bench.one.enter(1, want("a", limits))))
      _ = try await bench.one.change(1, from: 0, to: "open", pause: .seconds(60), limit: 0, why: "down")
      for name in ["slots", "state", "costs", "signs", "ledger", "answers", "odd"] {
        _ = try await bench.client.command("DEL", bench.key(name))
      }
      let place = try await bench.two.enter(1, want("b", limits))
      #expect(isGo(place) && place.mode == "closed" && place.version == 0)
      // A send from before the loss says nothing about now.
      let outcomes = try await bench.one.leave(1, leave("a", .unknown, version: 1))
      #expect(outcomes.last.isEmpty && outcomes.mode == "closed")
    }
  }

  /// What the rate promises is read from the promises themselves: no clock is waited for.
  @Test func theRateIsKeptByBothProcessesTogether() async throws {
    try await bench { bench in
      let limits = ProviderLimits(concurrencyMax: 1000, ratePerSecond: 50)
      var starts: [Int64] = []
      for number in 0..<40 {
        let limiter = number % 2 == 0 ? bench.one : bench.two
        let place = try await limiter.enter(1, want("\(number)", limits))
        let next = try await bench.client.command("HGET", bench.key("state"), "next").integer ?? 0
        switch place.answer {
        case .go(let pause):
          #expect(pause <= ProviderLimiter.reservedWaitMax)
          // The moment promised to this one, in us.
          starts.append(next - 20_000)
        case .wait(let why, let pause):
          #expect(why == .rate)
          #expect(try #require(pause) >= ProviderLimiter.reservedWaitMax)
        }
      }
      #expect(starts.count >= 10)
      for (earlier, later) in zip(starts, starts.dropFirst()) { #expect(later - earlier >= 20_000) }
    }
  }

  @Test func thoseWhoWaitGetPlacesOfTheirOwnAndUrgentOnesDoNotStandInLine() async throws {
    try await bench { bench in
      let limits = ProviderLimits(concurrencyMax: 1)
      #expect(isGo(try await bench.one.enter(1, want("a", limits))))
      #expect(try await bench.one.enter(1, want("b", limits, isLastTry: false)).answer == .wait(.slots, nil))
      // The places themselves, in ms of Redis' clock: how long the calls took does not matter.
      var places: [Double] = []
      for number in 0..<5 {
        guard case .wait(.slots, _?) = try await bench.two.enter(1, want("\(number)", limits)).answer else {
          Issue.record("no place")
          continue
        }
        let line = try await bench.client.command("HGET", bench.key("state"), "line").text
        places.append(try #require(Double(line ?? "")))
      }
      for (earlier, later) in zip(places, places.dropFirst()) { #expect(later - earlier >= 249) }
      let urgent = try await bench.two.enter(1, want("u", limits, isUrgent: true)).answer
      #expect(urgent == .wait(.slots, .milliseconds(500)))
    }
  }

  @Test func onlyOneProcessProbesAClosedProvider() async throws {
    try await bench { bench in
      let limits = ProviderLimits(concurrencyMax: 4)
      #expect(try await bench.one.change(1, from: 0, to: "open", pause: .seconds(60), limit: 0, why: "down"))
      #expect(try await !bench.two.change(1, from: 0, to: "open", pause: .seconds(60), limit: 0, why: "again"))
      let early = try await bench.one.enter(1, want("a", limits))
      #expect(early.probe == nil && early.mode == "open")
      guard case .wait(.outage, let wait?) = early.answer else { return #expect(Bool(false), "it went") }
      #expect(wait > .seconds(50))
      // As if the pause had passed.
      _ = try await bench.client.command("HSET", bench.key("state"), "until", 1)
      var probes = 0
      for limiter in [bench.one, bench.two, bench.one] {
        let place = try await limiter.enter(1, want("b", limits))
        #expect(!isGo(place), "a probe is no send")
        if place.probe == .outage { probes += 1 }
        if try await limiter.probeIfDue(1, limits) != nil { probes += 1 }
      }
      #expect(probes == 1)
      // It works: a few go.
      #expect(try await bench.two.change(1, from: 1, to: "ramp", pause: .seconds(5), limit: 2, why: "works"))
      var went = 0
      for number in 0..<4 where isGo(try await bench.one.enter(1, want("r\(number)", limits))) { went += 1 }
      #expect(went == 2)
    }
  }

  @Test func outcomesFromBeforeAChangeDoNotCount() async throws {
    try await bench { bench in
      let limits = ProviderLimits(concurrencyMax: 4)
      let old = try await bench.one.enter(1, want("old", limits))
      #expect(try await bench.one.change(1, from: old.version, to: "ramp", pause: .seconds(5), limit: 2, why: "x"))
      let new = try await bench.one.enter(1, want("new", limits))
      let first = try await bench.one.leave(1, leave("old", .unknown, version: old.version))
      #expect(first.last.isEmpty && first.passed == 0 && first.mode == "ramp")
      let second = try await bench.two.leave(1, leave("new", .accepted, version: new.version))
      #expect(second.last.map(\.isAnswer) == [true] && second.passed == 1 && second.limit == 2)
      #expect(second.pause == .seconds(5))
    }
  }

  @Test func flowsAreToldApartAndForgotten() async throws {
    try await bench { bench in
      let limits = ProviderLimits(concurrencyMax: 9)
      func send(_ flow: String, _ result: ProviderLeave.Result) async throws -> ProviderOutcomes {
        let place = try await bench.one.enter(1, want("t", limits))
        var end = leave("t", result, version: place.version)
        end.flow = flow
        return try await bench.two.leave(1, end)
      }
      for _ in 0..<2 { _ = try await send("shop 1", .odd) }
      _ = try await send("shop 2", .accepted)
      let mixed = try await send("shop 1", .odd)
      #expect(mixed.last.map(\.flow) == ["shop 2"], "what finds fault with a request is no outcome of the provider")
      let flows = mixed.flows.sorted { $0.name < $1.name }
      #expect(flows.map(\.name) == ["shop 1", "shop 2"] && flows.map(\.oddInARow) == [3, 0])
      #expect(flows.map { $0.answeredAgo == nil } == [true, false])
      let failed = try await send("shop 1", .unknown)
      #expect(failed.last.map(\.flow) == ["shop 1", "shop 2"] && failed.last.map(\.isAnswer) == [false, true])
      let answered = try await send("shop 1", .refused)
      #expect(answered.flows.map(\.oddInARow) == [0, 0], "an answer ends the row")
      // As if it had been long ago.
      _ = try await send("product x", .odd)
      _ = try await bench.client.command("HSET", bench.key("answers"), "shop 1", 1)
      _ = try await bench.client.command("HSET", bench.key("odd"), "product x", "7 1")
      #expect(try await send("shop 2", .accepted).flows.map(\.name) == ["shop 2"])
      #expect(try await bench.client.command("HLEN", bench.key("odd")).integer == 0)
      // A change of the breaker begins a new count, and forgets nobody.
      _ = try await send("shop 1", .odd)
      #expect(try await bench.one.change(1, from: 0, to: "ramp", pause: .seconds(1), limit: 1, why: "x"))
      let changed = try await send("shop 3", .unused)
      #expect(changed.last.isEmpty && changed.flows.map(\.name) == ["shop 2"])
    }
  }

  @Test func slowQuestionsAreNotedForThoseWhoLook() async throws {
    try await bench { bench in
      #expect(try await bench.two.slowQuestions(of: 1) == nil)
      try await bench.one.noteSlowQuestions("5 in a row", of: 1, for: .seconds(600))
      #expect(try await bench.two.slowQuestions(of: 1) == "5 in a row")
      #expect(try await bench.client.command("PTTL", bench.key("questions")).integer ?? 0 > 0, "it ends by itself")
      try await bench.one.noteSlowQuestions(nil, of: 1, for: .zero)
      #expect(try await bench.two.slowQuestions(of: 1) == nil)
    }
  }

  @Test func aProductThatCostsMoreThanTheBalanceWaitsForAProbe() async throws {
    try await bench { bench in
      let limits = ProviderLimits(concurrencyMax: 4)
      #expect(isGo(try await bench.one.enter(1, want("a", limits, product: "dear"))))
      var accepted = leave("a", .accepted)
      (accepted.product, accepted.cost, accepted.balance) = ("dear", 325_000, 125_000)
      _ = try await bench.one.leave(1, accepted)
      let first = try await bench.two.enter(1, want("b", limits, product: "dear"))
      #expect(first.probe == .balance)
      let second = try await bench.one.enter(1, want("c", limits, product: "dear"))
      #expect(second.probe == nil)
      guard case .wait(.balance, let wait?) = second.answer else { return #expect(Bool(false), "it went") }
      #expect(wait > .seconds(20))
      #expect(isGo(try await bench.one.enter(1, want("d", limits, product: "cheap"))), "others go on")
      let price = try await bench.one.price(of: "dear", at: 1)
      #expect(price.cost == 325_000 && price.shortAt == nil && price.waitsSince != nil)
      #expect(try await bench.one.productsShort(at: 1, balance: 125_000) == 1)
      try await bench.two.noteBalance(325_000, of: 1)
      #expect(isGo(try await bench.one.enter(1, want("e", limits, product: "dear"))))
      #expect(try await bench.one.productsShort(at: 1, balance: 325_000) == 0)
      #expect(try await bench.one.price(of: "dear", at: 1).waitsSince == nil)
    }
  }

  /// Redis may not know a cost, as after it was lost: then the catalogue says whether there is money for it.
  @Test func aCostThatOnlyTheCatalogueKnowsIsHeldToTheBalance() async throws {
    try await bench { bench in
      let limits = ProviderLimits(concurrencyMax: 4)
      func want(_ token: String, _ cost: Int64?) -> SlotRequest {
        SlotRequest(token: token, product: "new", catalogCost: cost, isLastTry: true, limits: limits)
      }
      try await bench.one.noteBalance(125_000, of: 1)
      #expect(!isGo(try await bench.two.enter(1, want("a", 325_000))))
      #expect(try await bench.one.productsShort(at: 1, balance: 125_000) == 1)
      #expect(isGo(try await bench.two.enter(1, want("b", 125_000))))
      #expect(isGo(try await bench.two.enter(1, want("c", nil))))
      // What a send has cost is believed rather than the catalogue.
      var accepted = leave("b", .accepted)
      (accepted.product, accepted.cost, accepted.balance) = ("new", 100_000, 124_000)
      _ = try await bench.one.leave(1, accepted)
      #expect(isGo(try await bench.two.enter(1, want("d", 325_000))))
    }
  }

  /// A cost that has risen: the provider says that there is too little, though by all that is known there is enough.
  @Test func aProductThatTheProviderCallsTooDearWaitsUntilThereIsMore() async throws {
    try await bench { bench in
      let limits = ProviderLimits(concurrencyMax: 4)
      #expect(try await !bench.one.noteShort("dear", at: 1), "nobody knows the balance")
      #expect(isGo(try await bench.one.enter(1, want("a", limits, product: "dear"))))
      try await bench.one.noteBalance(125_000, of: 1)
      #expect(try await bench.one.noteShort("dear", at: 1))
      let held = try await bench.two.enter(1, want("b", limits, product: "dear"))
      guard case .wait(.balance, _) = held.answer else { return #expect(Bool(false), "it went") }
      #expect(isGo(try await bench.two.enter(1, want("c", limits, product: "cheap"))))
      #expect(try await bench.one.price(of: "dear", at: 1).isTooMuch(for: 125_000))
      try await bench.one.noteBalance(125_001, of: 1)
      #expect(isGo(try await bench.two.enter(1, want("d", limits, product: "dear"))), "there is more")
      // An accepted one ends it, whatever is left.
      var accepted = leave("d", .accepted)
      (accepted.product, accepted.cost, accepted.balance) = ("dear", 20_000, 105_001)
      _ = try await bench.one.leave(1, accepted)
      #expect(isGo(try await bench.two.enter(1, want("e", limits, product: "dear"))))
    }
  }

  /// A cost that was wrong once, or has fallen, must not hold a product for ever.
  @Test func oneIsTriedNowAndThenAndAPersonMayForget() async throws {
    try await bench { bench in
      let limits = ProviderLimits(concurrencyMax: 4)
      _ = try await bench.client.command("HSET", bench.key("costs"), "dear", 9_000_000_000_000_000)
      try await bench.one.noteBalance(125_000, of: 1)
      #expect(!isGo(try await bench.one.enter(1, want("a", limits, product: "dear"))))
      // As if it had waited for so long; and no two are tried at once.
      _ = try await bench.client.command("HSET", bench.key("costs"), "?dear", "1 9000000000000000")
      #expect(isGo(try await bench.one.enter(1, want("b", limits, product: "dear"))))
      #expect(!isGo(try await bench.two.enter(1, want("c", limits, product: "dear"))))
      // Without any money there is nothing to try.
      try await bench.one.noteBalance(0, of: 1)
      _ = try await bench.client.command("HSET", bench.key("costs"), "?dear", "1 9000000000000000")
      #expect(!isGo(try await bench.two.enter(1, want("d", limits, product: "dear"))))
      try await bench.one.noteBalance(125_000, of: 1)
      try await bench.two.forget(1)
      #expect(try await bench.one.price(of: "dear", at: 1) == ProviderPrice())
      #expect(isGo(try await bench.two.enter(1, want("e", limits, product: "dear"))))
      #expect(try await bench.one.state(of: 1).balance == 125_000, "what it said itself stays")
    }
  }

  @Test func troubleOfTheAccountIsKeptUntilItIsOver() async throws {
    try await bench { bench in
      let limits = ProviderLimits(concurrencyMax: 4)
      #expect(
        try await bench.one.change(
          1, from: 0, to: "open", pause: .seconds(2), limit: 0, why: "login", trouble: "access"))
      #expect(!isGo(try await bench.two.enter(1, want("a", limits))))
      #expect(try await bench.two.state(of: 1).trouble == "access")
      _ = try await bench.one.change(1, from: 1, to: "ramp", pause: .seconds(2), limit: 1, why: "a probe")
      #expect(try await bench.two.state(of: 1).trouble == "access", "no send has shown that it is over")
      _ = try await bench.one.change(1, from: 2, to: "closed", pause: .zero, limit: 0, why: "answers")
      let state = try await bench.two.state(of: 1)
      #expect(state.trouble == nil && state.lastTrouble?.pause == .seconds(2), "its pause is remembered")
      // A person who resumes has it probed at once.
      _ = try await bench.one.change(1, from: 3, to: "open", pause: .seconds(60), limit: 0, why: "x", trouble: "access")
      try await bench.one.forget(1)
      #expect(try await bench.two.probeIfDue(1, limits) == .outage)
      #expect(try await bench.two.state(of: 1).lastTrouble == nil)
    }
  }

  @Test func aPausedProviderLetsNothingThrough() async throws {
    try await bench { bench in
      let limits = ProviderLimits(concurrencyMax: 4, isPaused: true, pausedWait: .seconds(10))
      guard case .wait(.paused, let wait?) = try await bench.one.enter(1, want("a", limits)).answer else {
        return #expect(Bool(false), "it went")
      }
      #expect(wait >= .seconds(10))
      #expect(isGo(try await bench.one.enter(1, want("a", ProviderLimits(concurrencyMax: 4)))))
    }
  }

  @Test func theLedgerIsTakenOnceInOrder() async throws {
    try await bench { bench in
      let limits = ProviderLimits(concurrencyMax: 4)
      for token in ["a", "b"] { #expect(isGo(try await bench.one.enter(1, want(token, limits)))) }
      var first = leave("a", .accepted)
      (first.cost, first.balance) = (10, 90)
      _ = try await bench.one.leave(1, first)
      _ = try await bench.two.leave(1, leave("b", .unknown))
      // A panel may have booked what it refused; what was not sent it can't have.
      _ = try await bench.two.leave(1, leave("c", .refused))
      _ = try await bench.two.leave(1, leave("d", .notSent))
      let taken = try #require(try await bench.two.takeLedger(of: 1))
      #expect(taken.sums == "")
      #expect(taken.entries.map(\.isAccepted) == [true, false, false])
      #expect(taken.entries.first?.othersUnderWay == 1)
      #expect(taken.entries.first?.cost == 10 && taken.entries.first?.balance == 90)
      #expect(try await bench.one.takeLedger(of: 1) == nil)
      try await bench.two.keepSums("sums", of: 1)
      _ = try await bench.one.leave(1, first)
      #expect(try await bench.one.takeLedger(of: 1)?.sums == "sums")
      let state = try await bench.one.state(of: 1)
      #expect(state.slotsInUse == 0 && state.balance == 90 && state.mode == "closed")
    }
  }

  /// Its balance may be older than the debits of those.
  @Test func theLedgerSaysWhatWasNotedWhileASendWasUnderWay() async throws {
    try await bench { bench in
      let limits = ProviderLimits(concurrencyMax: 4)
      func send(_ token: String) async throws -> ProviderLeave {
        let place = try await bench.one.enter(1, want(token, limits))
        #expect(isGo(place))
        return ProviderLeave(
          token: token, version: place.version, noted: place.noted, result: .accepted, cost: 10, balance: 90)
      }
      func entries() async throws -> [ProviderLedgerEntry] { try await bench.two.takeLedger(of: 1)?.entries ?? [] }
      let early = try await send("early")
      var refused = try await send("refused")
      refused.result = .refused
      _ = try await bench.two.leave(1, refused)
      _ = try await bench.one.leave(1, early)
      let overlapped = try await entries()
      #expect(overlapped.map(\.notedMeanwhile) == [0, 1] && overlapped.map(\.othersUnderWay) == [0, 0])
      // One that begins now has both before it, though the ledger was taken.
      _ = try await bench.one.leave(1, try await send("alone"))
      #expect(try await entries().map(\.notedMeanwhile) == [0])
      // Redis lost the count while it was under way.
      let old = try await send("old")
      _ = try await bench.client.command("DEL", bench.key("state"))
      _ = try await bench.two.leave(1, leave("x", .unknown))
      _ = try await bench.one.leave(1, old)
      #expect(try await entries().map(\.notedMeanwhile) == [0, 1])
    }
  }
}
