import EventLoop
import HTTPClient
import HTTPServer
import Testing

/// The client against the server.
@Suite struct ClientTests {
  @Test(arguments: [HTTPClientRequest.ConnectionUse.fresh, .reuse])
  func sendsMethodQueryHeadersAndBody(connection: HTTPClientRequest.ConnectionUse) async throws {
    try await withServer(handler: echo) { port in
      try await withClient { client in
        for (method, body) in [
          ("GET", nil), ("POST", "ğ=1"), ("POST", ""), ("POST", "longer"), ("PUT", "x"), ("POST", "y"), ("DELETE", nil),
        ]
          as [(String, String?)]
        {
          let reply = try await client.perform(
            HTTPClientRequest(
              method: method, url: "http://127.0.0.1:\(port)/p%20q?ad=%C5%9Eevk&b=1%2B1", headers: [("X-Test", "v")],
              body: body.map { Array($0.utf8) }, connection: connection))
          #expect(reply.status == 200)
          #expect(reply.contentType == "text/plain; charset=utf-8")
          #expect(reply.text == "\(method) /p q ?ad=Şevk&b=1+1\nX-Test: v\n127.0.0.1\n\(body ?? "")")
        }
        let head = try await client.perform(
          HTTPClientRequest(method: "HEAD", url: "http://127.0.0.1:\(port)/", connection: connection))
        #expect(head.status == 200 && head.body.isEmpty)
      }
    }
  }

  @Test func addsNothingOfItsOwn() async throws {
    try await withServer(handler: { request in
      .text(request.headers.map { $0.name.lowercased() }.sorted().joined(separator: " "))
    }) { port in
      try await withClient { client in
        let body = [UInt8](repeating: 1, count: 5000)
        let reply = try await client.perform(
          HTTPClientRequest(method: "POST", url: "http://127.0.0.1:\(port)/", headers: [("X-Empty", "")], body: body))
        #expect(reply.text == "accept content-length host x-empty")
      }
    }
  }

