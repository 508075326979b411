import EventLoop
import PrivateServers
import TLS
import TestSupport
import Testing

@testable import Redis

/// A real cluster: who serves a slot changes while commands are under way.
@Suite(.serialized, .timeLimit(.minutes(3))) struct RedisClusterTests {
  /// A key of the first master, and one of the second and of the third, by their slots.
  private static func keys(_ servers: ClusterServers) async throws -> [String] {
    var keys: [Int: String] = [:]
    var number = 0
    while keys.count < 3 {
      let key = "{tag\(number)}"
      let owner = try await servers.owner(of: RedisSlot.of(key.utf8))
      if keys[owner] == nil { keys[owner] = key }
      number += 1
    }
    return (0..<3).map { keys[$0] ?? "" }
  }

  @Test func slotsAreThoseOfTheServer() async throws {
    let servers = try await PrivateCluster.shared
    #expect(RedisSlot.of("123456789".utf8) == 0x31C3)
    let keys = [
      "", "123456789", "foo", "{user1000}.following", "foo{}{bar}", "foo{{bar}}zap", "foo{bar}{zap}", "{", "}{", "{a",
      "sevk:{dispatch}:2:jobs", "sevk:events", "{sevk:events}:relay", "sevk:events:dükkân", "sevk:{provider:12}:state",
    ]
    for key in keys {
      let wanted = try await servers.slot(of: key)
      #expect(RedisSlot.of(key.utf8) == wanted, "\(key)")
      #expect(RedisSlot.of(.bytes(Array(key.utf8))) == wanted, "\(key)")
    }
    #expect(try await RedisSlot.of(RedisArgument.integer(-42)) == servers.slot(of: "-42"))
  }

  @Test func aCommandGoesWhereItsKeysAre() {
    let foo = RedisRoute.slot(12_182)
    let rows: [([RedisArgument], RedisRoute)] = [
      (["GET", "foo"], foo), (["get", "foo"], foo), (["SET", .bytes(Array("foo".utf8)), "1"], foo),
      (["EVALSHA", "0", 2, "foo", "{foo}:1", "x"], foo), (["EVAL", "return 1", "1", "foo"], foo),
      (["EVAL", "return 1", 0, "foo"], .any), (["XREAD", "COUNT", 1, "BLOCK", 5, "STREAMS", "foo", "$"], foo),
      (["XINFO", "STREAM", "foo"], foo), (["PING"], .any), (["INFO", "server"], .any), (["TIME"], .any),
      (["CLIENT", "ID"], .any), (["FLUSHALL"], .every), (["SCRIPT", "FLUSH"], .every),
      (["CONFIG", "SET", "a", "b"], .every),
    ]
    for (command, route) in rows { #expect(RedisRoute(command) == route, "\(command)") }
  }

  @Test func readsWhereANodeSends() {
    let asked = SocketAddress.tcp(host: "c", port: 1)
    let rows: [(String, ClusterRedirect.Kind?, SocketAddress?)] = [
      ("MOVED 3999 127.0.0.1:6381", .moved, .tcp(host: "127.0.0.1", port: 6381)),
      ("ASK 1 ::1:7", .ask, .tcp(host: "::1", port: 7)), ("MOVED 0 :6381", .moved, .tcp(host: "c", port: 6381)),
      ("MOVED 0 ?:6381", .moved, nil), ("MOVED 16384 a:1", nil, nil), ("MOVED 1 a", nil, nil),
      ("MOVED 1 a:0", nil, nil),
      ("ASK", nil, nil), ("ERR 1 a:1", nil, nil),
    ]
    for (text, kind, place) in rows {
      let redirect = ClusterRedirect(text)
      #expect(redirect?.kind == kind && redirect?.address(asked: asked) == place, "\(text)")
    }
  }

  @Test func eachKeyIsFoundOnItsNode() async throws {
    let servers = try await PrivateCluster.shared
    let client = RedisClient(try RedisURL(await servers.url))
    try await client.ping()
    for number in 0..<60 { _ = try await client.command("SET", "each:\(number)", .integer(Int64(number))) }
    for number in 0..<60 {
      #expect(try await client.command("GET", "each:\(number)").integer == Int64(number))
    }
    // The script is sent in full once to each node.
    let script = RedisScript(Array("return redis.call('INCRBY', KEYS[1], ARGV[1])".utf8))
    for number in 0..<60 {
      #expect(try await client.run(script, keys: ["each:\(number)"], arguments: [1]).integer == Int64(number) + 1)
    }
    let load = await client.load
    #expect(load.commands == 3 && load.connectionsMade == 1 && load.errorsTotal == 0, "\(load)")
    // What lies in several slots is refused by Redis.
    let error = await #expect(throws: RedisError.self) { try await client.command("DEL", "each:1", "each:2") }
    #expect(error?.code == .replyError(prefix: "CROSSSLOT"))
    let answers = try await client.everywhere("DBSIZE")
    #expect(try answers.map { try $0.answer.get().integer ?? 0 }.reduce(0, +) >= 60 && answers.count == 3)
    await client.close()
  }

  @Test func followsASlotThatMoves() async throws {
    try await PrivateCluster.with(replicasEach: 0) { servers in
      let client = RedisClient(try RedisURL(servers.url))
      let keys = try await Self.keys(servers)
      let slot = RedisSlot.of(keys[0].utf8)
      _ = try await client.command("SET", .string(keys[0]), "kept")
      let blocked = Task { try await client.blockingPop(key: keys[0] + ":bell", limit: .seconds(600)) }
      try await Waiting.until("it waits", within: .seconds(10)) { client.load.waiting == 1 }
      try await servers.moveSlot(slot, from: 0, to: 2)
      #expect(try await client.command("GET", .string(keys[0])).text == "kept")
      // Who waited at the old node waits at the new one now.
      try await Waiting.until("it waits there", within: .seconds(10)) {
        try await servers.command(to: 2, ["INFO", "clients"]).text?.contains("blocked_clients:1") == true
      }
      _ = try await client.command("ZADD", .string(keys[0] + ":bell"), 0, "1")
      #expect(try await blocked.value)
      #expect(client.connectionsMade == 1, "nothing can have been lost")
      #expect(client.load.errorsTotal == 0)

      // A node that had none before: whoever took over may lack something, so that is told.
      let added = try await servers.addNode()
      try await servers.moveSlot(slot, from: 2, to: added)
      #expect(try await client.command("GET", .string(keys[0])).text == "kept")
      #expect(client.connectionsMade == 2)
      client.close()
    }
  }

  @Test func asksTheOtherNodeWhileASlotIsOnItsWay() async throws {
    try await PrivateCluster.with(replicasEach: 0) { servers in
      let client = RedisClient(try RedisURL(servers.url), connectTimeout: .seconds(20))
      let tag = try await Self.keys(servers)[0]
      let slot = RedisSlot.of(tag.utf8)
      func key(_ name: String) -> RedisArgument { .string("\(tag):\(name)") }
      func count(_ index: Int) async throws -> Int64 {
        try await servers.command(to: index, ["CLUSTER", "COUNTKEYSINSLOT", .integer(Int64(slot))]).integer ?? -1
      }
      _ = try await client.command("SET", key("old"), "1")
      try await servers.beginMove(of: slot, from: 0, to: 1)
      // What the source has it answers; what it lacks is the other's.
      #expect(try await client.command("INCR", key("old")).integer == 2)
      #expect(try await client.command("INCR", key("new")).integer == 1)
      let script = RedisScript(Array("return redis.call('INCR', KEYS[1])".utf8))
      #expect(try await client.run(script, keys: [key("new")], arguments: []).integer == 2)
      #expect(try await count(0) == 1)
      #expect(try await count(1) == 1)
      let popped = Task { try await client.blockingPop(key: "\(tag):bell", limit: .seconds(600)) }
      try await Waiting.until("it waits at the other", within: .seconds(10)) {
        try await servers.command(to: 1, ["INFO", "clients"]).text?.contains("blocked_clients:1") == true
      }
      // A script with keys here and there waits until all are there; it is not carried out by halves.
      let both = RedisScript(Array("return redis.call('INCR', KEYS[1]) * 100 + redis.call('INCR', KEYS[2])".utf8))
      let waits = Task { try await client.run(both, keys: [key("old"), key("third")], arguments: []).integer }
      try await Waiting.until("it was turned away", within: .seconds(10)) {
        // Which of the two does so depends on the version.
        for node in 0...1 {
          let errors = try await servers.command(to: node, ["INFO", "errorstats"]).text ?? ""
          if errors.contains("errorstat_TRYAGAIN:count=") { return true }
        }
        return false
      }
      try await servers.moveKeys(of: slot, from: 0, to: 1)
      try await servers.endMove(of: slot, from: 0, to: 1)
      #expect(try await waits.value == 301)
      _ = try await client.command("ZADD", key("bell"), 0, "1")
      #expect(try await popped.value)
      #expect(client.connectionsMade == 1 && client.load.errorsTotal == 0)
      client.close()
    }
  }

  @Test func followsAFailoverByCommandAndOneByDeath() async throws {
    try await PrivateCluster.with { servers in
      let client = RedisClient(try RedisURL(servers.url))
      let keys = try await Self.keys(servers)
      for key in keys { _ = try await client.command("SET", .string(key), "kept") }
      let blocked = Task { try await client.blockingPop(key: keys[1] + ":bell", limit: .seconds(600)) }
      try await Waiting.until("it waits", within: .seconds(10)) { client.load.waiting == 1 }
      let before = keys.map { client.generation(of: $0) }

      let promoted = try await servers.failOver(1)
      try await Waiting.until("the replica serves", within: .seconds(30)) {
        try await servers.owner(of: RedisSlot.of(keys[1].utf8)) == promoted
      }
      // Woken, so that it looks at the new one.
      #expect(try await blocked.value)
      #expect(try await client.command("GET", .string(keys[1])).text == "kept")
      #expect(client.connectionsMade == 2)
      #expect(client.generation(of: keys[1]) != before[1])
      #expect(client.generation(of: keys[0]) == before[0])

      try await Waiting.until("all is whole", within: .seconds(30)) { await servers.isWhole() }
      await servers.servers[0].kill()
      var errors: [RedisError] = []
      try await Waiting.until("the other replica serves", within: .seconds(30)) {
        do throws(RedisError) {
          _ = try await client.command("SET", .string(keys[0]), "new")
          return true
        } catch {
          errors.append(error)
          return false
        }
      }
      #expect(errors.allSatisfy { [.unavailable, .connectionLost].contains($0.code) }, "\(errors)")
      #expect(client.connectionsMade == 3)
      // It comes back as what it was, hears that it is that no more, and gets no writes.
      try await servers.servers[0].start(isEmpty: false)
      try await Waiting.until("the old master follows", within: .seconds(30)) { await servers.isWhole() }
      let other = RedisClient(try RedisURL(servers.url))
      for key in keys { #expect(try await other.command("EXISTS", .string(key)).integer == 1) }
      try await other.ping()
      other.close()
      client.close()
    }
  }

  @Test func aStalledMasterIsLeftWhenAnotherTookOver() async throws {
    try await PrivateCluster.with { servers in
      let client = RedisClient(try RedisURL(servers.url), commandTimeout: .seconds(600))
      let key = RedisArgument.string(try await Self.keys(servers)[2])
      _ = try await client.command("SET", key, "1")
      servers.servers[2].process?.signal(19)
      // It would wait ten minutes for the stalled one; whether it had its effect nobody knows.
      let error = await #expect(throws: RedisError.self) { try await client.command("INCR", key) }
      #expect(error?.code == .connectionLost)
      #expect(try await client.command("INCR", key).integer == 2)
      servers.servers[2].process?.signal(18)
      client.close()
    }
  }

  /// Each that was answered counted once, whatever moved meanwhile.
  @Test func nothingIsLostOrRepeatedWhileSlotsMove() async throws {
    try await PrivateCluster.with { servers in
      let client = RedisClient(try RedisURL(servers.url), connectTimeout: .seconds(20))
      let keys = try await Self.keys(servers)
      let load = Load(client, keys)
      try await withThrowingTaskGroup { group in
        defer { load.isOver = true }
        for index in 0..<3 { for _ in 0..<4 { group.addTask { try await load.run(index) } } }
        let added = try await servers.addNode()
        let slots = keys.map { RedisSlot.of($0.utf8) }
        for (index, slot) in slots.enumerated() { try await servers.moveSlot(slot, from: index, to: added) }
        for (index, slot) in slots.enumerated() { try await servers.moveSlot(slot, from: added, to: (index + 1) % 3) }
        let promoted = try await servers.failOver(1)
        try await Waiting.until("the replica serves", within: .seconds(30)) {
          try await servers.owner(of: slots[0]) == promoted
        }
        let count = load.done
        try await Waiting.until("all go on", within: .seconds(30)) { zip(load.done, count).allSatisfy { $0 > $1 + 10 } }
        load.isOver = true
        try await group.waitForAll()
      }
      for (index, key) in keys.enumerated() {
        for key in [key, key + ":2"] {
          #expect(try await client.command("GET", .string(key)).integer == Int64(load.done[index]), "\(key)")
        }
      }
      client.close()
    }
  }

  /// Nodes name each other with the ports that speak TLS.
  @Test func allNodesAreReachedOverTLS() async throws {
    let files = try TemporaryFolder()
    defer { files.remove() }
    let authority = try TestCertificates(folder: files.path)
    let own = try authority.sign("server", for: ["IP:127.0.0.1"])
    let flags = [
      "--tls-cert-file", own.certificate, "--tls-key-file", own.key, "--tls-ca-cert-file", authority.authority,
      "--tls-auth-clients", "no",
    ]
    try await PrivateCluster.with(replicasEach: 0, tls: flags) { servers in
      let files = TLSFiles(
        authorities: .init(authority.authority, name: "SEVK_REDIS_CA"), certificate: nil, key: nil,
        names: ("SEVK_REDIS_CA", "SEVK_REDIS_CERT"))
      let client = RedisClient(try RedisURL(servers.url, tls: try TLSContext(files)))
      try await client.ping()
      let keys = try await Self.keys(servers)
      for key in keys { #expect(try await client.command("INCR", .string(key)).integer == 1) }
      try await servers.moveSlot(RedisSlot.of(keys[0].utf8), from: 0, to: 1)
      #expect(try await client.command("INCR", .string(keys[0])).integer == 2)
      let plain = RedisClient(
        try RedisURL(servers.url.replacing("rediss", with: "redis")), connectTimeout: .milliseconds(500))
      let error = await #expect(throws: RedisError.self) { try await plain.ping() }
      #expect(error?.message.contains("rediss+cluster://") == true, "\(error?.message ?? "")")
      plain.close()
      client.close()
    }
  }

  @Test func saysWhatIsWrong() async throws {
    let single = try await PrivateRedis.start(arguments: ["--port", "\(try FreePort.find())"])
    defer { single.stop() }
    let port = try await RedisCall.run(["CONFIG", "GET", "port"], at: try RedisURL(single.url)).array?.last?.text ?? ""
    try await PrivateCluster.with(replicasEach: 0) { servers in
      let node = "127.0.0.1:\(servers.ports[0])"
      func problem(_ url: String) async throws -> String {
        let client = RedisClient(try RedisURL(url), connectTimeout: .milliseconds(500))
        var found = "none"
        do throws(RedisError) { try await client.ping() } catch { found = error.message }
        await client.close()
        return found
      }
      let rows = [
        (servers.url, "none"), ("redis+cluster://127.0.0.1:1,\(node)", "none"),
        ("redis+cluster://127.0.0.1:\(port)", "is no node of a Redis Cluster; redis:// goes there"),
        ("redis+cluster://:hiding@\(node)", "password"), ("redis+cluster://127.0.0.1:1", "does not answer"),
        ("redis://\(node)", "is a node of a Redis Cluster; redis+cluster://"),
      ]
      for (url, words) in rows {
        let found = try await problem(url)
        #expect(found.contains(words) && !found.contains("hiding"), "\(url): \(found)")
      }
      let client = RedisClient(try RedisURL(servers.url), connectTimeout: .milliseconds(500))
      try await client.ping()
      let keys = try await Self.keys(servers)
      await servers.servers[2].kill()
      try await Waiting.until("the others know", within: .seconds(30)) {
        try await servers.command(to: 0, ["CLUSTER", "INFO"]).text?.contains("cluster_state:fail") == true
      }
      let found = try await problem(servers.url)
      #expect(
        found.contains("the cluster is down (CLUSTERDOWN)") && found.contains("slots are served by nobody"), "\(found)")
      let error = await #expect(throws: RedisError.self) { try await client.command("SET", .string(keys[0]), "1") }
      #expect(error?.code == .unavailable && error?.message.contains("CLUSTERDOWN") == true, "\(error?.message ?? "")")
      let views = await client.clusterViews()
      #expect(views.count == 3 && views.filter { $0.problem != nil }.count == 1)
      #expect(
        views.contains { $0.down?.contains("cluster_state is fail") == true } && views.allSatisfy { $0.replicas == 0 })
      client.close()
    }
  }
}

/// Counts in Redis, and here what was answered.
@LoopActor
private final class Load {
  private static let script = RedisScript(
    Array("redis.call('INCR', KEYS[2]) return redis.call('INCR', KEYS[1])".utf8))
  private let client: RedisClient
  private let keys: [String]
  var isOver = false
  private(set) var done = [0, 0, 0]

  init(_ client: RedisClient, _ keys: [String]) { (self.client, self.keys) = (client, keys) }

  func run(_ index: Int) async throws {
    while !isOver {
      _ = try await client.run(
        Self.script, keys: [.string(keys[index]), .string("\(keys[index]):2")], arguments: [])
      done[index] += 1
    }
  }
}
