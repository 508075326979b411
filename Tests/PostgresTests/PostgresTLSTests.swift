import Foundation
import Postgres
import PrivateServers
import TestSupport
import Testing

/// A real server that speaks TLS: `sslmode=verify-full` takes it only with the right name, signed by the right CA.
@Suite(.serialized, .timeLimit(.minutes(2)))
struct PostgresTLSTests {
  /// A server with a certificate for `names`, signed by a CA of its own.
  private func started(
    for names: [String], _ body: (PrivatePostgres, TestCertificates, TemporaryFolder) async throws -> Void
  ) async throws {
    let files = try TemporaryFolder()
    let authority = try TestCertificates(folder: files.path)
    let own = try authority.sign("server", for: names)
    // The server takes no key that others may read.
    for file in [own.certificate, own.key] { ServerUser.give(file) }
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: own.key)
    let server = try await PrivatePostgres.started(listensOnTCP: true)
    try await server.createSecuredUser()
    let pool = PostgresPool(url: server.url)
    for (name, value) in [("ssl_cert_file", own.certificate), ("ssl_key_file", own.key), ("ssl", "on")] {
      try await pool.script("ALTER SYSTEM SET \(name) = '\(value)'")
    }
    try await pool.script("SELECT pg_reload_conf()")
    let isOn = PostgresStatement(name: "", sql: "SELECT current_setting('ssl') = 'on'")
    try await Waiting.until("the server speaks TLS", within: .seconds(30)) {
      try await pool.run(isOn, []).single().bool(0)
    }
    await pool.close()
    do { try await body(server, authority, files) } catch {
      server.remove()
      files.remove()
      throw error
    }
    server.remove()
    files.remove()
  }

  private func failure(_ url: String) async -> PostgresError? {
    let pool = PostgresPool(url: url, connectTimeout: .seconds(5))
    var failure: PostgresError?
    do throws(PostgresError) { try await pool.connect() } catch { failure = error }
    await pool.close()
    return failure
  }

  @Test func theRightNamePassesAndIsSealed() async throws {
    try await started(for: ["DNS:localhost", "IP:127.0.0.1"]) { server, authority, _ in
      for host in ["localhost", "127.0.0.1"] {
        let url =
          server.tcpURL().replacing("127.0.0.1", with: host)
          + "?sslmode=verify-full&sslrootcert=\(authority.authority)"
        let pool = PostgresPool(url: url)
        let sealed = PostgresStatement(
          name: "sealed", sql: "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
        let isSealed = try await pool.run(sealed, []).single().bool(0)
        #expect(isSealed, "\(host)")
        await pool.close()
      }
    }
  }

  @Test func anotherNameOrCAIsRefusedInWordsThatNameTheSetting() async throws {
    try await started(for: ["DNS:db.example"]) { server, authority, files in
      let stranger = try TestCertificates(folder: files.path, name: "stranger")
      let full = server.tcpURL() + "?sslmode=verify-full"
      for (url, words) in [
        (full + "&sslrootcert=\(authority.authority)", ["db.example", "127.0.0.1", "sslmode"]),
        (full + "&sslrootcert=\(stranger.authority)", ["certificate verify failed", "sslrootcert"]),
        (full + "&sslrootcert=\(files.path)/none.pem", ["none.pem", "sslrootcert"]),
        (
          server.tcpURL() + "?sslmode=verify-ca&sslrootcert=\(stranger.authority)",
          ["certificate verify failed", "sslrootcert"]
        ),
      ] {
        let error = await failure(url)
        let text = error?.message ?? ""
        #expect(error?.code == .unavailable, "\(text)")
        for word in words { #expect(text.contains(word), "\(word): \(text)") }
        #expect(!text.contains("\n") && !text.contains(PrivatePostgres.password), "\(text)")
      }
      // The CA is right, and the name is not looked at.
      #expect(await failure(server.tcpURL() + "?sslmode=verify-ca&sslrootcert=\(authority.authority)") == nil)
    }
  }

  @Test func aServerWithoutTLSIsRefused() async throws {
    let server = try await PrivatePostgres.started(listensOnTCP: true)
    try await server.createSecuredUser()
    let text = await failure(server.tcpURL() + "?sslmode=verify-full")?.message ?? ""
    #expect(!text.isEmpty && text.contains("sslmode"), "\(text)")
    server.remove()
  }
}
