import EventLoop
import HTTPServer
import Testing

/// Who may send a body is decided before it is read, and nobody takes all of the memory for them.
@Suite struct AdmissionTests {
  private static let admit: @Sendable (HTTPRequest) async -> Admission = { request in
    guard let token = request.header("Token") else { return .refused(.text("who are you?", status: 401)) }
    return .admitted(share: token)
  }
  private static func upload(_ token: String?, bytes: Int, _ body: String) -> String {
    "POST / HTTP/1.1\r\nHost: x\r\n" + (token.map { "Token: \($0)\r\n" } ?? "") + "Content-Length: \(bytes)\r\n\r\n"
      + body
  }

  @Test func refusesABodyByItsHeadAlone() async throws {
    let handled = Counter()
    try await withServer(
      admit: Self.admit,
      handler: { _ in
        await handled.add()
        return .text("no")
      }
    ) { port in
      for request in [
        Self.upload(nil, bytes: 1000, ""), Self.upload(nil, bytes: 1000, "begun"),
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3e8\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n",
      ] {
        let client = try await RawClient(port: port)
        await client.send(request)
        let answer = await client.untilEnd()
        #expect(answer.hasPrefix("HTTP/1.1 401 ") && answer.hasSuffix("who are you?"), "\(answer)")
        #expect(!answer.contains("100 Continue"))
      }
    }
    #expect(await handled.value == 0)
  }

  @Test func uploadsThatStallTakeNobodyElsesRoom() async throws {
    let limits = HTTPServerLimits(bodyBytesHeldMax: 100, bodyBytesPerCallerMax: 60)
    try await withServer(limits: limits, admit: Self.admit, handler: { .text("took \($0.body.count)") }) { port in
      var stalled: [RawClient] = []
      for _ in 0..<50 {
        let client = try await RawClient(port: port)
        await client.send(Self.upload(nil, bytes: 90, String(repeating: "x", count: 80)))
        #expect(await client.until("who").contains("401"))
        stalled.append(client)
      }
      // One caller has its share and no more.
      let greedy = try await RawClient(port: port)
      await greedy.send(Self.upload("a", bytes: 60, String(repeating: "x", count: 59)))
      let greedier = try await RawClient(port: port)
      await greedier.send(Self.upload("a", bytes: 60, "xx"))
      #expect(await greedier.untilEnd().hasPrefix("HTTP/1.1 503 "))
      let other = try await RawClient(port: port)
      await other.send(Self.upload("b", bytes: 40, String(repeating: "y", count: 39)))
      await other.send("y")
      #expect(await other.until("took").contains("took 40"))
      await greedy.send("x")
      #expect(await greedy.until("took").contains("took 60"))
      for client in stalled { await client.close() }
    }
  }

  @Test func aBodyThatComesWithItsHeadNeedsNoLeave() async throws {
    try await withServer(admit: Self.admit, handler: { .text("took \($0.body.count)") }) { port in
      let client = try await RawClient(port: port)
      await client.send(Self.upload(nil, bytes: 3, "abc"))
      #expect(await client.until("took").contains("took 3"))
    }
  }

  @Test func theOneThatWaitedLongestMakesRoom() async throws {
    try await withServer(limits: .init(connectionsMax: 2), handler: { _ in .text("ok") }) { port in
      let first = try await RawClient(port: port)
      await first.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
      _ = await first.until("ok")
      let second = try await RawClient(port: port)
      await second.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
      _ = await second.until("ok")
      let third = try await RawClient(port: port)
      await third.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
      #expect(await third.until("ok").contains("ok"))
      #expect(await first.untilEnd().components("ok").count == 2)
    }
  }

  @Test(
    arguments: [
      ("abc-123", "abc-123"), (String(repeating: "x", count: 64), String(repeating: "x", count: 64)),
      (String(repeating: "x", count: 65), nil), ("a b", nil), ("gül", nil), ("a\r\nX-Request-Id: b", nil), ("", nil),
    ] as [(String, String?)])
  func everyAnswerNamesItsRequest(given: String, kept: String?) async throws {
    try await withServer(identifies: true, handler: { .text("<\($0.id)>") }) { port in
      let client = try await RawClient(port: port)
      await client.send("GET / HTTP/1.1\r\nHost: x\r\nX-Request-Id: \(given)\r\nConnection: close\r\n\r\n")
      let answer = await client.untilEnd()
      let id = try #require(answer.components("X-Request-Id: ").last?.components("\r\n").first)
      #expect(answer.contains("<\(id)>") && (kept.map { $0 == id } ?? (id.utf8.count == 16)), "\(answer)")
      let other = try await RawClient(port: port)
      await other.send("no HTTP\r\n\r\n")
      #expect(await other.untilEnd().contains("\r\nX-Request-Id: "))
    }
  }
}
