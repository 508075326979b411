import EventLoop
import Foundation
import PrivateServers
import TLS
import TestSupport
import Testing

@testable import Redis

/// Real sentinels that speak TLS, and real ones whose users have no more than `ops/redis` gives them. Both fail over.
@Suite(.serialized, .timeLimit(.minutes(2))) struct SealedSentinelTests {
  private static let password = "secret"

  private static func withServers(
    _ terms: SentinelTerms, in files: TemporaryFolder,
    _ body: @Sendable @LoopActor (SentinelServers) async throws -> Void
  ) async throws {
    let servers = try await SentinelServers(folder: files.path + "/redis", log: files.path + "/log", terms: terms)
    do {
      try await servers.start()
      try await body(servers)
    } catch {
      await servers.stop()
      throw error
    }
    await servers.stop()
  }

  /// What a client wrote is there after the sentinels made another server the master, which it follows.
  @LoopActor
  private static func failOver(_ servers: SentinelServers, _ client: RedisClient) async throws {
    _ = try await client.command("SET", "sevk:kept", "1")
    try await Waiting.until("it is copied", within: .seconds(20)) {
      let info = try? await servers.command(to: servers.ports[1], ["GET", "sevk:kept"]).text
      return info == "1"
    }
    try await servers.failOver()
    try await Waiting.until("another is the master", within: .seconds(40)) {
      let index = await servers.masterIndex()
      return index != nil && index != 0
    }
    try await Waiting.until("the client follows", within: .seconds(20)) {
      guard (try? await client.command("SET", "sevk:new", "1")) != nil, let index = await servers.masterIndex() else {
        return false
      }
      let found = try? await servers.command(to: servers.ports[index], ["GET", "sevk:new"]).text
      return index != 0 && found == "1"
    }
    #expect(try await client.command("GET", "sevk:kept").text == "1")
    try await Waiting.until("the old master follows", within: .seconds(40)) { await servers.isWhole() }
  }

  @Test func overTLSAClientFollowsAFailover() async throws {
    let files = try TemporaryFolder()
    defer { files.remove() }
    let authority = try TestCertificates(folder: files.path)
    let own = try authority.sign("server", for: ["IP:127.0.0.1"])
    func context(_ authority: TestCertificates) throws -> TLSContext {
      try TLSContext(
        TLSFiles(
          authorities: .init(authority.authority, name: "SEVK_REDIS_CA"), certificate: nil, key: nil,
          names: ("SEVK_REDIS_CA", "SEVK_REDIS_CERT")))
    }
    let right = try context(authority)
    let wrong = try context(try TestCertificates(folder: files.path, name: "stranger"))
    var terms = SentinelTerms()
    terms.certificates = .init(
      certificate: own.certificate, key: own.key, authority: authority.authority, context: right)
    try await Self.withServers(terms, in: files) { servers in
      #expect(servers.url.hasPrefix("rediss+sentinel://"))
      let client = RedisClient(try RedisURL(servers.url, tls: right))
      try await Self.failOver(servers, client)
      client.close()
      for (url, tls, words) in [
        (servers.url, wrong, "SEVK_REDIS_CA"),
        (servers.url.replacing("rediss+", with: "redis+"), nil, "rediss+sentinel://"),
      ] {
        let stranger = RedisClient(try RedisURL(url, tls: tls), connectTimeout: .milliseconds(700))
        var found = "none"
        do throws(RedisError) { try await stranger.ping() } catch { found = error.message }
        stranger.close()
        #expect(found.contains(words), "\(found)")
      }
    }
  }

  /// The users of a file of `ops/redis`, each with the password of this test; `default` is the test itself.
  private static func users(_ name: String, in files: TemporaryFolder) throws -> String {
    let text = try Repository.text("ops/redis/\(name)")
    #expect(text.contains("user default off\n"))
    let own = text.replacing("user default off\n", with: "user default on nopass ~* &* +@all\n")
      .replacing(/#[A-Z]+_SHA256/, with: ">\(password)")
    let path = "\(files.path)/\(name)"
    try own.write(toFile: path, atomically: true, encoding: .utf8)
    return path
  }

  @Test func theUsersOfTheFilesAreEnoughAndNoMore() async throws {
    let files = try TemporaryFolder()
    defer { files.remove() }
    var terms = SentinelTerms()
    terms.serverArguments = [
      "--aclfile", try Self.users("users.acl", in: files), "--masteruser", "replica", "--masterauth", Self.password,
    ]
    terms.sentinelLines = [
      "aclfile \(try Self.users("sentinels.acl", in: files))",
      "sentinel auth-user \(SentinelServers.master) sentinel",
      "sentinel auth-pass \(SentinelServers.master) \(Self.password)", "sentinel sentinel-user peer",
      "sentinel sentinel-pass \(Self.password)",
    ]
    terms.login = "sevk:\(Self.password)@"
    try await Self.withServers(terms, in: files) { servers in
      let own = RedisCredentials(user: "sevk", password: Self.password)
      let client = RedisClient(try RedisURL(servers.url, sentinelCredentials: own))
      try await Self.failOver(servers, client)
      // Nobody was refused anything meanwhile.
      for port in servers.ports {
        let log = try await servers.command(to: port, ["ACL", "LOG"])
        #expect(log.array?.isEmpty == true, "\(port): \(log)")
      }
      for port in servers.sentinelPorts {
        let log = try await servers.command(to: port, ["ACL", "LOG"], isSentinel: true)
        #expect(log.array?.isEmpty == true, "\(port): \(log)")
        // Whoever may look may not make a failover, and a peer may not look around.
        for (user, words) in [
          ("sevk", ["SENTINEL", "FAILOVER", "orders"]), ("sevk", ["SENTINEL", "REMOVE", "orders"]),
          ("sevk", ["SENTINEL", "RESET", "orders"]), ("peer", ["SENTINEL", "FAILOVER", "orders"]),
          ("peer", ["SHUTDOWN"]),
        ] {
          let url = try RedisURL("redis://\(user):\(Self.password)@127.0.0.1:\(port)")
          let error = await #expect(throws: RedisError.self, "\(user) \(words)") {
            _ = try await RedisCall.run(words.map { .string($0) }, at: url)
          }
          #expect(error?.code == .replyError(prefix: "NOPERM"), "\(user) \(words): \(error?.message ?? "")")
        }
      }
      client.close()
    }
  }
}
