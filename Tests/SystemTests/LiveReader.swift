import EventLoop
import Foundation

/// Reads server-sent events as a browser does: it connects again whenever the connection is lost, and says in
/// `Last-Event-ID` how far it is.
@LoopActor
final class LiveReader {
  /// The ids, in the order in which they came.
  private(set) var positions: [Int64] = []
  private(set) var types: [String] = []
  /// Comments, which keep proxies from closing the connection.
  private(set) var comments = 0
  private(set) var connections = 0
  private var text: [UInt8] = []
  private let port: Int
  private let token: String
  private let path: String
  private var isStopped = false
  private let changed = LoopEvent()
  private var task: Task<Void, Never>?
  private var stream: LoopStream?

  init(address: String, token: String, path: String = "/v1/events/stream?after=0") {
    port = Int(address.split(separator: ":").last ?? "") ?? 0
    self.token = token
    self.path = path
    task = Task(executorPreference: EventLoop.shared) { await self.run() }
  }

  /// Waits until events were read up to a position.
  func until(_ position: Int64) async {
    while positions.last ?? 0 < position, !Task.isCancelled { _ = await changed.wait() }
  }

  func stop() async {
    isStopped = true
    stream?.close()
    ended.signal()
    await task?.value
  }

  private let ended = LoopEvent()

  private func run() async {
    while !isStopped {
      do {
        let stream = try await LoopStream.connect(to: .tcp(host: "127.0.0.1", port: port), timeout: .seconds(2))
        connections += 1
        text = []
        self.stream = stream
        stream.read(
          onBytes: { [weak self] in self?.take($0) },
          onEnd: { [weak self] _ in self?.ended.signal() })
        let last = positions.last.map { "Last-Event-ID: \($0)\r\n" } ?? ""
        stream.write("GET \(path) HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer \(token)\r\n\(last)\r\n".utf8)
        _ = await ended.wait()
      } catch {
        try? await EventLoop.sleep(for: .milliseconds(50))
      }
    }
  }

  private func take(_ bytes: UnsafeRawBufferPointer) {
    text += bytes
    while let end = text.firstRange(of: Array("\n\n".utf8)) {
      let lines = String(decoding: text[..<end.lowerBound], as: UTF8.self).split(separator: "\n")
      text.removeSubrange(..<end.upperBound)
      if lines.first == ":" { comments += 1 }
      var id: Int64?
      for line in lines {
        if line.hasPrefix("id: ") { id = Int64(line.dropFirst(4)) }
        if line.hasPrefix("event: ") { types.append(String(line.dropFirst(7))) }
      }
      if let id { positions.append(id) }
    }
    changed.signal()
  }
}
