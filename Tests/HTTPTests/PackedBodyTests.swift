import EventLoop
import Foundation
import HTTPClient
import HTTPServer
import Testing

/// Answers that came packed although nobody asked for that, and what the client calls itself.
@Suite struct PackedBodyTests {
  private static let text = #"OK|sipariş 778|1250.50"#
  // gzip -9n of the text; zlib of it; gzip of the digit 0 a million times.
  private static let gzip = "H4sIAAAAAAACA/P3rinOLEgsyjw6X8Hc3KLG0MjUQM/UAADBYIYwFwAAAA=="
  private static let zlib = "eNrz964pzixILMo8Ol/B3NyixtDI1EDP1AAAaFEHoA=="
  private static let bomb =
    "H4sIAAAAAAACA+3BgQAAAADDIKX50x3kVQE" + String(repeating: "A", count: 1290) + "K8GU2oxSkBCDwA="

  private func ask(
    _ bytes: [UInt8], _ coding: String, bytesMax: Int = 1024, cuts: Bool = false
  ) async throws -> HTTPClientReply {
    let answer = HTTPResponse(status: 200, headers: [("Content-Encoding", coding)], body: bytes)
    var reply = HTTPClientReply(status: 0)
    try await withServer(handler: { _ in answer }) { port in
      try await withClient { client in
        reply = try await client.perform(
          HTTPClientRequest(
            url: "http://127.0.0.1:\(port)/", bodyBytesMax: bytesMax, readsToEnd: !cuts, cutsAnswer: cuts))
      }
    }
    return reply
  }

  private func decode(_ text: String) throws -> [UInt8] { Array(try #require(Data(base64Encoded: text))) }

  @Test(arguments: [("gzip", gzip), ("x-GZIP", gzip), ("identity, gzip", gzip), ("deflate", zlib)])
  func isUnpacked(coding: String, packed: String) async throws {
    let reply = try await ask(decode(packed), coding)
    #expect(String(decoding: reply.body, as: UTF8.self) == Self.text && reply.lengthFault == nil)
  }

  @Test func whatNobodyKnowsStaysAsItIs() async throws {
    let packed = try decode(Self.gzip)
    for coding in ["br", "gzip, gzip", "identity"] {
      let reply = try await ask(packed, coding)
      #expect(reply.body == packed && reply.lengthFault == nil, "\(coding)")
    }
  }

  /// Each cut and each changed byte is seen: none is taken for another answer.
  @Test func whatWasCutOrChangedIsNotBelieved() async throws {
    let packed = try decode(Self.gzip)
    for count in [1, 10, packed.count / 2, packed.count - 8, packed.count - 1] {
      #expect(try await ask(Array(packed.prefix(count)), "gzip").lengthFault != nil, "\(count)")
    }
    var changed = packed
    changed[packed.count - 6] ^= 1
    #expect(try await ask(changed, "gzip").lengthFault != nil)
    // Something after its end is a second answer.
    #expect(try await ask(packed + packed, "gzip").lengthFault != nil)
    #expect(try await ask(packed + [0], "gzip").lengthFault != nil)
  }

  @Test func theLimitCountsAfterUnpacking() async throws {
    let bomb = try decode(Self.bomb)
    #expect(bomb.count < 1100)
    let error = await #expect(throws: HTTPClientError.self) { try await ask(bomb, "gzip", bytesMax: 4096) }
    #expect(error?.description.contains("larger than 4096 bytes") == true && error?.reach == .unknown)
    #expect(try await ask(bomb, "gzip", bytesMax: 1_000_000).body.count == 1_000_000)
    #expect(try await ask(bomb, "gzip", bytesMax: 1200, cuts: true).body == [UInt8](repeating: 0x30, count: 1200))
  }

  @Test func itSaysWhoItIs() async throws {
    try await withServer(handler: { .text($0.headers.first { $0.name.lowercased() == "user-agent" }?.value ?? "none") })
    {
      port in
      let client = HTTPClient(agent: "sevk/1")
      for _ in 0..<2 {
        let url = "http://127.0.0.1:\(port)/"
        let usual = try await client.text(of: HTTPClientRequest(url: url, readsToEnd: true))
        #expect(usual == "sevk/1")
        let own = HTTPClientRequest(url: url, headers: [("User-Agent", "hooks")], readsToEnd: true)
        let named = try await client.text(of: own)
        #expect(named == "hooks")
      }
      await client.close()
    }
  }
}
