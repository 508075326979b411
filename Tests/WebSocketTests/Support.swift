import EventLoop
import Glibc
import HTTPServer

@testable import WebSocket

/// Runs `body` with a server that opens WebSockets and gives each to `open`, and stops it afterwards.
func withSockets(
  limits: WebSocket.Limits = .init(), open: @escaping @LoopActor @Sendable (WebSocket) -> Void = echo,
  _ body: (Int) async throws -> Void
) async throws {
  let server = HTTPServer(host: "127.0.0.1", port: 0) { request in
    do {
      return try WebSocketHandshake.answer(request, subprotocol: "test.v1") { connection in
        if let socket = WebSocket(connection, limits: limits) { open(socket) }
      }
    } catch { return HTTPResponse(status: 426, headers: (error as? WebSocketHandshake.Refusal)?.headers ?? []) }
  }
  try await server.start()
  do {
    try await body(server.port)
  } catch {
    await server.stop(grace: .zero)
    throw error
  }
  await server.stop(grace: .zero)
}

/// Sends each message back.
@LoopActor func echo(_ socket: WebSocket) {
  socket.onMessage = { [weak socket] in
    switch $0 {
    case .text(let text): socket?.send(text: Array(text.utf8))
    case .binary(let bytes): socket?.send(binary: bytes)
    }
  }
}

/// A client that writes exactly the frames it is told to.
@LoopActor
final class FrameClient {
  struct Frame: Equatable {
    var opcode: UInt8
    var isFinal: Bool
    var payload: [UInt8]
    var code: Int? { opcode == 8 && payload.count > 1 ? Int(payload[0]) << 8 | Int(payload[1]) : nil }
    var text: String { String(decoding: payload, as: UTF8.self) }
  }

  private let stream: LoopStream
  private var received: [UInt8] = []
  private var isEnded = false
  private let changed = LoopEvent()
  private(set) var head = ""

  init(port: Int, headers: String = "Sec-WebSocket-Protocol: test.v1\r\n") async throws {
    stream = try await LoopStream.connect(to: .tcp(host: "127.0.0.1", port: port), timeout: .seconds(10))
    stream.read(
      onBytes: { [weak self] in
        self?.received += $0
        self?.changed.signal()
      },
      onEnd: { [weak self] _ in
        self?.isEnded = true
        self?.changed.signal()
      })
    stream.write(
      ("GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\(headers)\r\n").utf8)
    while !isEnded, !Task.isCancelled, received.firstRange(of: Array("\r\n\r\n".utf8)) == nil {
      _ = await changed.wait()
    }
    guard let end = received.firstRange(of: Array("\r\n\r\n".utf8)) else { return }
    head = String(decoding: received[..<end.upperBound], as: UTF8.self)
    received.removeSubrange(..<end.upperBound)
  }

  /// Sends a frame.
  ///
  /// - Parameter mask: nil sends it bare, which no client may.
  func send(
    _ opcode: UInt8, _ payload: [UInt8], isFinal: Bool = true, mask: [UInt8]? = [0x37, 0xFA, 0x21, 0x3D],
    reserved: UInt8 = 0
  ) {
    var bytes: [UInt8] = [(isFinal ? 0x80 : 0) | reserved << 4 | opcode]
    let bit: UInt8 = mask == nil ? 0 : 0x80
    switch payload.count {
    case ..<126: bytes.append(bit | UInt8(payload.count))
    case ..<65_536: bytes += [bit | 126, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)]
    default: bytes += [bit | 127] + (0..<8).reversed().map { UInt8(truncatingIfNeeded: payload.count >> ($0 * 8)) }
    }
    bytes += mask ?? []
    bytes += payload.enumerated().map { $1 ^ (mask?[$0 % 4] ?? 0) }
    stream.write(bytes)
  }

  func raw(_ bytes: [UInt8]) { stream.write(bytes) }

  func flush() { stream.flush() }

  /// The next frame; nil once the server ended the connection.
  func next() async -> Frame? {
    while true {
      if let frame = take() { return frame }
      guard !isEnded, !Task.isCancelled else { return nil }
      _ = await changed.wait()
    }
  }

  private func take() -> Frame? {
    guard received.count >= 2 else { return nil }
    var (length, start) = (Int(received[1] & 0x7F), 2)
    if length == 126 {
      guard received.count >= 4 else { return nil }
      (length, start) = (Int(received[2]) << 8 | Int(received[3]), 4)
    } else if length == 127 {
      guard received.count >= 10 else { return nil }
      (length, start) = (received[2..<10].reduce(0) { $0 << 8 | Int($1) }, 10)
    }
    guard received.count >= start + length else { return nil }
    let frame = Frame(
      opcode: received[0] & 0x0F, isFinal: received[0] & 0x80 != 0, payload: Array(received[start..<(start + length)]))
    received.removeSubrange(..<(start + length))
    return frame
  }

  func close() { stream.close() }
}

/// A client that sends pings and never reads.
@LoopActor
final class DeafClient {
  private let descriptor: Int32

  init(port: Int) {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var small: Int32 = 4096
    setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &small, socklen_t(MemoryLayout<Int32>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(UInt16(port).bigEndian)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    _ = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    write(
      Array(
        ("GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
          + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n").utf8))
  }

  /// Sends pings until `event` is signalled.
  func flood(until event: LoopEvent) async {
    let ping: [UInt8] = [0x89, 0x80 | 125, 0, 0, 0, 0] + [UInt8](repeating: 7, count: 125)
    let pings = Array(repeatElement(ping, count: 200).joined())
    var rest = pings[...]
    repeat {
      let count = write(Array(rest))
      rest = rest.dropFirst(max(0, count))
      if rest.isEmpty { rest = pings[...] }
    } while await !event.wait(for: .milliseconds(1)) && !Task.isCancelled
    Glibc.close(descriptor)
  }

  @discardableResult
  private func write(_ bytes: [UInt8]) -> Int {
    send(descriptor, bytes, bytes.count, Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL))
  }
}
