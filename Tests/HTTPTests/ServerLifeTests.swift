import EventLoop
import HTTPClient
import HTTPServer
import Testing

/// Starting, stopping, and answers that take their time.
@Suite struct ServerLifeTests {
  @Test func stopLetsARunningRequestAnswer() async throws {
    let entered = Signal()
    let gate = Signal()
    let server = HTTPServer(host: "127.0.0.1", port: 0) { _ in
      await entered.signal()
      await gate.wait()
      return .text("answered")
    }
    try await server.start()
    let port = await server.port
    let idle = try await RawClient(port: port)
    let running = try await RawClient(port: port)
    await running.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    await entered.wait()
    async let stopped: Void = server.stop(grace: .seconds(60))
    // An idle connection is ended at once, a new one refused, and the running request goes on.
    #expect(await idle.untilEnd() == "")
    await #expect(throws: StreamError.self) { try await RawClient(port: port) }
    await gate.signal()
    let answer = await running.untilEnd()
    #expect(answer.hasSuffix("answered"))
    #expect(answer.contains("Connection: close\r\n"))
    await stopped
  }

  @Test func stopEndsAfterItsGraceAndDropsTheAnswer() async throws {
    let entered = Signal()
    let gate = Signal()
    let ended = Signal()
    let server = HTTPServer(host: "127.0.0.1", port: 0) { _ in
      await entered.signal()
      await gate.wait()
      await ended.signal()
      return .text("too late")
    }
    try await server.start()
    let client = try await RawClient(port: server.port)
    await client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    await entered.wait()
    await server.stop(grace: .milliseconds(20))
    #expect(await client.untilEnd() == "")
    await gate.signal()
    await ended.wait()
  }

  @Test(arguments: [HTTPResponse.Abort.stall, nil])
  func stopEndsStalledAndStreamingConnections(abort: HTTPResponse.Abort?) async throws {
    let entered = Signal()
    let (stream, _) = AsyncStream<[UInt8]>.makeStream()
    let server = HTTPServer(host: "127.0.0.1", port: 0) { _ in
      await entered.signal()
      return abort.map { .abort($0) } ?? HTTPResponse(status: 200, body: .stream(stream))
    }
    try await server.start()
    let client = try await RawClient(port: server.port)
    await client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    await entered.wait()
    if abort == nil { _ = await client.until("\r\n\r\n") }
    await server.stop(grace: .zero)
    _ = await client.untilEnd()
  }

  @Test func streamsPieceByPiece() async throws {
    let (stream, source) = AsyncStream<[UInt8]>.makeStream()
    try await withServer(handler: { _ in HTTPResponse(status: 200, body: .stream(stream)) }) { port in
      let client = try await RawClient(port: port)
      await client.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
      #expect(await client.until("\r\n\r\n").contains("Transfer-Encoding: chunked\r\n"))
      for word in ["one", "two", "three"] {
        // Each piece arrives before the next is made.
        source.yield(Array(word.utf8))
        #expect(await client.until(word).contains(word))
      }
      source.yield([UInt8](repeating: UInt8(ascii: "y"), count: 100_000))
      source.finish()
      let answer = await client.untilEnd()
      #expect(answer.hasSuffix("\r\n0\r\n\r\n"))
      #expect(answer.utf8.count { $0 == UInt8(ascii: "y") } == 100_000)
    }
  }

  @Test func streamIsCancelledWhenItsClientLeaves() async throws {
    let (stream, source) = AsyncStream<[UInt8]>.makeStream()
    let (ends, end) = AsyncStream<Void>.makeStream()
    source.onTermination = { _ in end.finish() }
    try await withServer(handler: { _ in HTTPResponse(status: 200, body: .stream(stream)) }) { port in
      let client = try await RawClient(port: port)
      await client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
      source.yield(Array("first".utf8))
      _ = await client.until("first")
      await client.close()
      for await _ in ends {}
    }
  }

