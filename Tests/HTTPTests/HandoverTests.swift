import EventLoop
import Testing

@testable import HTTPServer

/// A connection that an answer hands over to whoever takes it.
@Suite(.timeLimit(.minutes(1))) struct HandoverTests {
  private static func upgrade(_ take: @escaping @LoopActor @Sendable (HandedConnection) -> Void)
    -> @Sendable (HTTPRequest) async -> HTTPResponse
  {
    { _ in HTTPResponse(status: 101, headers: [("Upgrade", "echo"), ("Connection", "Upgrade")], body: .handover(take)) }
  }

  private static let request = "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\n"

  @Test func bytesGoBothWaysAndThoseThatCameEarlyAreNotLost() async throws {
    try await withServer(
      handler: Self.upgrade { connection in
        connection.onBytes = { connection.write(Array($0)) }
      }
    ) { port in
      let client = try await RawClient(port: port)
      await client.send(Self.request + "early ")
      #expect(await client.until("early ").hasSuffix("\r\n\r\nearly "))
      await client.send("late")
      let text = await client.until("early late")
      #expect(text.hasPrefix("HTTP/1.1 101 Switching Protocols\r\n") && text.hasSuffix("early late"))
      #expect(!text.contains("Content-Length") && !text.contains("Connection: close"))
      await client.close()
    }
  }

  @Test func aStreamEndsWithItsConnectionAndWhatWaitsLeavesFirst() async throws {
    let piece = [UInt8](repeating: UInt8(ascii: "x"), count: 300_000)
    try await withServer(handler: { _ in
      HTTPResponse(
        status: 200,
        body: .handover { connection in
          for _ in 0..<10 { connection.write(piece) }
          connection.end()
        })
    }) { port in
      let client = try await RawClient(port: port)
      await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
      let text = await client.untilEnd()
      #expect(text.contains("\r\nConnection: close\r\n"))
      #expect(text.utf8.count { $0 == UInt8(ascii: "x") } >= 3_000_000)
    }
  }

  /// It takes a little each time, so it is never silent.
  @Test func whoTakesTheEndDropByDropIsNotWaitedFor() async throws {
    var limits = HTTPServerLimits()
    limits.idleTimeout = .milliseconds(400)
    limits.endingMax = .milliseconds(400)
    let bytes = 64 * 1024 * 1024
    try await withServer(
      limits: limits,
      handler: { _ in
        HTTPResponse(
          status: 200,
          body: .handover { connection in
            connection.write([UInt8](repeating: UInt8(ascii: "x"), count: bytes))
            connection.end()
          })
      }
    ) { port in
      let taken = await DroppingClient.take(port: port, bytesEachTime: 1024)
      #expect(taken < bytes, "else all of it was waited for")
    }
  }

  @Test func theOwnerIsToldOnceThatTheClientLeftOrTheServerStopped() async throws {
    let ends = Ends()
    try await withServer(handler: Self.upgrade { $0.onEnd = { ends.note() } }) { port in
      let first = try await RawClient(port: port)
      await first.send(Self.request)
      _ = await first.until("\r\n\r\n")
      await first.close()
      await ends.until(1)
      let second = try await RawClient(port: port)
      await second.send(Self.request)
      _ = await second.until("\r\n\r\n")
    }
    await ends.until(2)
    #expect(await ends.count == 2)
  }

  @Test func withoutItsTakerNothingIsSwitched() async throws {
    try await withServer(handler: { _ in HTTPResponse(status: 101) }) { port in
      let client = try await RawClient(port: port)
      await client.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
      #expect(await client.untilEnd().hasPrefix("HTTP/1.1 500 "))
    }
  }
}

@LoopActor
private final class Ends {
  private(set) var count = 0
  private let changed = LoopEvent()
  nonisolated init() {}
  func note() {
    count += 1
    changed.signal()
  }
  func until(_ wanted: Int) async { while count < wanted, !Task.isCancelled { _ = await changed.wait() } }
}
