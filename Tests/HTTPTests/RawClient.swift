import EventLoop

/// A client that writes exactly the bytes it is told to.
@LoopActor
final class RawClient {
  private let stream: LoopStream
  private var received: [UInt8] = []
  private var isEnded = false
  /// Set when the connection did not end in order.
  private(set) var failure: (any Error)?
  private let changed = Signal()

  init(port: Int, host: String = "127.0.0.1") async throws {
    stream = try await LoopStream.connect(to: .tcp(host: host, port: port), timeout: .seconds(10))
    stream.read(
      onBytes: { [weak self] in
        self?.received += $0; self?.changed.signal()
      },
      onEnd: { [weak self] error in
        self?.isEnded = true
        self?.failure = error
        self?.changed.signal()
      })
  }

  func send(_ text: String) { stream.write(text.utf8) }

  var text: String { String(decoding: received, as: UTF8.self) }

  /// Everything received, once the server ended the connection.
  func untilEnd() async -> String {
    while !isEnded { await changed.wait() }
    return text
  }

  /// Everything received, once it contains `part` or the connection ended.
  func until(_ part: String) async -> String {
    while !isEnded, !text.contains(part) { await changed.wait() }
    return text
  }

  func close() { stream.close() }
}
