import EventLoop
import Redis
import TestSupport
import Testing

@testable import Scheduler

/// The scripts that let any number of schedulers work side by side.
@Suite(.serialized) struct ScriptTests {
  @Test func aTickIsClaimedOnceHoweverManyAsk() async throws {
    let client = try await PrivateRedis.shared.client()
    // An interval so long that no tick ends during the test.
    let claims = try await withThrowingTaskGroup(of: [Int64].self) { group in
      for _ in 0..<50 {
        group.addTask {
          let answer = try await client.run(
            PeriodicService.claimTick, keys: ["test:ticks"], arguments: ["reconcile", .integer(86_400_000 * 365)])
          return (answer.array ?? []).compactMap(\.integer)
        }
      }
      var claims: [[Int64]] = []
      for try await claim in group { claims.append(claim) }
      return claims
    }
    #expect(claims.count { $0.first == 1 } == 1)
    #expect(claims.count { $0.first == 0 } == 49)
    #expect(claims.allSatisfy { $0.count == 2 && $0[1] > 0 })
    // Another task has ticks of its own.
    let other = try await client.run(
      PeriodicService.claimTick, keys: ["test:ticks"], arguments: ["other", .integer(86_400_000 * 365)])
    #expect(other.array?.first?.integer == 1)
    // A tick that was claimed while the clock was wrong keeps nobody waiting for it.
    _ = try await client.command("HSET", "test:ticks", "other", "1000000")
    let afterwards = try await client.run(
      PeriodicService.claimTick, keys: ["test:ticks"], arguments: ["other", .integer(86_400_000 * 365)])
    #expect(afterwards.array?.first?.integer == 1)
    await client.close()
  }

  @Test func onlyTheHolderOfTheRelayLeasePublishes() async throws {
    let client = try await PrivateRedis.shared.client()
    func claim(_ name: RedisArgument) async throws -> Int64? {
      try await client.run(RelayService.claim, keys: ["{test:events}:relay"], arguments: [name, 60_000]).integer
    }
    func publish(_ name: RedisArgument, _ events: [RedisArgument]) async throws -> Int64? {
      try await client.run(
        RelayService.publish, keys: ["{test:events}:relay", "test:events", "test:events:shop", "test:events:rival"],
        arguments: [name, 60_000, 1000] + events
      ).integer
    }
    let tooEarly = try await publish("a", [3, "1"])
    #expect(tooEarly == -1, "without a lease nothing is published")
    let first = try await claim("a")
    let second = try await claim("b")
    #expect(first == 1 && second == 0)
    let ofHolder = try await publish("a", [3, "1", 4, "2"])
    let ofOther = try await publish("b", [3, "3"])
    #expect(ofHolder == 2 && ofOther == -1)
    // A relay that was stopped gives up what it no longer has: nothing happens.
    let wrongRelease = try await client.run(
      RelayService.release, keys: ["{test:events}:relay"], arguments: ["b"])
    #expect(wrongRelease.integer == 0)
    _ = try await client.run(RelayService.release, keys: ["{test:events}:relay"], arguments: ["a"])
    let afterRelease = try await claim("b")
    #expect(afterRelease == 1)
    let length = try await client.command("XLEN", "test:events")
    #expect(length.integer == 2)
    for (tenant, event) in [("shop", "1"), ("rival", "2")] {
      let entries = try await client.command("XRANGE", .string("test:events:\(tenant)"), "-", "+").array ?? []
      #expect(entries.map { $0.array?.last?.array?.last?.text } == [event], "each tenant has its own alone")
    }
    await client.close()
  }
}
