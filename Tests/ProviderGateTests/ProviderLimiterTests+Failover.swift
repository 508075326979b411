import ProviderGate
import Redis
import Testing

/// What orders that may go on to another provider ask of the shared state.
extension ProviderLimiterTests {
  /// How long it has been shut counts through what is tried in vain, and begins anew once it was open.
  @Test func shutCountsThroughTheRamp() async throws {
    try await bench { bench in
      func change(_ version: Int64, _ mode: String) async throws {
        #expect(try await bench.one.change(1, from: version, to: mode, pause: .seconds(1), limit: 1, why: mode))
      }
      #expect(try await bench.one.state(of: 1).shutFor == nil)
      try await change(0, "open")
      _ = try await bench.client.command("HINCRBY", bench.key("state"), "shut_at", -41_000)
      try await change(1, "ramp")
      #expect(try await bench.two.state(of: 1).shutFor == nil)
      try await change(2, "open")
      let lasted = try #require(try await bench.two.state(of: 1).shutFor)
      #expect(lasted >= .seconds(41))
      try await change(3, "ramp")
      try await change(4, "closed")
      try await change(5, "open")
      #expect(try #require(try await bench.two.state(of: 1).shutFor) < .seconds(41))
    }
  }

  /// What the balance is too low for is shut since its first order waited; an order that is tried meanwhile changes nothing
  /// of that, and one that is accepted ends it.
  @Test func aProductThatIsTooDearForTheBalanceIsShutSinceItWaits() async throws {
    try await bench { bench in
      let limits = ProviderLimits(concurrencyMax: 4, shortTryPause: .milliseconds(1))
      try await bench.one.noteBalance(50_000, of: 1)
      var dear = want("a", limits, product: "dear")
      dear.catalogCost = 60_000
      guard case .wait(.balance, _?) = try await bench.one.enter(1, dear).answer else {
        return #expect(Bool(false), "it went")
      }
      let since = try #require(try await bench.two.price(of: "dear", at: 1).waitsSince)
      while !isGo(try await bench.one.enter(1, dear)) {}
      #expect(try await bench.two.price(of: "dear", at: 1).waitsSince == since)
      var accepted = leave("a", .accepted)
      (accepted.product, accepted.cost) = ("dear", 70_000)
      _ = try await bench.one.leave(1, accepted)
      let price = try await bench.two.price(of: "dear", at: 1)
      #expect(price.waitsSince == nil && price.cost == 70_000 && price.costAt != nil)
    }
  }

  /// Orders that come over from another provider come at this one's pace, not before their time, and who comes later keeps
  /// nobody waiting who comes sooner.
  @Test func whoComesOverComesInTurn() async throws {
    try await bench { bench in
      let limits = ProviderLimits(concurrencyMax: 1000, ratePerSecond: 20)
      for number in 0..<50 {
        let limiter = number % 2 == 0 ? bench.one : bench.two
        #expect(try await limiter.turn(at: 1, limits, after: .seconds(90)) >= .seconds(90))
      }
      let given = try await bench.client.command("HVALS", bench.key("turns")).array?.compactMap { Int($0.text ?? "") }
      let seconds = try #require(given)
      #expect(seconds.reduce(0, +) == 50 * 50 && seconds.allSatisfy { $0 <= 1000 } && seconds.count >= 3, "\(seconds)")
      #expect(try await bench.one.turn(at: 1, limits, after: .seconds(1)) < .seconds(60))
      #expect(try await bench.client.command("PTTL", bench.key("turns")).integer ?? 0 > 0, "it ends by itself")
      // Nobody who was here before waits for them.
      #expect(isGo(try await bench.one.enter(1, want("own", limits))))
    }
  }
}
