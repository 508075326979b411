import EventLoop
import HTTPServer
import Testing

@testable import WebSocket

/// Frames as RFC 6455 has them, and as it forbids them, byte by byte.
@Suite(.timeLimit(.minutes(1)))
struct FrameTests {
  @Test func theHandshakeIsAnsweredAsInTheStandard() async throws {
    try await withSockets { port in
      let client = try await FrameClient(port: port)
      let head = await client.head
      #expect(head.hasPrefix("HTTP/1.1 101 Switching Protocols\r\n"))
      #expect(head.contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"), "the example of RFC 6455")
      #expect(head.contains("Sec-WebSocket-Protocol: test.v1\r\n") && !head.contains("Connection: close"))
      let bare = try await FrameClient(port: port, headers: "")
      let without = await bare.head
      #expect(without.contains(" 101 ") && !without.contains("Sec-WebSocket-Protocol"))
      let foreign = try await FrameClient(port: port, headers: "Sec-WebSocket-Protocol: other\r\n")
      #expect(await foreign.head.contains(" 426 "))
    }
  }

  @Test func fragmentsAreOneMessageAndPingsComeBetween() async throws {
    try await withSockets { port in
      let client = try await FrameClient(port: port)
      // The Euro sign is cut in its middle.
      await client.send(1, Array("ab".utf8) + [0xE2], isFinal: false)
      await client.send(9, Array("hello".utf8))
      await client.send(0, [0x82], isFinal: false)
      await client.send(0, [0xAC])
      #expect(await client.next() == .init(opcode: 10, isFinal: true, payload: Array("hello".utf8)))
      let whole = await client.next()
      #expect(whole?.opcode == 1 && whole?.text == "ab€")
      await client.send(2, [UInt8](repeating: 0xFF, count: 60_000))
      #expect(await client.next()?.payload.count == 60_000)
    }
  }

  @Test func aFrameMayComeByteByByteAndWithTheHandshake() async throws {
    try await withSockets { port in
      let client = try await FrameClient(port: port)
      for byte in [0x81, 0x82, 1, 2, 3, 4, 0x68 ^ 1, 0x69 ^ 2] as [UInt8] {
        await client.raw([byte])
        await client.flush()
        await Task.yield()
      }
      #expect(await client.next()?.text == "hi")
    }
  }

  @Test(
    arguments: [
      ("an unmasked frame", [0x81, 0x01, 0x61], 1002),
      ("a reserved bit", [0xC1, 0x80, 0, 0, 0, 0], 1002),
      ("an unknown opcode", [0x83, 0x80, 0, 0, 0, 0], 1002),
      ("a fragmented ping", [0x09, 0x80, 0, 0, 0, 0], 1002),
      ("a ping of 126 bytes", [0x89, 0xFE, 0, 126, 0, 0, 0, 0], 1002),
      ("a continuation of nothing", [0x80, 0x80, 0, 0, 0, 0], 1002),
      ("a message within a message", [0x01, 0x81, 0, 0, 0, 0, 0x61, 0x81, 0x80, 0, 0, 0, 0], 1002),
      ("invalid UTF-8", [0x81, 0x82, 0, 0, 0, 0, 0xC3, 0x28], 1007),
      ("UTF-8 that ends in its middle", [0x81, 0x81, 0, 0, 0, 0, 0xE2], 1007),
      ("a message that is too long", [0x82, 0xFF, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 1], 1009),
      // wslay names no code in its answer.
      ("a close of one byte", [0x88, 0x81, 0, 0, 0, 0, 3], nil),
      ("a close with a code that must not be sent", [0x88, 0x82, 0, 0, 0, 0, 0x03, 0xED], 1002),
    ] as [(String, [UInt8], Int?)])
  func whatBreaksTheProtocolEndsTheConnectionWithItsCode(what: String, bytes: [UInt8], code: Int?) async throws {
    try await withSockets { port in
      let client = try await FrameClient(port: port)
      await client.raw(bytes)
      let frame = await client.next()
      #expect(frame?.opcode == 8 && frame?.code == code, "\(what): \(String(describing: frame))")
      #expect(await client.next() == nil, "\(what): the connection goes on")
    }
  }

  @Test func fragmentsThatAreTooLongTogetherAreRefused() async throws {
    try await withSockets { port in
      let client = try await FrameClient(port: port)
      await client.send(2, [UInt8](repeating: 1, count: 40_000), isFinal: false)
      await client.send(0, [UInt8](repeating: 1, count: 40_000))
      #expect(await client.next()?.code == 1009)
      #expect(await client.next() == nil)
    }
  }

  @Test func aCloseIsAnsweredWithItsCode() async throws {
    try await withSockets { port in
      let client = try await FrameClient(port: port)
      await client.send(8, [0x03, 0xE8] + Array("bye".utf8))
      #expect(await client.next()?.code == 1000)
      #expect(await client.next() == nil)
    }
  }

  @Test func whoDoesNotAnswerACloseIsCutOff() async throws {
    var limits = WebSocket.Limits()
    limits.closeMax = .milliseconds(50)
    try await withSockets(limits: limits) {
      $0.close(code: 1001, reason: "going")
    } _: { port in
      let client = try await FrameClient(port: port)
      let frame = await client.next()
      #expect(frame?.code == 1001 && frame?.payload.dropFirst(2).elementsEqual("going".utf8) == true)
      #expect(await client.next() == nil)
    }
  }

  /// Each ping is answered; who takes no answers must not fill memory with them.
  @Test func whoSendsPingsAndReadsNothingIsCutOff() async throws {
    var limits = WebSocket.Limits()
    limits.bytesWaitingMax = 4096
    let ended = Ends()
    try await withSockets(limits: limits) { socket in
      socket.onEnd = { ended.event.signal() }
    } _: { port in
      await DeafClient(port: port).flood(until: ended.event)
    }
  }
}

@LoopActor
private final class Ends {
  let event = LoopEvent()
  nonisolated init() {}
}
