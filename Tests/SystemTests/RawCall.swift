import EventLoop

/// A connection to the API or the dashboard on which a test writes exactly the bytes it wants.
@LoopActor
final class RawCall {
  private let stream: LoopStream
  private var received: [UInt8] = []
  private let changed = LoopEvent()
  private var isEnded = false

  convenience init(_ address: String) async throws {
    let parts = address.split(separator: ":")
    try await self.init(host: String(parts[0]), port: Int(parts[1]) ?? 0)
  }

  init(host: String = "127.0.0.1", port: Int) async throws {
    stream = try await LoopStream.connect(to: .tcp(host: host, port: port), timeout: .seconds(10))
    stream.read(
      onBytes: { [weak self] in
        self?.received += $0
        self?.changed.signal()
      },
      onEnd: { [weak self] _ in
        self?.isEnded = true
        self?.changed.signal()
      })
  }

  func send(_ text: String) { stream.write(text.utf8) }

  var text: String { String(decoding: received, as: UTF8.self) }

  /// Everything received, once it contains `part` or the connection ended.
  func until(_ part: String? = nil) async -> String {
    while !isEnded, part.map({ !text.contains($0) }) ?? true { _ = await changed.wait() }
    return text
  }

  func close() { stream.close() }
}
