import EventLoop
import Redis
import TestSupport
import Testing

@testable import Events
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

  /// The stream itself may be what fills Redis: then nothing but publishing would trim it.
  @Test func inAFullRedisNewEventsTakeThePlaceOfOldOnes() async throws {
    let server = try await PrivateRedis.start()
    let client = try server.client()
    let lease: RedisArgument = "{test:events}:relay"
    let (stream, ofShop): (RedisArgument, RedisArgument) = ("test:events", "test:events:shop")
    func append(_ events: RedisArgument..., by holder: RedisArgument = "a") async throws(RedisError) -> RedisValue {
      try await StreamSink.append(
        events.flatMap { [3, 1, $0] }, to: [stream, ofShop], lease: lease, [holder, 60_000], client)
    }
    _ = try await client.run(RelayService.claim, keys: [lease], arguments: ["a", 60_000])
    let old = RedisArgument.string(String(repeating: "x", count: 1_000))
    for _ in 0..<(StreamSink.streamLengthWhenFull + 5_000) / 100 {
      _ = try await client.run(
        StreamSink.inOrder.publish, keys: [lease, stream, ofShop],
        arguments: ["a", 60_000, 1_000_000] + (0..<100).flatMap { _ in [3, 1, old] })
    }
    func length() async throws -> Int { Int(try await client.command("XLEN", stream).integer ?? 0) }
    let before = try await length()
    // Just full, and by the stream.
    let memory = try #require(
      try await client.command("INFO", "memory").text?.split(separator: "\r\n")
        .first { $0.hasPrefix("used_memory:") }.flatMap { Int64($0.dropFirst("used_memory:".count)) })
    _ = try await client.command("CONFIG", "SET", "maxmemory", .integer(memory - 1_000))
    await #expect(throws: RedisError.self) { try await client.command("SET", "test:job", "1") }
    let answer = try await append("new-1", "new-2")
    #expect(answer.integer == 2)
    let after = try await length()
    #expect(after < before && after > before / 2)
    let newest = try await client.command("XREVRANGE", stream, "+", "-", "COUNT", 1)
    #expect(newest.array?.first?.array?.last?.array?.last?.text == "new-2")
    _ = try await client.command("SET", "test:job", "1")
    // Another holder's events stay out, full or not.
    _ = try await client.command("CONFIG", "SET", "maxmemory", 1)
    let ofOther = try await append("new-3", by: "b")
    #expect(ofOther.integer == -1)
    // What fills Redis is something else: the newest events stay, and further ones wait.
    var turns = 0
    do {
      while turns < 1_000 {
        _ = try await append("new-4")
        turns += 1
      }
    } catch {
      #expect(error.code == .replyError(prefix: "OOM"))
    }
    let left = try await length()
    #expect(turns > 0 && turns < 1_000 && left >= StreamSink.streamLengthWhenFull)
    await client.close()
    server.stop()
  }

  @Test func onlyTheHolderOfTheRelayLeasePublishes() async throws {
    let client = try await PrivateRedis.shared.client()
    func claim(_ name: RedisArgument) async throws -> Int64? {
      try await client.run(RelayService.claim, keys: ["{test:events}:relay"], arguments: [name, 60_000]).integer
    }
    func publish(_ name: RedisArgument, _ events: [RedisArgument]) async throws -> Int64? {
      try await client.run(
        StreamSink.inOrder.publish,
        keys: ["{test:events}:relay", "test:events", "test:events:shop", "test:events:rival"],
        arguments: [name, 60_000, 1000] + events
      ).integer
    }
    let tooEarly = try await publish("a", [3, 1, "1"])
    #expect(tooEarly == -1, "without a lease nothing is published")
    let first = try await claim("a")
    let second = try await claim("b")
    #expect(first == 1 && second == 0)
    let ofHolder = try await publish("a", [3, 1, "1", 4, 2, "2"])
    let ofOther = try await publish("b", [3, 3, "3"])
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
