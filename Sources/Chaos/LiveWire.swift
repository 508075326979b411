import Cipher
import EventLoop

/// One connection of a subscriber to a gateway: server-sent events, or a WebSocket, read byte by byte as they are.
@LoopActor
final class LiveWire {
  enum Kind {
    case serverSent
    case webSocket
  }

  /// The gateway did not open a stream.
  struct Refusal: Error {
    let status: Int
  }

  private static let subprotocol = "sevk.events.v1"
  private static let keyBytes = 16
  private static let salt = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
  private static let openLimit = Duration.seconds(4)
  private enum Code {
    static let continuation: UInt8 = 0
    static let text: UInt8 = 1
    static let close: UInt8 = 8
    static let ping: UInt8 = 9
    static let pong: UInt8 = 10
  }

  private let kind: Kind
  private let stream: LoopStream
  private var wantedAccept: String?
  private var bytes: [UInt8] = []
  /// Of the answer; nil until its head has come.
  private var status: Int?
  private var message: [UInt8] = []
  private var events: [Evidence.Outside.Seen] = []
  private var hasEnded = false
  private let changed = LoopEvent()

  private init(_ kind: Kind, _ stream: LoopStream) { (self.kind, self.stream) = (kind, stream) }

  /// Opens a stream.
  ///
  /// - Parameters:
  ///   - address: `HOST:PORT` of a gateway.
  ///   - path: with its query.
  ///   - headers: beside those that the kind needs.
  /// - Throws: ``Refusal`` for an answer that is no stream, another error without an answer.
  static func open(
    _ kind: Kind, _ address: String, path: String, headers: [(String, String)]
  ) async throws -> LiveWire {
    let stream = try await LoopStream.connect(to: Servers.socketAddress(address), timeout: openLimit)
    let wire = LiveWire(kind, stream)
    stream.read(
      onBytes: { [weak wire] in wire?.take($0) },
      onEnd: { [weak wire] _ in wire?.end() })
    var lines = ["GET \(path) HTTP/1.1", "Host: \(address)"] + headers.map { "\($0.0): \($0.1)" }
    if kind == .webSocket {
      let key = Base64.encode((0..<keyBytes).map { _ in UInt8.random(in: 0...255) })
      wire.wantedAccept = Base64.encode(Digest.sha1((key + salt).utf8))
      lines += [
        "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: \(key)",
        "Sec-WebSocket-Protocol: \(subprotocol)",
      ]
    }
    stream.write((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
    while wire.status == nil, !wire.hasEnded {
      guard await wire.changed.wait(for: openLimit) else { break }
    }
    guard let status = wire.status else {
      wire.close()
      throw StreamSilence()
    }
    guard status == (kind == .webSocket ? 101 : 200) else {
      wire.close()
      throw Refusal(status: status)
    }
    return wire
  }

  /// No head of an answer came.
  struct StreamSilence: Error {}

  /// The events that have come since the last call, after waiting for one.
  ///
  /// - Returns: none when none came within `limit`; nil at the end of the connection.
  func next(within limit: Duration) async -> [Evidence.Outside.Seen]? {
    if events.isEmpty, !hasEnded { _ = await changed.wait(for: limit) }
    defer { events = [] }
    return events.isEmpty && hasEnded ? nil : events
  }

  func close() { stream.close() }

  /// The connection is lost.
  func cut() {
    stream.close()
    end()
  }

  private func end() {
    hasEnded = true
    changed.signal()
  }

  // MARK: Reading

  private func take(_ piece: UnsafeRawBufferPointer) {
    bytes += piece
    if status == nil { readHead() }
    if status == 200, kind == .serverSent { readServerSent() }
    if status == 101, kind == .webSocket { readFrames() }
    changed.signal()
  }

  private func readHead() {
    guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { return }
    let head = String(decoding: bytes[..<end.lowerBound], as: UTF8.self)
    bytes.removeSubrange(..<end.upperBound)
    let words = head.split(separator: " ", maxSplits: 2)
    status = words.count > 1 ? Int(words[1]) ?? 0 : 0
    // Whoever answers must have read the request.
    if status == 101, let wantedAccept, !head.contains(wantedAccept) { status = 0 }
  }

  private func readServerSent() {
    var from = bytes.startIndex
    while let end = bytes[from...].firstRange(of: [10, 10] as [UInt8]) {
      let lines = bytes[from..<end.lowerBound].split(separator: 10)
      from = end.upperBound
      var position: Int64?
      var data: ArraySlice<UInt8>?
      for line in lines {
        if line.starts(with: "id: ".utf8) { position = Int64(String(decoding: line.dropFirst(4), as: UTF8.self)) }
        if line.starts(with: "data: ".utf8) { data = line.dropFirst(6) }
      }
      if let position, let data { add(position, CloudEventText.read(data)) }
    }
    bytes.removeSubrange(..<from)
  }

  private func readFrames() {
    var from = bytes.startIndex
    while let (frame, next) = frame(at: from) {
      from = next
      switch frame.code {
      case Code.text, Code.continuation:
        message += frame.payload
        if frame.isLast {
          readMessage()
          message = []
        }
      case Code.ping: send(Code.pong, frame.payload)
      case Code.close: end()
      default: break
      }
    }
    bytes.removeSubrange(..<from)
  }

  /// The frame that begins there and the place behind it (RFC 6455, section 5.2); nil while it is not whole. A server masks
  /// nothing.
  private func frame(at start: Int) -> ((code: UInt8, isLast: Bool, payload: ArraySlice<UInt8>), next: Int)? {
    guard bytes.count >= start + 2 else { return nil }
    var (length, at) = (Int(bytes[start + 1] & 0x7F), start + 2)
    let more = length == 126 ? 2 : length == 127 ? 8 : 0
    guard bytes.count >= at + more else { return nil }
    if more > 0 { length = bytes[at..<at + more].reduce(0) { $0 << 8 | Int($1) } }
    at += more
    guard length >= 0, bytes.count - at >= length else { return nil }
    return ((bytes[start] & 0x0F, bytes[start] & 0x80 != 0, bytes[at..<at + length]), at + length)
  }

  private func send(_ code: UInt8, _ payload: ArraySlice<UInt8>) {
    let mask = (0..<4).map { _ in UInt8.random(in: 0...255) }
    let masked = payload.enumerated().map { $1 ^ mask[$0 % 4] }
    // A control frame has no more than 125 bytes.
    stream.write([0x80 | code, 0x80 | UInt8(truncatingIfNeeded: masked.count)] + mask + masked)
  }

  private func readMessage() {
    // {"position":812,"event":{…}}
    guard let colon = message.firstIndex(of: UInt8(ascii: ":")), let comma = message.firstIndex(of: UInt8(ascii: ",")),
      let brace = message[comma...].firstIndex(of: UInt8(ascii: "{")),
      let position = Int64(String(decoding: message[(colon + 1)..<comma], as: UTF8.self))
    else { return }
    add(position, CloudEventText.read(message[brace...].dropLast()))
  }

  private func add(_ position: Int64, _ event: CloudEventText?) {
    // What can't be read is seen all the same, and matches nothing.
    let unreadable = Evidence.Outside.Told(order: "", version: -1, type: "", status: "", refundSafe: "")
    events.append(.init(position: position, told: event?.told ?? unreadable))
  }
}
