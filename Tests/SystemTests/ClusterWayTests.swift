import EventLoop
import Foundation
import PrivateServers
import Redis
import TestSupport
import Testing

/// Sevk on a Redis Cluster, whose nodes die, fail over and give slots to others while orders flow: none is lost, none is sent
/// twice, and each stream has every event.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct ClusterWayTests {
  private struct House {
    let sevk: Installation
    let servers: ClusterServers
    let files: TemporaryFolder

    /// With the rights of `users.acl` and no others.
    static func make() async throws -> House {
      let files = try TemporaryFolder()
      let servers = try await ClusterServers(folder: files.path + "/cluster", log: files.path + "/log")
      try await servers.start()
      for index in await servers.ports.indices { try await limit(servers, index) }
      let url = await servers.url.replacing("redis+cluster://", with: "redis+cluster://sevk:secret@")
      let sevk = try await Installation.make(environment: ["SEVK_REDIS_URL": url])
      for _ in 0..<2 { try await sevk.startAll() }
      return House(sevk: sevk, servers: servers, files: files)
    }

    private static func limit(_ servers: ClusterServers, _ index: Int) async throws {
      let lines = try String(contentsOfFile: Installation.checkout("ops/redis/users.acl"), encoding: .utf8)
      guard let line = lines.split(separator: "\n").first(where: { $0.hasPrefix("user sevk ") }) else {
        throw ChildProgram.Failure("the ACL file has no user sevk")
      }
      let rules = line.replacing("#SEVK_SHA256", with: ">secret").split(separator: " ").dropFirst(2)
      _ = try await servers.command(to: index, ["ACL", "SETUSER", "sevk"] + rules.map { .string(String($0)) })
    }

    func addNode() async throws -> Int {
      let index = try await servers.addNode()
      try await Self.limit(servers, index)
      return index
    }

    func post(_ players: ClosedRange<Int>) async throws -> [String] {
      var ids: [String] = []
      for player in players { ids.append(try await sevk.post(player: player)) }
      return ids
    }

    func ordersFlow() async throws {
      try await Waiting.until("orders flow", within: .seconds(60)) {
        (Int(try await sevk.rows("SELECT count(*)::text FROM orders").first ?? "") ?? 0) > 30
      }
    }

    func settled() async throws {
      try await Waiting.until("all orders ended", within: .seconds(120)) {
        try await sevk.rows("SELECT count(*)::text FROM orders WHERE status NOT IN ('completed', 'failed')") == ["0"]
      }
    }

    func slot(of key: String) async throws -> (slot: Int, owner: Int) {
      let slot = try await servers.slot(of: key)
      return (slot, try await servers.owner(of: slot))
    }

    /// That of all, and that of the one tenant, each position once.
    @LoopActor
    func expectWholeStreams() async throws {
      let client = RedisClient(try RedisURL(servers.url))
      for stream in ["sevk:events", "sevk:events:shop"] {
        var positions: [Int64] = []
        try await Waiting.until("all events are in \(stream)", within: .seconds(60)) {
          let last = try await sevk.rows(
            "SELECT last::text FROM event_tail WHERE one AND last >= (SELECT count(*) FROM events WHERE type IS NOT NULL)"
          )
          guard !last.isEmpty else { return false }
          let entries = (try? await client.command("XRANGE", .string(stream), "-", "+"))?.array ?? []
          positions = entries.compactMap { $0.array?.last?.array?[1].integer }
          return positions.last.map(String.init) == last.first
        }
        #expect(positions == (1...(positions.last ?? 1)).map { $0 }, "\(stream)")
      }
      client.close()
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
    try await house.ordersFlow()
    // The one that has the jobs that send.
    let owner = try await house.slot(of: "sevk:{dispatch}:").owner
    await house.servers.servers[owner].kill()
    #expect(try await posted.count == 150, "orders are taken in meanwhile")
    try await house.settled()
    #expect(try await house.sevk.audit()["sends"] as? Int == 150)
    try await house.expectWholeStreams()
    let away = try house.sevk.command("worker", ["doctor", "--json"])
    #expect(away.output.contains("redis_no_replica"), "\(away.output)")

    // The old master comes back with what it had, and is nobody's master any more.
    try await house.servers.servers[owner].start(isEmpty: false)
    try await Waiting.until("the old master follows", within: .seconds(60)) { await house.servers.isWhole() }
    _ = try await house.post(151...170)
    try await house.settled()
    #expect(try await house.sevk.audit()["sends"] as? Int == 170)
    await house.stop()
  }

  @Test func aFailoverByCommandAndSlotsThatMoveLoseNoOrder() async throws {
    let house = try await House.make()
    async let posted = house.post(1...200)
    try await house.ordersFlow()
    let keys = [
      "sevk:{dispatch}:", "sevk:{check}:", "sevk:events", "sevk:events:shop", "sevk:{provider:1}:",
      "sevk:{events}:bell",
      "sevk:ticks",
    ]
    let added = try await house.addNode()
    for key in keys {
      let (slot, owner) = try await house.slot(of: key)
      if owner != added { try await house.servers.moveSlot(slot, from: owner, to: added) }
    }
    for key in keys {
      let (slot, owner) = try await house.slot(of: key)
      if owner == added { try await house.servers.moveSlot(slot, from: added, to: slot % 3) }
    }
    let owner = try await house.slot(of: "sevk:{dispatch}:").owner
    let promoted = try await house.servers.failOver(owner)
    try await Waiting.until("the replica serves", within: .seconds(60)) {
      try await house.slot(of: "sevk:{dispatch}:").owner == promoted
    }
    #expect(try await posted.count == 200)
    try await house.settled()
    #expect(try await house.sevk.audit()["sends"] as? Int == 200)
    try await house.expectWholeStreams()
    await house.stop()
  }

  @Test func saysWhatIsWrongWithTheCluster() async throws {
    let house = try await House.make()
    for index in [5, 2] { await house.servers.servers[index].kill() }
    try await Waiting.until("the others know", within: .seconds(60)) {
      try await house.servers.command(to: 0, ["CLUSTER", "INFO"]).text?.contains("cluster_state:fail") == true
    }
    // Taken in all the same; and said in words.
    _ = try await house.post(1...1)
    let ready = try await house.sevk.call("GET", "/readyz")
    #expect(ready.status == 503 && ready.text.contains("the cluster is down (CLUSTERDOWN)"), "\(ready.text)")
    let doctor = try house.sevk.command("worker", ["doctor", "--json"])
    for word in ["redis_away", "redis_node_away", "redis_cluster_down", "redis_no_replica"] {
      #expect(doctor.output.contains(word), "\(word): \(doctor.output)")
    }
    #expect(doctor.code == 1 && !doctor.output.contains("secret"))
    for index in [2, 5] { try await house.servers.servers[index].start(isEmpty: false) }
    try await house.settled()
    #expect(try await house.sevk.audit()["sends"] as? Int == 1)
    await house.stop()
  }
}
