import EventLoop
import Foundation
import PrivateServers
import Redis
import TestSupport
import Testing

/// Redis behind sentinels fails over while orders flow: none is lost, none is sent twice, and the stream has every event.
@Suite(.serialized, .timeLimit(.minutes(4)))
struct RedisFailoverTests {
  private struct House {
    let sevk: Installation
    let servers: SentinelServers
    let files: TemporaryFolder

    static func make() async throws -> House {
      let files = try TemporaryFolder()
      let servers = try await SentinelServers(folder: files.path + "/redis", log: files.path + "/log")
      try await servers.start()
      let sevk = try await Installation.make(environment: ["SEVK_REDIS_URL": await servers.url])
      for _ in 0..<2 { try await sevk.startAll() }
      return House(sevk: sevk, servers: servers, files: files)
    }

    func post(_ players: ClosedRange<Int>) async throws -> [String] {
      var ids: [String] = []
      for player in players { ids.append(try await sevk.post(player: player)) }
      return ids
    }

    func settled() async throws {
      try await Waiting.until("all orders ended", within: .seconds(90)) {
        try await sevk.rows("SELECT count(*)::text FROM orders WHERE status NOT IN ('completed', 'failed')") == ["0"]
      }
    }

    /// The stream of all has each position once or more, and never goes back past what it lacks.
    @LoopActor
    func expectWholeStream() async throws {
      let client = RedisClient(try RedisURL(servers.url))
      defer { client.close() }
      var positions: [Int64] = []
      try await Waiting.until("all events are in the stream", within: .seconds(30)) {
        let last = try await sevk.rows(
          "SELECT last::text FROM event_tail WHERE one AND last >= (SELECT count(*) FROM events WHERE type IS NOT NULL)"
        )
        guard !last.isEmpty else { return false }
        let entries = (try? await client.command("XRANGE", "sevk:events", "-", "+"))?.array ?? []
        positions = entries.compactMap { $0.array?.last?.array?[1].integer }
        return positions.max().map(String.init) == last.first
      }
      var next: Int64 = 1
      for position in positions {
        #expect(position <= next, "the stream goes from \(next - 1) to \(position)")
        next = max(next, position + 1)
      }
    }

    func stop() async {
      await sevk.stop()
      await servers.stop()
      files.remove()
    }
  }

  @Test func aMasterThatIsKilledUnderLoadLosesNoOrder() async throws {
    let house = try await House.make()
    async let posted = house.post(1...150)
    // Some are under way.
    try await Waiting.until("orders flow", within: .seconds(30)) {
      (Int(try await house.sevk.rows("SELECT count(*)::text FROM orders").first ?? "") ?? 0) > 30
    }
    await house.servers.servers[0].kill()
    #expect(try await posted.count == 150, "orders are taken in meanwhile")
    try await house.settled()
    #expect(try await house.sevk.audit()["sends"] as? Int == 150)
    try await house.expectWholeStream()

    // The old master comes back with what it had, and is nobody's master any more.
    try await house.servers.servers[0].start(isEmpty: false)
    _ = try await house.post(151...170)
    try await house.settled()
    #expect(try await house.sevk.audit()["sends"] as? Int == 170)
    try await Waiting.until("the old master follows", within: .seconds(60)) { await house.servers.isWhole() }
    let doctor = try house.sevk.command("worker", ["doctor", "--json"])
    #expect(doctor.code == 0 && doctor.output.contains("redis_writes_alone"), "\(doctor.output)")
    await house.stop()
  }

  @Test func failoversByCommandUnderLoadLoseNoOrder() async throws {
    let house = try await House.make()
    async let posted = house.post(1...200)
    for _ in 0..<2 {
      let before = await house.servers.masterIndex()
      try await house.servers.failOver()
      try await Waiting.until("another is the master", within: .seconds(60)) {
        let index = await house.servers.masterIndex()
        return index != nil && index != before
      }
      try await Waiting.until("all follow it", within: .seconds(60)) { await house.servers.isWhole() }
    }
    #expect(try await posted.count == 200)
    try await house.settled()
    #expect(try await house.sevk.audit()["sends"] as? Int == 200)
    try await house.expectWholeStream()
    await house.servers.killSentinel(1)
    let doctor = try house.sevk.command("worker", ["doctor", "--json"])
    #expect(doctor.output.contains("sentinel_away"), "\(doctor.output)")
    await house.stop()
  }
}
