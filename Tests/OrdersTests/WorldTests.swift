import Orders
import Testing

/// Thousands of worlds, each from its own seed. `SEVK_TEST_SEED` begins elsewhere.
@Suite struct WorldTests {
  private static let worldsCount: UInt64 = 3000

  @Test func noWorldBreaksThePromise() {
    var ends: [Status: Int] = [:]
    var met: [String: Int] = [:]
    for seed in testSeed..<testSeed + Self.worldsCount {
      var world = World(seed: seed)
      world.run()
      if let violation = world.violation {
        Issue.record("seed \(seed): \(violation)")
        return
      }
      for order in world.orders { ends[order.status, default: 0] += 1 }
      for what in world.met { met[what, default: 0] += 1 }
    }
    // The worlds reach every corner, or they prove nothing.
    #expect(Set(ends.keys) == [.completed, .failed, .held, .cancelled])
    #expect(ends.allSatisfy { $1 > ($0 == .cancelled ? 10 : 100) }, "\(ends)")
    for corner in ["claimed", "crashed", "frozen", "wiped", "zombie", "poison"] {
      #expect(met[corner, default: 0] > 50, "\(corner): \(met)")
    }
  }

  /// An order's job is there as long as the order needs it, though processes freeze for longer than their leases, come back and
  /// write. The reconciler is for what Redis and messages lose.
  @Test func nobodyNeedsTheReconcilerWhileNothingIsLost() {
    var met: Set<String> = []
    for seed in testSeed..<testSeed + Self.worldsCount {
      var world = World(seed: seed, isReliable: true)
      world.run()
      if let violation = world.violation {
        Issue.record("seed \(seed): \(violation)")
        return
      }
      met.formUnion(world.met)
    }
    #expect(met.isSuperset(of: ["crashed", "frozen", "zombie", "poison"]), "\(met)")
  }

  @Test func aJobThatEndsWhileItsOrderNeedsItIsFoundOut() throws {
    let found = (testSeed..<testSeed + Self.worldsCount).lazy.compactMap { seed in
      var world = World(seed: seed, orders: .endAfterConflict, isReliable: true)
      world.run()
      return world.violation
    }
    let violation = try #require(found.first { _ in true })
    #expect(violation.contains("never ended"), "\(violation)")
  }

  /// The invariants can fail: each mistake is found out within few worlds.
  @Test(arguments: [
    (World.Mistake.none, History.Mistake.resendBlindly, "the provider"), (.none, .trustALiar, "the provider"),
    (.none, .forgetTheFence, "became"), (.none, .sendWhatIsBeingSent, "the provider"),
    (.neverReconcile, .none, "never ended"), (.leavePoisonBuried, .none, "never ended"),
  ])
  func aMistakeIsFoundOut(_ mistake: World.Mistake, _ ofOrders: History.Mistake, _ words: String) throws {
    let found = (testSeed..<testSeed + 1000).lazy.compactMap { seed in
      var world = World(seed: seed, mistake, orders: ofOrders)
      world.run()
      return world.violation
    }
    let violation = try #require(found.first { _ in true })
    #expect(violation.contains(words), "\(violation)")
  }
}
