import EventLoop
import PrivateServers
import TestSupport
import Testing

@testable import Redis

/// Real servers and real sentinels, which fail over by command and because the master died.
@Suite(.serialized, .timeLimit(.minutes(2))) struct SentinelTests {
  private static func withServers(
    password: String? = nil, _ body: @Sendable @LoopActor (SentinelServers) async throws -> Void
  ) async throws {
    let files = try TemporaryFolder()
    defer { files.remove() }
    let servers = try await SentinelServers(
      folder: files.path + "/redis", log: files.path + "/log", sentinelPassword: password)
    do {
      try await servers.start()
      try await body(servers)
    } catch {
      await servers.stop()
      throw error
    }
    await servers.stop()
  }

  /// Where a client's writes go, as seen by itself.
  @LoopActor
  private static func port(of client: RedisClient) async throws -> Int {
    let info = try await client.command("INFO", "server").text ?? ""
    return info.split(separator: "\r\n").first { $0.hasPrefix("tcp_port:") }.flatMap { Int($0.dropFirst(9)) } ?? 0
  }

  @Test func findsTheMasterAndFollowsAFailover() async throws {
    try await Self.withServers { servers in
      let url = try RedisURL(servers.url)
      // Clients of one URL share what is known of the sentinels.
      let (client, second) = (RedisClient(url), RedisClient(url))
      #expect(try await Self.port(of: client) == servers.ports[0])
      _ = try await second.command("SET", "kept", "1")
      let blocked = Task { try await client.blockingPop(key: "nothing", limit: .seconds(600)) }
      try await Waiting.until("it waits", within: .seconds(10)) { client.load.waiting == 1 }
      // Not before the replicas have it: a failover by command loses what they lack.
      try await Waiting.until("it is copied", within: .seconds(10)) {
        try await second.command("WAIT", 2, 1000).integer == 2
      }

      try await servers.failOver()
      try await Waiting.until("another is the master", within: .seconds(30)) {
        let index = await servers.masterIndex()
        return index != nil && index != 0
      }
      let promoted = servers.ports[try #require(await servers.masterIndex())]
      // The old master lives and still takes writes: it must get none.
      try await Waiting.until("the clients follow", within: .seconds(10)) {
        let ports = [try? await Self.port(of: client), try? await Self.port(of: second)]
        return ports == [promoted, promoted]
      }
      // Woken, so that it looks at the new one.
      #expect(try await blocked.value)
      #expect(try await second.command("GET", "kept").text == "1")
      #expect(client.connectionsMade == 2)
      client.close()
      second.close()
    }
  }

  @Test func followsAMasterThatDied() async throws {
    try await Self.withServers { servers in
      let client = RedisClient(try RedisURL(servers.url))
      _ = try await client.command("SET", "kept", "1")
      try await Waiting.until("it is copied", within: .seconds(10)) {
        try await client.command("WAIT", 2, 1000).integer == 2
      }
      // One sentinel of three may be away.
      await servers.killSentinel(0)
      await servers.servers[0].kill()
      try await Waiting.until("the new master answers", within: .seconds(30)) {
        (try? await client.command("SET", "new", "1")) != nil
      }
      #expect(try await Self.port(of: client) != servers.ports[0])
      #expect(try await client.command("GET", "kept").text == "1")

      // The old one comes back as a master that knows of no other, until a sentinel tells it.
      try await servers.servers[0].start(isEmpty: false)
      let other = RedisClient(try RedisURL(servers.url))
      #expect(try await Self.port(of: other) != servers.ports[0])
      #expect(client.connectionsMade == 2)
      other.close()
      client.close()
    }
  }

  @Test func aStalledMasterIsLeftWhenTheSentinelsSaySo() async throws {
    try await Self.withServers { servers in
      let client = RedisClient(try RedisURL(servers.url), commandTimeout: .seconds(600))
      try await client.ping()
      servers.servers[0].process?.signal(19)
      // It would wait ten minutes for the stalled one.
      let error = await #expect(throws: RedisError.self) { try await client.ping() }
      #expect(error?.code == .connectionLost)
      #expect(error?.message.contains("is the master no longer") == true, "\(error?.message ?? "")")
      try await client.ping()
      servers.servers[0].process?.signal(18)
      client.close()
    }
  }

  @Test func saysWhatIsWrongWithTheSentinels() async throws {
    try await Self.withServers(password: "hidden") { servers in
      let right = RedisCredentials(user: nil, password: "hidden")
      let wrong = RedisCredentials(user: nil, password: "hiding")
      let (first, replica) = ("127.0.0.1:\(servers.sentinelPorts[0])", "127.0.0.1:\(servers.ports[1])")
      let rows: [(url: String, credentials: RedisCredentials?, words: String)] = [
        (servers.url, right, "none"), (servers.url, nil, "wants a password of its own"),
        (servers.url, wrong, "refuses the user or password that is set for the sentinels"),
        ("redis+sentinel://\(first)/other", right, "knows no master other"),
        ("redis+sentinel://\(replica)/orders", nil, "is no sentinel but Redis itself"),
        ("redis://\(first)", nil, "wants a password"),
        ("redis://:hiding@\(first)", nil, "refuses the user or password of the URL"),
        ("redis://:hidden@\(first)/2", nil, "is a sentinel and keeps no data"),
        ("redis://\(replica)", nil, "is a replica and takes no writes"),
      ]
      for row in rows {
        let client = RedisClient(
          try RedisURL(row.url, sentinelCredentials: row.credentials), connectTimeout: .milliseconds(500))
        var found = "none"
        do throws(RedisError) { try await client.ping() } catch { found = error.message }
        client.close()
        #expect(found.contains(row.words), "\(row.url): \(found)")
      }
    }
  }

  /// One that is older than HELLO, or where somebody took the command away.
  @Test func asksForTheRoleWhereThereIsNoHello() async throws {
    for (flags, words) in [(["--replicaof", "127.0.0.1", "1"], "is a replica and takes no writes"), ([], "none")] {
      let redis = try await PrivateRedis.start(arguments: ["--rename-command", "HELLO", ""] + flags)
      let client = RedisClient(try RedisURL(redis.url), connectTimeout: .milliseconds(300))
      var found = "none"
      do throws(RedisError) { try await client.ping() } catch { found = error.message }
      #expect(found.contains(words), "\(found)")
      await client.close()
      redis.stop()
    }
  }

  @Test func saysThatItIsANodeOfACluster() async throws {
    let port = try FreePort.find()
    let redis = try await PrivateRedis.start(arguments: [
      "--port", "\(port)", "--cluster-port", "\(try FreePort.find())", "--cluster-enabled", "yes", "--appendonly", "no",
    ])
    defer { redis.stop() }
    let client = RedisClient(try RedisURL("redis://127.0.0.1:\(port)/3"))
    let error = await #expect(throws: RedisError.self) { try await client.ping() }
    #expect(error?.code == .wrongServer)
    #expect(error?.message.contains("is a node of a Redis Cluster; redis+cluster://") == true)
    await client.close()
  }
}
