import EventLoop
import Foundation
import Redis
import TestSupport
import Testing

/// Redis is full or away while work goes on.
@Suite(.serialized, .timeLimit(.minutes(2)))
struct RedisTroubleTests {
  @Test func aFullRedisDelaysOrdersAndEventsAndLosesNone() async throws {
    let sevk = try await Installation.make()
    try await sevk.startAll()
    let client = try sevk.redis.client()
    _ = try await client.command("CONFIG", "SET", "maxmemory", 1)
    var ids: [String] = []
    for player in 1...20 { ids.append(try await sevk.post(player: player)) }
    while !sevk.logs.contains("Redis takes no jobs") { try await EventLoop.sleep(for: .milliseconds(20)) }
    #expect(try await sevk.audit()["sends"] as? Int == 0)
    _ = try await client.command("CONFIG", "SET", "maxmemory", 0)
    let events = try await sevk.settled(ids)
    for id in ids {
      let story = events.filter { $0.subject == id }
      #expect(story.map(\.type) == ["sevk.order.created", "sevk.order.sent", "sevk.order.completed"])
      #expect(story.map(\.sequence) == story.map(\.sequence).sorted())
    }
    #expect(try await sevk.audit()["sends"] as? Int == 20)
    await client.close()
    await sevk.stop()
  }

  /// Events that nobody trims would keep out the jobs too, for good.
  @Test func aStreamThatFillsRedisGivesWay() async throws {
    let sevk = try await Installation.make()
    try await sevk.startAll()
    let client = try sevk.redis.client()
    try await Self.fill(client)
    var ids: [String] = []
    for player in 1...20 { ids.append(try await sevk.post(player: player)) }
    let events = try await sevk.settled(ids)
    for id in ids {
      #expect(
        events.filter { $0.subject == id }.map(\.type)
          == ["sevk.order.created", "sevk.order.sent", "sevk.order.completed"])
    }
    #expect(try await client.command("XLEN", "sevk:events").integer ?? 0 < Self.filled)
    await client.close()
    await sevk.stop()
  }

  /// The last event that found room may be the one that filled it: no job is planned, so no order changes and no event comes.
  @Test func aStreamThatFillsRedisGivesWayThoughNoEventComes() async throws {
    let sevk = try await Installation.make()
    try await sevk.startAll()
    let client = try sevk.redis.client()
    try await Self.fill(client)
    while try await client.command("XLEN", "sevk:events").integer ?? 0 >= Self.filled {
      try await EventLoop.sleep(for: .milliseconds(50))
    }
    try await sevk.settled([try await sevk.post(player: 1)])
    await client.close()
    await sevk.stop()
  }

  private static let filled = 20_000

  /// Fills the stream, and lets Redis be full then.
  private static func fill(_ client: RedisClient) async throws {
    let fill = "for i = 1, tonumber(ARGV[2]) do redis.call('XADD', KEYS[1], '*', 'event', ARGV[1]) end"
    let event = #"{"type":"test.old","pad":"\#(String(repeating: "x", count: 1_000))"}"#
    _ = try await client.command(
      "EVAL", .string(fill), 1, "sevk:events", .string(event), .integer(Int64(filled)))
    let memory = try #require(
      try await client.command("INFO", "memory").text?.split(separator: "\r\n")
        .first { $0.hasPrefix("used_memory:") }.flatMap { Int64($0.dropFirst("used_memory:".count)) })
    // Full for sure, whatever buffers go; and a tenth of the stream is more than what is too much.
    _ = try await client.command("CONFIG", "SET", "maxmemory", .integer(memory - 1_000_000))
  }

  @Test func aPersonDecidesWhileRedisIsAway() async throws {
    let sevk = try await Installation.make(
      panel: ["--fault", "drop-request=#1"], environment: ["SEVK_CHECK_DEADLINE": "1s"])
    try await sevk.startAll()
    let id = try await sevk.post(player: 1)
    try await sevk.settled([id])
    sevk.redis.kill()
    let done = try sevk.resolve(id, ["--not-received", "--note", "not on the panel", "--by", "ayşe", "--yes"])
    #expect(done.code == 0 && done.output.contains("Redis did not take its job"), "\(done.output) \(done.errors)")
    #expect(try await sevk.rows("SELECT what || ' ' || who FROM audits") == ["not_received ayşe"])
    try await sevk.redis.restart(empty: true)
    _ = try await sevk.timeline(of: id) { $0.last == "completed" }
    #expect(try await sevk.audit()["sends"] as? Int == 2)
    await sevk.stop()
  }

  /// What a Redis says that can't be relied on, in words and with what mends it.
  @Test func doctorSaysThatRedisCannotBeReliedOn() async throws {
    let sevk = try await Installation.make()
    let client = try sevk.redis.client()
    func doctor() throws -> String {
      let result = try sevk.command("worker", ["doctor"])
      #expect(result.code == 1, "\(result.output) \(result.errors)")
      return result.output + result.errors
    }
    _ = try await client.command("CONFIG", "SET", "maxmemory", "1gb", "maxmemory-policy", "allkeys-lru")
    let evicting = try doctor()
    #expect(evicting.contains("Redis drops jobs when it is full: maxmemory-policy is allkeys-lru"), "\(evicting)")
    _ = try await client.command("CONFIG", "SET", "maxmemory", "1", "maxmemory-policy", "noeviction")
    let full = try doctor()
    #expect(full.contains("Redis takes no writes") && full.contains("raise maxmemory"), "\(full)")
    _ = try await client.command("CONFIG", "SET", "maxmemory", "0", "min-replicas-to-write", "1")
    let alone = try doctor()
    #expect(alone.contains("fewer replicas follow than min-replicas-to-write asks for"), "\(alone)")
    _ = try await client.command("CONFIG", "SET", "min-replicas-to-write", "0")
    _ = try await client.command("REPLICAOF", "127.0.0.1", "1")
    let replica = try doctor()
    #expect(replica.contains("is a replica and takes no writes; the URL must lead to its master"), "\(replica)")
    await client.close()
    await sevk.stop()
  }
}
