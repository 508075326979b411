import EventLoop
import HTTPServer
import Testing

/// What the server does with bytes on the wire.
@Suite struct ServerTests {
  private static let small = HTTPServerLimits(bodyBytesMax: { _, path in path == "/large" ? 1000 : 100 })

  @Test(arguments: [
    ("GET /a/b?x=1 HTTP/1.1\r\nX-test: v", "", "GET /a/b ?x=1\nX-Test: v\n127.0.0.1\n"),
    (
      "GET /%C3%A7ay%20x?ad=%C5%9Eevk+et&b=%26%3D&c HTTP/1.1", "",
      "GET /çay x ?ad=Şevk et&b=&=&c=\nX-Test: -\n127.0.0.1\n"
    ),
    ("GET /?a=1&a=2 HTTP/1.1", "", "GET / ?a=2\nX-Test: -\n127.0.0.1\n"),
    ("POST /o HTTP/1.1\r\nContent-Length: 5", "hello", "POST /o ?\nX-Test: -\n127.0.0.1\nhello"),
    ("PATCH /o HTTP/1.1\r\nContent-Length: 0", "", "PATCH /o ?\nX-Test: -\n127.0.0.1\n"),
    (
      "POST /o HTTP/1.1\r\nTransfer-Encoding: chunked", "3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n",
      "POST /o ?\nX-Test: -\n127.0.0.1\nhello"
    ),
  ])
  func handsTheRequestToTheHandler(head: String, body: String, seen: String) async throws {
    try await withServer(handler: echo) { port in
      let client = try await RawClient(port: port)
      await client.send("\(head)\r\nHost: x\r\nConnection: close\r\n\r\n\(body)")
      let answer = await client.untilEnd()
      #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
      #expect(answer.components("\r\n\r\n").last == seen)
    }
  }

