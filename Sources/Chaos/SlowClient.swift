import EventLoop

/// Sends a request in small pieces with rests between, as a phone in a tunnel would.
@LoopActor
enum SlowClient {
  private static let pieces = 10
  private static let rest = Duration.milliseconds(100)
  private static let answerMax = Duration.seconds(5)

  /// - Parameter breaksOff: ends the connection in the middle of the body.
  /// - Returns: nil without a whole answer.
  static func post(
    to address: String, path: String, headers: [(String, String)], body: [UInt8], breaksOff: Bool
  ) async -> (status: Int, body: [UInt8])? {
    guard let mark = address.lastIndex(of: ":"), let port = Int(address[address.index(after: mark)...]),
      let stream = try? await LoopStream.connect(
        to: .tcp(host: String(address[..<mark]), port: port), timeout: Shop.timeout)
    else { return nil }
    defer { stream.close() }
    var answer: [UInt8] = []
    let ended = LoopEvent()
    stream.read(onBytes: { answer.append(contentsOf: $0) }, onEnd: { _ in ended.signal() })

    let lines = ["POST \(path) HTTP/1.1", "Host: \(address)", "Connection: close", "Content-Length: \(body.count)"]
    let head = (lines + headers.map { "\($0.0): \($0.1)" }).joined(separator: "\r\n") + "\r\n\r\n"
    let bytes = Array(head.utf8) + body
    let size = bytes.count / pieces + 1
    for (number, start) in stride(from: 0, to: bytes.count, by: size).enumerated() {
      if breaksOff, number == pieces - 1 { return nil }
      stream.write(bytes[start..<min(start + size, bytes.count)])
      try? await EventLoop.sleep(for: rest)
    }
    _ = await ended.wait(for: answerMax)
    return read(answer)
  }

  private static func read(_ answer: [UInt8]) -> (status: Int, body: [UInt8])? {
    let words = String(decoding: answer.prefix(64), as: UTF8.self).split(separator: " ")
    guard words.count > 1, let status = Int(words[1]), let brace = answer.firstIndex(of: UInt8(ascii: "{")) else {
      return nil
    }
    return (status, Array(answer[brace...]))
  }
}
