import EventLoop
import Glibc
import HTTPClient
import TestSupport
import Testing

/// How far a failed request came, and that it left at most once.
@Suite struct ReachTests {
  private static let ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

  /// A server that misbehaves after it has read the request: the request is seen once, and its outcome is unknown.
  @Test(
    arguments: [
      RawServer.Step.reset, .close, .answer("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"),
      .answer("HTTP/1.1 20"),
      // Not HTTP at all: curl calls that an "unsupported protocol", which must not pass for "not sent".
      .answer("gibberish\r\n\r\n"),
    ], [("GET", HTTPClientRequest.ConnectionUse.fresh), ("POST", .fresh), ("GET", .reuse)])
  func sendsOnceAndSaysUnknown(
    step: RawServer.Step, how: (method: String, connection: HTTPClientRequest.ConnectionUse)
  ) async throws {
    let server = RawServer { _ in step }.start()
    try await withClient { client in
      let error = await client.failure(
        of: HTTPClientRequest(
          method: how.method, url: "http://127.0.0.1:\(server.port)/?kod=secret", connection: how.connection))
      #expect(error?.reach == .unknown)
      #expect(error?.description.contains("secret") == false)
    }
    server.stop()
    #expect(server.requests == 1)
  }

  /// The server answers once, keeps the connection, reads the next request from it and then ends it. curl sends a
  /// request again that a kept connection lost, so `.reuse` shows the server one request more than was asked for.
  @Test(arguments: [RawServer.Step.close, .reset], ["GET", "POST"])
  func reuseMayRepeatWhatAKeptConnectionLost(step: RawServer.Step, method: String) async throws {
    let server = RawServer { $0 == 2 ? step : .keep(Self.ok) }.start()
    try await withClient { client in
      let request = HTTPClientRequest(
        method: method, url: "http://127.0.0.1:\(server.port)/", body: method == "POST" ? [1] : nil, connection: .reuse)
      let answer1 = try await client.text(of: request)
      #expect(answer1 == "ok")
      let answer2 = try await client.text(of: request)
      #expect(answer2 == "ok")
      #expect(server.requests == 3)
    }
    server.stop()
  }

  /// As when the process was frozen since it decided to send: the connection is made, and nothing is sent over it.
  @Test(arguments: [HTTPClientRequest.ConnectionUse.fresh, .reuse])
  func whatComesTooLateIsProvablyNotSent(connection: HTTPClientRequest.ConnectionUse) async throws {
    let server = RawServer { _ in .answer(Self.ok) }.start()
    try await withClient { client in
      let url = "http://127.0.0.1:\(server.port)/"
      let late = HTTPClientRequest(url: url, connection: connection, notAfter: .now - .seconds(1))
      let error = await client.failure(of: late)
      #expect(error?.reach == .notSent && error?.description.contains("held up") == true)
      let inTime = HTTPClientRequest(url: url, connection: connection, notAfter: .now + .seconds(60))
      let answer = try await client.text(of: inTime)
      #expect(answer == "ok")
      #expect(server.requests == 1)
    }
    server.stop()
  }

  /// As above, but a fresh connection is never one that can be lost so.
  @Test func freshNeverUsesAKeptConnection() async throws {
    let server = RawServer { $0 == 2 ? .close : .keep(Self.ok) }.start()
    try await withClient { client in
      let url = "http://127.0.0.1:\(server.port)/"
      let answer3 = try await client.text(of: HTTPClientRequest(url: url, connection: .fresh))
      #expect(answer3 == "ok")
      #expect(await client.failure(of: HTTPClientRequest(url: url, connection: .fresh))?.reach == .unknown)
      #expect(server.requests == 2)
    }
    server.stop()
  }

  /// The kept connection takes the request, the repeat finds nobody: what the first try did is not known.
  @Test func aRefusedRepeatIsStillUnknown() async throws {
    let stop = Stop()
    let server = RawServer { number in
      guard number == 2 else { return .keep(Self.ok) }
      stop.call()
      return .close
    }
    stop.action = { server.stop() }
    _ = server.start()
    try await withClient { client in
      let request = HTTPClientRequest(url: "http://127.0.0.1:\(server.port)/", connection: .reuse)
      let answer4 = try await client.text(of: request)
      #expect(answer4 == "ok")
      let error = await client.failure(of: request)
      #expect(error?.description == "connection refused by 127.0.0.1:\(server.port)")
      #expect(error?.reach == .unknown)
    }
  }