  @Test func answersPipelinedRequestsInOrder() async throws {
    try await withServer(handler: { .text("<\($0.path)>") }) { port in
      let client = try await RawClient(port: port)
      await client.send("GET /1 HTTP/1.1\r\nHost: x\r\n\r\nPOST /2 HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nab")
      await client.send("GET /3 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
      let answer = await client.untilEnd()
      #expect(answer.components("HTTP/1.1 200 OK").count == 4)
      let found = answer.split(separator: "<").dropFirst().map { $0.prefix(2) }
      #expect(found == ["/1", "/2", "/3"])
    }
  }

  @Test func tellsAClientThatAsksToGoOn() async throws {
    try await withServer(handler: echo) { port in
      let client = try await RawClient(port: port)
      await client.send(
        "POST /o HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n")
      #expect(await client.until("\r\n\r\n").hasPrefix("HTTP/1.1 100 Continue\r\n"))
      await client.send("ab")
      #expect(await client.untilEnd().hasSuffix("\nab"))
    }
  }

  @Test(arguments: [
    // Refused by its length, before a byte of the body; also when the client would wait for leave to send.
    ("POST /o HTTP/1.1\r\nContent-Length: 101", "", 413),
    ("POST /o HTTP/1.1\r\nContent-Length: 101\r\nExpect: 100-continue", "", 413),
    ("POST /o HTTP/1.1\r\nContent-Length: 200000", String(repeating: "x", count: 200_000), 413),
    ("POST /large HTTP/1.1\r\nContent-Length: 1001", "", 413),
    // Refused while it grows, with no end in sight.
    (
      "POST /o HTTP/1.1\r\nTransfer-Encoding: chunked", "64\r\n\(String(repeating: "x", count: 100))\r\n1\r\nx\r\n", 413
    ),
    ("GET /?\(String(repeating: "x", count: 17_000)) HTTP/1.1", "", 431),
    ("GET / HTTP/1.1\r\nX-Long: \(String(repeating: "x", count: 17_000))", "", 431),
    ("GET / HTTP/1.1\r\nX-Long: \(String(repeating: "x", count: 60_000))", "", 431),
    ("GET / HTTP/1.1\r\nno colon", "", 400),
    ("GET / HTTP/1.1\r\nContent-Length: ten", "", 400),
  ])
  func refusesWhatIsTooLarge(head: String, body: String, status: Int) async throws {
    let handled = Counter()
    try await withServer(
      limits: Self.small,
      handler: { _ in
        await handled.add()
        return .text("no")
      }
    ) { port in
      let client = try await RawClient(port: port)
      await client.send("\(head)\r\nHost: x\r\n\r\n\(body)")
      let answer = await client.untilEnd()
      #expect(answer.hasPrefix("HTTP/1.1 \(status) "))
      #expect(answer.contains("Content-Type: application/problem+json\r\n"))
    }
    #expect(await handled.value == 0)
  }

  @Test func acceptsABodyOfExactlyTheLimit() async throws {
    try await withServer(limits: Self.small, handler: { .text("\($0.body.count)") }) { port in
      for (path, size) in [("/o", 100), ("/large", 1000)] {
        let client = try await RawClient(port: port)
        let body = String(repeating: "x", count: size)
        await client.send(
          "POST \(path) HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: \(size)\r\n\r\n\(body)")
        #expect(await client.untilEnd().hasSuffix("\r\n\r\n\(size)"))
      }
    }
  }

  /// Each case never becomes a whole request.
  @Test(arguments: ["", "GET / HT", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc"])
  func cutsOffASlowSender(start: String) async throws {
    let handled = Counter()
    let limits = HTTPServerLimits(requestTimeout: .milliseconds(100))
    try await withServer(
      limits: limits,
      handler: { _ in
        await handled.add()
        return .text("no")
      }
    ) { port in
      let client = try await RawClient(port: port)
      await client.send(start)
      let sender = Task {
        // Never silent, so only a limit on the whole can end it.
        while true {
          try await EventLoop.sleep(for: .milliseconds(30))
          if !start.isEmpty, !start.contains("\r\n\r\n") { await client.send("x") }
        }
      }
      _ = await client.untilEnd()
      sender.cancel()
    }
    #expect(await handled.value == 0)
  }

  @Test func leavesARunningRequestAloneHoweverLongItTakes() async throws {
    // Long enough for the request to arrive on a busy machine.
    let limits = HTTPServerLimits(requestTimeout: .seconds(1))
    let handler: @Sendable (HTTPRequest) async -> HTTPResponse = { _ in
      try? await EventLoop.sleep(for: .milliseconds(1300))
      return .text("late")
    }
    try await withServer(limits: limits, handler: handler) { port in
      let client = try await RawClient(port: port)
      await client.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
      #expect(await client.untilEnd().hasSuffix("late"))
    }
  }

  @Test func answersHeadWithoutABody() async throws {
    try await withServer(handler: { _ in .text("12345") }) { port in
      let client = try await RawClient(port: port)
      await client.send("HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
      let answer = await client.untilEnd()
      #expect(answer.contains("Content-Length: 5\r\n"))
      #expect(answer.hasSuffix("\r\n\r\n"))
    }
  }

  @Test func answersOverloadWithoutAHandler() async throws {
    let gate = Signal()
    let entered = Signal()
    try await withServer(
      limits: .init(requestsInFlightMax: 1),
      handler: { _ in
        await entered.signal()
        await gate.wait()
        return .text("done")
      }
    ) { port in
      let first = try await RawClient(port: port)
      await first.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
      await entered.wait()
      let second = try await RawClient(port: port)
      await second.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
      #expect(await second.untilEnd().hasPrefix("HTTP/1.1 503 "))
      await gate.signal()
      #expect(await first.untilEnd().hasSuffix("done"))
    }
  }

  @Test func refusesBodiesThatItHasNoMemoryFor() async throws {
    let gate = Signal()
    let entered = Signal()
    try await withServer(
      limits: .init(bodyBytesHeldMax: 10),
      handler: { request in
        await entered.signal()
        await gate.wait()
        return .text("took \(request.body.count)")
      }
    ) { port in
      let head = "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: "
      let first = try await RawClient(port: port)
      await first.send(head + "6\r\n\r\nsix...")
      await entered.wait()
      let second = try await RawClient(port: port)
      await second.send(head + "5\r\n\r\nfive.")
      let refusal = await second.untilEnd()
      #expect(refusal.hasPrefix("HTTP/1.1 503 ") && refusal.contains("\r\nRetry-After: 1\r\n"), "\(refusal)")
      await gate.signal()
      #expect(await first.untilEnd().hasSuffix("took 6"))
      // What the first had is free again.
      let third = try await RawClient(port: port)
      await third.send(head + "10\r\n\r\nten.......")
      await gate.signal()
      #expect(await third.untilEnd().hasSuffix("took 10"))
    }
  }

  @Test func refusesTooManyConnectionsOfOneAddress() async throws {
    try await withServer(limits: .init(connectionsPerAddressMax: 1), handler: { _ in .text("ok") }) { port in
      let first = try await RawClient(port: port)
      await first.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
      _ = await first.until("ok")
      let second = try await RawClient(port: port)
      #expect(await second.untilEnd() == "")
      await first.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
      #expect(await first.untilEnd().components("ok").count == 3)
    }
  }

  @Test(arguments: [
    HTTPResponse(status: 200, headers: [("X-Evil", "a\r\nSet-Cookie: b")]), HTTPResponse(status: 20),
    HTTPResponse(status: 10_000),
  ])
  func answers500ForAnAnswerThatCannotBeSent(response: HTTPResponse) async throws {
    try await withServer(handler: { _ in response }) { port in
      let client = try await RawClient(port: port)
      await client.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
      let answer = await client.untilEnd()
      #expect(answer.hasPrefix("HTTP/1.1 500 "))
      #expect(!answer.contains("Set-Cookie"))
    }
  }

  @Test func handlerRunsToItsEndWhenTheClientLeaves() async throws {
    let entered = Signal()
    let gate = Signal()
    let ended = Signal()
    try await withServer(handler: { _ in
      await entered.signal()
      await gate.wait()
      #expect(!Task.isCancelled)
      await ended.signal()
      return .text("to nobody")
    }) { port in
      let client = try await RawClient(port: port)
      await client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
      await entered.wait()
      await client.close()
      await gate.signal()
      await ended.wait()
    }
  }

  @Test func speaksIPv6() async throws {
    try await withServer(host: "::1", handler: echo) { port in
      let client = try await RawClient(port: port, host: "::1")
      await client.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
      #expect(await client.untilEnd().contains("\n::1\n"))
    }
  }
}

extension String {
  /// Splits at a separator of several characters.
  func components(_ separator: String) -> [String] {
    var parts = [""]
    var rest = self[...]
    while let first = rest.first {
      if rest.hasPrefix(separator) {
        parts.append("")
        rest = rest.dropFirst(separator.count)
      } else {
        parts[parts.count - 1].append(first)
        rest = rest.dropFirst()
      }
    }
    return parts
  }
}