  @Test func sendsManyAtOnceOverFewConnections() async throws {
    let served = Counter()
    try await withServer(handler: { request in
      await served.add()
      return .text(request.query["n"] ?? "")
    }) { port in
      try await withClient(connectionsMax: 64) { client in
        let right = try await withThrowingTaskGroup(of: Bool.self) { group in
          for number in 0..<1000 {
            group.addTask {
              try await client.perform(
                HTTPClientRequest(
                  url: "http://127.0.0.1:\(port)/?n=\(number)", connection: number % 2 == 0 ? .reuse : .fresh)
              ).text == "\(number)"
            }
          }
          return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(right == 1000)
      }
    }
    #expect(await served.value == 1000)
  }

  @Test(arguments: [302, 307, 404, 500])
  func returnsEveryStatusAsItIs(status: Int) async throws {
    let served = Counter()
    try await withServer(handler: { _ in
      await served.add()
      return HTTPResponse(status: status, headers: [("Location", "/elsewhere"), ("X-A", "b")])
    }) { port in
      try await withClient { client in
        let reply = try await client.perform(HTTPClientRequest(url: "http://127.0.0.1:\(port)/"))
        #expect(reply.status == status)
        #expect(reply.headers.contains { $0.name == "X-A" && $0.value == "b" })
      }
    }
    #expect(await served.value == 1)
  }

  @Test(arguments: [
    (HTTPResponse.Abort.close, "closed the connection without an answer"),
    (.reset, "was lost"),
    (.stall, "no whole answer from"),
  ])
  func doesNotKnowWhatBecameOfAnUnansweredRequest(abort: HTTPResponse.Abort, text: String) async throws {
    let served = Counter()
    try await withServer(handler: { _ in
      await served.add()
      return .abort(abort)
    }) { port in
      try await withClient { client in
        let error = await client.failure(
          of: HTTPClientRequest(url: "http://127.0.0.1:\(port)/", timeout: .milliseconds(300)))
        #expect(error?.reach == .unknown)
        #expect(error?.description.contains(text) == true, "\(error?.description ?? "answered")")
        #expect(error?.description.contains("127.0.0.1:\(port)") == true)
        #expect(error?.words == error?.description.replacing("127.0.0.1:\(port)", with: "the provider"))
      }
    }
    #expect(await served.value == 1)
  }

  @Test func readsSlowAndChunkedAnswers() async throws {
    try await withServer(handler: { request in
      if request.path == "/trickle" {
        return HTTPResponse(status: 200, body: .trickle(Array("abc".utf8), every: .milliseconds(1)))
      }
      return HTTPResponse(
        status: 200,
        body: .stream(
          AsyncStream { source in
            for piece in ["a", "b", "c"] { source.yield(Array(piece.utf8)) }
            source.finish()
          }))
    }) { port in
      try await withClient { client in
        for path in ["/trickle", "/stream"] {
          let reply = try await client.perform(HTTPClientRequest(url: "http://127.0.0.1:\(port)\(path)"))
          #expect(reply.text == "abc")
        }
        let error = await client.failure(
          of: HTTPClientRequest(url: "http://127.0.0.1:\(port)/stream", bodyBytesMax: 2))
        #expect(error?.description == "the answer is larger than 2 bytes")
        #expect(error?.reach == .unknown)
      }
    }
  }

  @Test func refusesAnAnswerThatIsTooLarge() async throws {
    try await withServer(handler: { _ in .text(String(repeating: "x", count: 100)) }) { port in
      try await withClient { client in
        let url = "http://127.0.0.1:\(port)/"
        let answer1 = try await client.text(of: HTTPClientRequest(url: url, bodyBytesMax: 100)).utf8.count
        #expect(answer1 == 100)
        let error = await client.failure(of: HTTPClientRequest(url: url, bodyBytesMax: 99))
        #expect(error?.description == "the answer is larger than 99 bytes")
        #expect(error?.reach == .unknown)
      }
    }
  }

  /// With a length that is announced, and without one.
  @Test(arguments: ["/", "/stream"]) func takesAsMuchOfAnAnswerAsIsWanted(path: String) async throws {
    try await withServer(handler: { request in
      guard request.path == "/stream" else { return .text(String(repeating: "x", count: 100)) }
      return HTTPResponse(
        status: 200,
        body: .stream(
          AsyncStream { source in
            for _ in 0..<100 { source.yield(Array("x".utf8)) }
            source.finish()
          }))
    }) { port in
      try await withClient { client in
        let url = "http://127.0.0.1:\(port)\(path)"
        for bytesMax in [99, 1, 0] {
          for connection in [HTTPClientRequest.ConnectionUse.reuse, .fresh] {
            let reply = try await client.perform(
              HTTPClientRequest(url: url, bodyBytesMax: bytesMax, connection: connection, cutsAnswer: true))
            #expect(reply.status == 200 && reply.body.count == bytesMax)
          }
        }
        // The next finds a connection that is in order.
        let whole = try await client.perform(
          HTTPClientRequest(url: url, bodyBytesMax: 100, connection: .reuse, cutsAnswer: true))
        #expect(whole.body.count == 100)
      }
    }
  }

  @Test func cancellingTheTaskDoesNotAbortTheRequest() async throws {
    let entered = Signal()
    let gate = Signal()
    try await withServer(handler: { _ in
      await entered.signal()
      await gate.wait()
      return .text("learnt")
    }) { port in
      try await withClient { client in
        let task = Task { try await client.text(of: HTTPClientRequest(url: "http://127.0.0.1:\(port)/")) }
        await entered.wait()
        task.cancel()
        await gate.signal()
        let answer2 = try await task.value
        #expect(answer2 == "learnt")
      }
    }
  }

  @Test func closingTheClientEndsRequestsUnderWay() async throws {
    let entered = Signal()
    try await withServer(handler: { _ in
      await entered.signal()
      return .abort(.stall)
    }) { port in
      let client = HTTPClient()
      let request = HTTPClientRequest(url: "http://127.0.0.1:\(port)/")
      async let failure = client.failure(of: request)
      await entered.wait()
      await client.close()
      #expect(await failure?.reach == .unknown)
      let later = await client.failure(of: request)
      #expect(later?.reach == .notSent)
      #expect(later?.description == "the client is closed")
    }
  }
}
