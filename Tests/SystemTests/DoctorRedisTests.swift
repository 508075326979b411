import Foundation
import PrivateServers
import Redis
import TestSupport
import Testing

/// What `worker doctor` finds amiss with Redis and its sentinels; each on real ones.
@Suite(.serialized, .timeLimit(.minutes(3)))
struct DoctorRedisTests {
  private struct Report: Decodable {
    struct Finding: Decodable {
      let what: String
      let text: String
      let mend: String
    }
    let ok: Bool
    let findings: [Finding]
    subscript(what: String) -> Finding? { findings.first { $0.what == what } }
  }

  private func report(_ sevk: Installation, _ url: String) throws -> Report {
    let result = try sevk.command("worker", ["doctor", "--json"], environment: ["SEVK_REDIS_URL": url])
    return try JSONDecoder().decode(Report.self, from: Data(result.output.utf8))
  }

  @Test func aDiskThatTakesNothingStopsWrites() async throws {
    let sevk = try await Installation.make()
    let redis = try await PrivateRedis.start(arguments: ["--enable-protected-configs", "yes"])
    #expect(try report(sevk, redis.url)["redis_refuses_writes"] == nil)
    let client = try redis.client()
    // It saves by itself, and can't: nobody writes files there, root neither.
    _ = try await client.command("CONFIG", "SET", "save", "3600 1")
    _ = try await client.command("CONFIG", "SET", "dir", "/proc")
    _ = try await client.command("SET", "some", "thing")
    _ = try? await client.command("BGSAVE")
    try await Waiting.until("it takes no writes", within: .seconds(20)) {
      do { _ = try await client.command("SET", "some", "thing") } catch let error as RedisError {
        return error.code == .replyError(prefix: "MISCONF")
      }
      return false
    }
    let found = try #require(try report(sevk, redis.url)["redis_refuses_writes"])
    #expect(found.text.contains("Redis takes no writes: ") && found.mend.contains("free the disk"), "\(found)")
    // What is there can be looked at, and orders are taken.
    for (program, words) in [("worker", ["queue", "list", "--json"]), ("worker", ["job", "list"])] {
      let result = try sevk.command(program, words, environment: ["SEVK_REDIS_URL": redis.url])
      #expect(result.code == 0, "\(words): \(result.errors)")
    }
    try await sevk.start("dispatcher", environment: ["SEVK_REDIS_URL": redis.url])
    _ = try await sevk.post(player: 1)
    await client.close()
    redis.stop()
    await sevk.stop()
  }

  @Test func sentinelsThatNameAnotherMasterAreTold() async throws {
    let sevk = try await Installation.make()
    let files = try TemporaryFolder()
    let servers = try await SentinelServers(folder: files.path + "/redis", log: files.path + "/log")
    try await servers.start()
    let url = await servers.url
    let whole = try report(sevk, url)
    for what in ["sentinels_disagree", "sentinel_quorum", "redis_no_replica", "redis_master_down", "sentinel_away"] {
      #expect(whole[what] == nil, "\(what): \(whole.findings)")
    }
    // The last one is set to another master, where no other watches.
    let port = try FreePort.find()
    let other = try await PrivateRedis.start(arguments: ["--port", "\(port)"])
    let (last, name) = (await servers.sentinelPorts[2], RedisArgument.string(SentinelServers.master))
    _ = try await servers.command(to: last, ["SENTINEL", "REMOVE", name], isSentinel: true)
    _ = try await servers.command(
      to: last, ["SENTINEL", "MONITOR", name, "127.0.0.1", .integer(Int64(port)), 2], isSentinel: true)
    let found = try report(sevk, url)
    let disagreement = try #require(found["sentinels_disagree"], "\(found.findings)")
    #expect(disagreement.text.contains("127.0.0.1:\(port)"), "\(disagreement)")
    let quorum = try #require(found["sentinel_quorum"], "\(found.findings)")
    #expect(quorum.text.contains("127.0.0.1:\(last) knows 1 of them, and 2 must agree"), "\(quorum)")
    #expect(found["redis_no_replica"] == nil)
    other.stop()
    await servers.stop()
    files.remove()
    await sevk.stop()
  }

  @Test func aMasterAloneAndOneThatIsDownAreTold() async throws {
    let sevk = try await Installation.make()
    let files = try TemporaryFolder()
    let servers = try await SentinelServers(folder: files.path + "/redis", log: files.path + "/log", count: 1)
    try await servers.start()
    let url = await servers.url
    let alone = try report(sevk, url)
    #expect(alone["redis_no_replica"] != nil && alone["sentinel_quorum"] != nil, "\(alone.findings)")
    #expect(alone["redis_master_down"] == nil)
    await servers.servers[0].kill()
    let sentinel = await servers.sentinelPorts[0]
    try await Waiting.until("the sentinel finds it down", within: .seconds(20)) {
      let entry = try await servers.command(
        to: sentinel, ["SENTINEL", "MASTER", .string(SentinelServers.master)], isSentinel: true)
      return entry.array?.compactMap(\.text).contains { $0.contains("s_down") } == true
    }
    let down = try report(sevk, url)
    let found = try #require(down["redis_master_down"], "\(down.findings)")
    #expect(found.text.contains("finds the master down") && !down.ok, "\(found)")
    await servers.stop()
    files.remove()
    await sevk.stop()
  }
}
