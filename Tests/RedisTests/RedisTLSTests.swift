import PrivateServers
import TLS
import TestSupport
import Testing

@testable import Redis

/// A real redis-server that speaks TLS, with certificates of the test's own.
@Suite(.timeLimit(.minutes(1))) struct RedisTLSTests {
  private struct Server {
    let redis: PrivateRedis
    let files: TemporaryFolder
    let authority: TestCertificates
    let port: Int
    let plainPort: Int

    func url(_ host: String = "localhost") -> String { "rediss://\(host):\(port)" }
    func stop() {
      redis.stop()
      files.remove()
    }
  }

  private func start(
    names: [String] = ["DNS:localhost", "IP:127.0.0.1"], days: Int = 2, clients: Bool = false, _ more: [String] = []
  ) async throws -> Server {
    let files = try TemporaryFolder()
    let authority = try TestCertificates(folder: files.path)
    let own = try authority.sign("server", for: names, days: days)
    let (port, plainPort) = (try FreePort.find(), try FreePort.find())
    let redis = try await PrivateRedis.start(
      arguments: [
        "--tls-port", "\(port)", "--port", "\(plainPort)", "--tls-cert-file", own.certificate, "--tls-key-file",
        own.key, "--tls-ca-cert-file", authority.authority, "--tls-auth-clients", clients ? "yes" : "no",
      ] + more)
    return Server(redis: redis, files: files, authority: authority, port: port, plainPort: plainPort)
  }

  private func context(
    _ authority: TestCertificates? = nil, _ own: TestCertificates.Pair? = nil, key: String? = nil
  ) throws -> TLSContext {
    try TLSContext(
      TLSFiles(
        authorities: authority.map { .init($0.authority, name: "SEVK_REDIS_CA") },
        certificate: own.map { .init($0.certificate, name: "SEVK_REDIS_CERT") },
        key: (key ?? own?.key).map { .init($0, name: "SEVK_REDIS_KEY") }, names: ("SEVK_REDIS_CA", "SEVK_REDIS_CERT")))
  }

  /// What connecting fails with; nil when it works.
  private func failure(_ url: String, _ tls: TLSContext? = nil) async throws -> RedisError? {
    let client = RedisClient(try RedisURL(url, tls: tls), connectTimeout: .milliseconds(700))
    var failure: RedisError?
    do throws(RedisError) { try await client.ping() } catch { failure = error }
    await client.close()
    return failure
  }

  @Test func carriesCommandsOfEverySizeInOrder() async throws {
    let server = try await start()
    defer { server.stop() }
    for host in ["localhost", "127.0.0.1"] {
      let client = RedisClient(try RedisURL(server.url(host), tls: try context(server.authority)))
      // Records end anywhere in the answers.
      let bytes = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
      let long = try await client.command("ECHO", .bytes(bytes))
      #expect(long == .string(bytes))
      try await withThrowingTaskGroup(of: Bool.self) { group in
        for number in 0..<5_000 {
          group.addTask { try await client.command("ECHO", .integer(Int64(number))).integer == Int64(number) }
        }
        for try await isOwn in group { #expect(isOwn) }
      }
      let taken = try await client.blockingPop(key: "none", limit: .milliseconds(20))
      #expect(!taken)
      await client.close()
    }
  }

  @Test func comesBackAfterTheServerWasKilled() async throws {
    let server = try await start()
    defer { server.stop() }
    let client = RedisClient(try RedisURL(server.url(), tls: try context(server.authority)))
    _ = try await client.command("SET", "kept", "1")
    try await server.redis.restart(empty: false)
    // The first may find the old connection.
    _ = try? await client.command("PING")
    #expect(try await client.command("GET", "kept").text == "1")
    await client.close()
  }

  @Test func trustsNobodyElse() async throws {
    let server = try await start()
    defer { server.stop() }
    let other = try TestCertificates(folder: server.files.path, name: "other")
    let system = try await failure(server.url(), try context())
    #expect(system?.code == .notTrusted)
    #expect(system?.message.contains("does not know; SEVK_REDIS_CA can name it") == true, "\(system?.message ?? "")")
    let foreign = try await failure(server.url(), try context(other))
    #expect(foreign?.code == .notTrusted)
    #expect(
      foreign?.message.hasSuffix("shows a certificate that no CA in SEVK_REDIS_CA (\(other.authority)) has signed")
        == true,
      "\(foreign?.message ?? "")")
    #expect(try await failure(server.url(), try context(server.authority)) == nil)
  }

  @Test func wantsTheHostsName() async throws {
    let server = try await start(names: ["DNS:redis.example", "IP:10.0.0.1"])
    defer { server.stop() }
    for host in ["localhost", "127.0.0.1"] {
      let error = try await failure(server.url(host), try context(server.authority))
      #expect(error?.code == .notTrusted)
      #expect(
        error?.message == "Redis at \(host):\(server.port) shows a certificate that is not for \(host)",
        "\(error?.message ?? "")")
    }
  }

  @Test func refusesWhatHasExpired() async throws {
    let server = try await start(days: -1)
    defer { server.stop() }
    let error = try await failure(server.url(), try context(server.authority))
    #expect(error?.code == .notTrusted)
    #expect(error?.message.contains("has expired") == true, "\(error?.message ?? "")")
  }

  @Test(arguments: ["TLSv1.2", "TLSv1.3"])
  func showsItsOwnCertificateWhereItMust(version: String) async throws {
    let server = try await start(clients: true, ["--tls-protocols", version])
    defer { server.stop() }
    let own = try server.authority.sign("client", for: ["DNS:sevk"])
    #expect(try await failure(server.url(), try context(server.authority, own)) == nil)
    let none = try await failure(server.url(), try context(server.authority))
    #expect(none?.code == .notTrusted)
    #expect(
      none?.message.contains("wants a certificate of this side; SEVK_REDIS_CERT") == true, "\(none?.message ?? "")")
    let stranger = try TestCertificates(folder: server.files.path, name: "stranger").sign("foreign", for: ["DNS:sevk"])
    let foreign = try await failure(server.url(), try context(server.authority, stranger))
    #expect(foreign?.code == .notTrusted)
    #expect(
      foreign?.message.contains("refuses the certificate in SEVK_REDIS_CERT") == true, "\(foreign?.message ?? "")")
  }

  @Test func speaksNothingOlder() async throws {
    let server = try await start(["--tls-protocols", "TLSv1.1", "--tls-ciphers", "DEFAULT:@SECLEVEL=0"])
    defer { server.stop() }
    let error = try await failure(server.url(), try context(server.authority))
    #expect(error?.code == .notTrusted)
    #expect(error?.message.contains("no TLS of version 1.2") == true, "\(error?.message ?? "")")
  }

  @Test func saysThatOneSideSpeaksTLSAndTheOtherNot() async throws {
    let server = try await start()
    defer { server.stop() }
    let plain = try await failure("redis://localhost:\(server.port)")
    #expect(plain?.code == .unavailable)
    #expect(plain?.message.contains("reached by rediss://") == true, "\(plain?.message ?? "")")
    let sealed = try await failure("rediss://localhost:\(server.plainPort)", try context(server.authority))
    // Redis may answer, close, or wait for the end of a line, by what bytes the hello has.
    #expect(sealed?.message.contains("TLS") == true, "\(sealed?.message ?? "")")
    #expect(try await failure("redis://localhost:\(server.plainPort)") == nil)
  }

  @Test func namesTheFileThatIsWrong() throws {
    let files = try TemporaryFolder()
    defer { files.remove() }
    let authority = try TestCertificates(folder: files.path)
    let own = try authority.sign("own", for: ["DNS:sevk"])
    let other = try authority.sign("other", for: ["DNS:sevk"])
    let old = try authority.sign("old", for: ["DNS:sevk"], days: -1)
    func message(_ authorities: String?, _ certificate: String? = nil, _ key: String? = nil) -> String {
      let files = TLSFiles(
        authorities: authorities.map { .init($0, name: "CA") },
        certificate: certificate.map { .init($0, name: "CERT") },
        key: key.map { .init($0, name: "KEY") })
      do throws(TLSError) { _ = try TLSContext(files) } catch { return error.description }
      return "fine"
    }
    #expect(message(authority.authority, own.certificate, own.key) == "fine")
    #expect(message("/none.pem") == "CA: cannot read /none.pem: No such file or directory")
    #expect(message(own.key) == "CA: \(own.key) is not certificates in PEM")
    #expect(message("/dev/null") == "CA: /dev/null is not certificates in PEM")
    #expect(message(nil, own.key, own.key) == "CERT: \(own.key) is not a certificate in PEM")
    #expect(message(nil, own.certificate, own.certificate) == "KEY: \(own.certificate) is not a private key in PEM")
    #expect(
      message(nil, own.certificate, other.key) == "KEY (\(other.key)) is the key of another certificate than CERT")
    #expect(message(nil, own.certificate) == "CERT is given alone; a certificate and its key belong together")
    #expect(message(nil, old.certificate, old.key) == "the certificate in CERT (\(old.certificate)) has expired")
    let locked = try authority.locked(own.key)
    #expect(
      message(nil, own.certificate, locked) == "KEY: \(locked) is encrypted, and nobody is asked for its passphrase")
  }
}
