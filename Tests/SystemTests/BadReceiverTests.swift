import HTTPServer
import PrivateServers
import TestSupport
import Testing

/// Receivers of events that do what none should: each is given up in time, and said to have failed for what it did.
@Suite(.serialized, .timeLimit(.minutes(3)))
struct BadReceiverTests {
  @Test func eachFailsForWhatItDoesAndHoldsNobodyUp() async throws {
    let (sevk, good) = try await Installation.withReceiver()
    let slow = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Slow: \(String(repeating: "x", count: 500))\r\n\r\n"
    let endless = "HTTP/1.1 500 Sorry\r\nContent-Length: 104857600\r\n\r\n"
    let rows: [(name: String, step: RawServer.Step, cause: String)] = [
      ("drip", .drip(slow), "timeout"), ("hold", .hold, "timeout"),
      ("flood", .flood(endless, bytes: 104_857_600), "status"),
      ("half", .answer("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"), "cut"),
      ("no-http", .answer("220 mail.example ESMTP\r\n\r\n"), "cut"),
      ("moved", .answer("HTTP/1.1 302 Found\r\nLocation: \(good.url("moved"))\r\nContent-Length: 0\r\n\r\n"), "status"),
    ]
    let servers = rows.map { row in RawServer { _ in row.step }.start() }
    for (row, server) in zip(rows, servers) {
      try await sevk.putEndpoint(row.name, "http://127.0.0.1:\(server.port)/")
    }
    let plain = RawServer { _ in .close }.start()
    try await sevk.putEndpoint("plain", "https://127.0.0.1:\(plain.port)/")
    try await sevk.putEndpoint("nowhere", "https://nowhere.invalid/")
    try await sevk.putEndpoint("good", good.url("good"))

    let id = try await sevk.post(player: 1)
    try await good.waits(for: [id], at: "good")
    for (name, cause) in rows.map({ ($0.name, $0.cause) }) + [("plain", "tls"), ("nowhere", "dns")] {
      try await Waiting.until("\(name) has failed", within: .seconds(60)) { try await !sevk.failures(name).isEmpty }
      let first = try #require(try await sevk.failures(name).first)
      #expect(first["cause"] as? String == cause, "\(name): \(first)")
    }
    #expect(good.posts(to: "moved").isEmpty)
    let flood = servers[2].bytesFlooded
    #expect(flood < 8 * 1024 * 1024, "\(flood) bytes were read")
    for server in servers + [plain] { server.stop() }
    await sevk.stop(with: good)
  }
}