  /// A connection that the server ended while it was idle is noticed before anything is sent on it.
  @Test func anIdleConnectionThatEndedIsNotUsed() async throws {
    let server = RawServer { _ in .answer(Self.ok) }.start()
    try await withClient { client in
      let request = HTTPClientRequest(url: "http://127.0.0.1:\(server.port)/", connection: .reuse)
      for _ in 0..<5 {
        let answer = try await client.text(of: request)
        #expect(answer == "ok")
      }
    }
    server.stop()
    #expect(server.requests == 5)
  }

  @Test func aRefusedConnectionSentNothing() async throws {
    let server = RawServer { _ in .close }
    server.stop()
    try await withClient { client in
      for use in [HTTPClientRequest.ConnectionUse.fresh, .reuse] {
        let error = await client.failure(
          of: HTTPClientRequest(url: "http://user:geheim@127.0.0.1:\(server.port)/pfad?sifre=1", connection: use))
        #expect(error?.reach == .notSent)
        #expect(error?.description == "connection refused by 127.0.0.1:\(server.port)")
      }
    }
  }

  @Test func anUnknownHostWasSentNothing() async throws {
    try await withClient { client in
      let error = await client.failure(of: HTTPClientRequest(url: "http://panel.invalid/x?sifre=1"))
      #expect(error?.reach == .notSent)
      #expect(error?.description == "no address found for panel.invalid:80")
      #expect(error?.words == "no address found for the provider")
    }
  }

  @Test func aFailedHandshakeSentNothing() async throws {
    let server = RawServer { _ in .answer("HTTP/1.1 400 Bad Request\r\n\r\n") }.start()
    try await withClient { client in
      let error = await client.failure(of: HTTPClientRequest(url: "https://127.0.0.1:\(server.port)/x?sifre=1"))
      #expect(error?.reach == .notSent)
      #expect(error?.description == "TLS handshake with 127.0.0.1:\(server.port) failed")
      #expect(error?.words == "TLS handshake with the provider failed")
    }
    server.stop()
    #expect(server.heads.allSatisfy { !$0.contains("GET") && !$0.contains("sifre") })
  }

  /// A listener that accepts nothing and whose backlog is full drops every further attempt to connect.
  @Test func aConnectTimeoutSentNothing() async throws {
    let server = RawServer(backlog: 0) { _ in .close }
    defer { server.stop() }
    var waiting: [LoopStream] = []
    while waiting.count < 8,
      let stream = try? await LoopStream.connect(
        to: .tcp(host: "127.0.0.1", port: server.port), timeout: .milliseconds(200))
    { waiting.append(stream) }
    try #require(waiting.count < 8, "the backlog did not fill")
    try await withClient { client in
      let error = await client.failure(
        of: HTTPClientRequest(url: "http://127.0.0.1:\(server.port)/", connectTimeout: .milliseconds(100)))
      #expect(error?.reach == .notSent)
      #expect(error?.description == "no connection to 127.0.0.1:\(server.port) within 0.1 seconds")
      #expect(error?.words == "no connection to the provider within 0.1 seconds")
    }
  }

  @Test(arguments: [
    HTTPClientRequest(url: "ftp://user:geheim@host/"), HTTPClientRequest(url: "file:///etc/passwd"),
    HTTPClientRequest(url: "http://"), HTTPClientRequest(url: "http://host/geheim\r\nX: y"), HTTPClientRequest(url: ""),
    HTTPClientRequest(method: "GE T", url: "http://u:geheim@host/"),
    HTTPClientRequest(url: "http://u:geheim@host/", headers: [("X", "a\r\nY: geheim")]),
    HTTPClientRequest(url: "http://u:geheim@host/", headers: [("X Y", "geheim")]),
  ])
  func refusesAMalformedRequest(request: HTTPClientRequest) async throws {
    try await withClient { client in
      let error = await client.failure(of: request)
      #expect(error?.reach == .notSent)
      #expect(error?.description.contains("geheim") == false)
    }
  }
}

/// Something to be done later, on another thread; set before that thread starts.
private final class Stop: @unchecked Sendable {
  var action: () -> Void = {}
  func call() { action() }
}
