import Foundation
import PrivateServers
import Redis
import TestSupport
import Testing

/// Every process and command reaches Redis over TLS, with a certificate of its own.
@Suite(.serialized, .timeLimit(.minutes(2)))
struct RedisTLSWayTests {
  @Test func ordersGoTheirWayOverTLS() async throws {
    let sevk = try await Installation.make()
    let authority = try TestCertificates(folder: sevk.folder)
    let server = try authority.sign("server", for: ["DNS:localhost"])
    let own = try authority.sign("sevk", for: ["DNS:sevk"])
    let port = try FreePort.find()
    let client = try sevk.redis.client()
    _ = try await client.command(
      "CONFIG", "SET", "tls-cert-file", .string(server.certificate), "tls-key-file", .string(server.key),
      "tls-ca-cert-file", .string(authority.authority), "tls-auth-clients", "yes", "tls-port", .integer(Int64(port)))
    await client.close()
    sevk.setEnvironment("SEVK_REDIS_URL", "rediss://localhost:\(port)")
    sevk.setEnvironment("SEVK_REDIS_CA", authority.authority)
    let refused = try sevk.command("worker", ["queue", "list"])
    #expect(refused.code == 69)
    #expect(refused.errors.contains("SEVK_REDIS_CERT"), "\(refused.errors)")
    sevk.setEnvironment("SEVK_REDIS_CERT", own.certificate)
    sevk.setEnvironment("SEVK_REDIS_KEY", own.key)
    try await sevk.startAll()
    var ids: [String] = []
    for player in 1...20 { ids.append(try await sevk.post(player: player)) }
    try await sevk.settled(ids)
    #expect(try await sevk.audit()["sends"] as? Int == 20)
    for words in [["inspect", "ping"], ["queue", "list"], ["order", "why", ids[0]]] {
      let result = try sevk.command("worker", words)
      #expect(result.code == 0, "\(words): \(result.output) \(result.errors)")
    }
    // Nothing went another way: the socket has had no clients but this.
    let look = try sevk.redis.client()
    let others = try await look.command("CLIENT", "LIST").text ?? ""
    #expect(others.split(separator: "\n").count { $0.contains("redis.sock") } == 1, "\(others)")
    await look.close()
    await sevk.stop()
  }
}