  @Test func streamIsCutOffWhenItsClientTakesNothing() async throws {
    var limits = HTTPServerLimits()
    limits.idleTimeout = .seconds(1)
    let (ends, end) = AsyncStream<Void>.makeStream()
    // What nobody took makes room for what is newer: the memory of a slow client is one piece.
    let (stream, source) = AsyncStream<[UInt8]>.makeStream(bufferingPolicy: .bufferingNewest(1))
    source.onTermination = { _ in end.finish() }
    try await withServer(limits: limits, handler: { _ in HTTPResponse(status: 200, body: .stream(stream)) }) { port in
      // It never reads, so that the kernel's buffers fill up.
      let client = try await LoopStream.connect(to: .tcp(host: "127.0.0.1", port: port), timeout: .seconds(10))
      await client.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n".utf8)
      let feeding = Task {
        while !Task.isCancelled {
          source.yield([UInt8](repeating: UInt8(ascii: "y"), count: 1_000_000))
          try await EventLoop.sleep(for: .milliseconds(1))
        }
      }
      for await _ in ends {}
      feeding.cancel()
      await client.close()
    }
  }

  @Test func tricklesByteByByteWithALength() async throws {
    try await withServer(handler: { _ in
      HTTPResponse(status: 200, body: .trickle(Array("slowly".utf8), every: .milliseconds(1)))
    }) { port in
      let client = try await RawClient(port: port)
      for _ in 0..<2 {
        await client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
      }
      await client.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
      let answer = await client.untilEnd()
      #expect(answer.components("slowly").count == 4)
      #expect(answer.components("Content-Length: 6\r\n").count == 4)
    }
  }

  @Test func namesTheAddressThatIsInUse() async throws {
    try await withServer(handler: echo) { port in
      let second = HTTPServer(host: "127.0.0.1", port: port, handler: echo)
      do {
        try await second.start()
        Issue.record("a second server started on the same port")
      } catch {
        #expect("\(error)" == "cannot listen on 127.0.0.1:\(port): address already in use")
      }
    }
  }

  @Test(arguments: [
    ("no.such.host.invalid", 80, "cannot listen on no.such.host.invalid:80: no such address"),
    ("127.0.0.1", 65_536, "cannot listen on 127.0.0.1:65536: a port is 0 to 65535"),
    ("2001:db8::1", 0, "cannot listen on [2001:db8::1]:0: cannot assign requested address"),
  ])
  func saysWhyItCannotListen(host: String, port: Int, text: String) async throws {
    let server = HTTPServer(host: host, port: port, handler: echo)
    do {
      try await server.start()
      Issue.record("a server started on \(host):\(port)")
    } catch { #expect("\(error)" == text) }
  }

  /// Both of them, where the machine's `localhost` has two.
  @Test func listensAtEachAddressOfItsName() async throws {
    let server = HTTPServer(host: "localhost", port: 0, handler: echo)
    try await server.start()
    let addresses = try await Resolver.addresses(of: "localhost", within: .seconds(10))
    let client = HTTPClient()
    for address in addresses {
      let host = address.contains(":") ? "[\(address)]" : address
      let reply = try await client.perform(
        HTTPClientRequest(url: "http://\(host):\(server.port)/", connection: .fresh))
      #expect(reply.status == 200, "\(address)")
    }
    await client.close()
    await server.stop(grace: .seconds(1))
  }

  @Test func startsAndStopsFiftyTimes() async throws {
    let server = HTTPServer(host: "127.0.0.1", port: 0, handler: echo)
    for round in 0..<50 {
      try await server.start()
      let client = try await RawClient(port: server.port)
      await client.send("GET /\(round) HTTP/1.1\r\nHost: x\r\n\r\n")
      #expect(await client.until("127.0.0.1").contains("GET /\(round) "))
      async let once: Void = server.stop(grace: .seconds(10))
      async let twice: Void = server.stop(grace: .seconds(10))
      _ = await (once, twice)
      _ = await client.untilEnd()
    }
  }
}
