import EventLoop
import FoundationEssentials
import PrivateServers

/// Many open streams of server-sent events. All are read; of a few it is measured how old events are when they come.
@LoopActor
final class StreamReaders {
  private static let connectLimit = Duration.seconds(10)
  /// Opened at once, so that the listener's backlog is not what is measured.
  private static let openAtOnce = 100
  static let measured = 20

  private let address: String
  private let token: String
  private var streams: [LoopStream] = []
  private var texts: [[UInt8]] = []
  /// How old each event was, in milliseconds: from the start of the transaction that wrote it.
  private(set) var ages: [Double] = []
  private(set) var bytes = 0
  private(set) var ended = 0
  private var begun = 0
  var isMeasuring = false

  init(address: String, token: String) {
    (self.address, self.token) = (address, token)
  }

  func open(_ count: Int) async throws {
    let port = Int(address.split(separator: ":").last ?? "") ?? 0
    while streams.count < count {
      let first = streams.count
      for index in first..<min(first + Self.openAtOnce, count) {
        let stream = try await LoopStream.connect(to: .tcp(host: "127.0.0.1", port: port), timeout: Self.connectLimit)
        texts.append([])
        var hasBegun = false
        stream.read(
          onBytes: { [weak self] bytes in
            guard let self else { return }
            if !hasBegun {
              hasBegun = true
              self.begun += 1
            }
            self.bytes += bytes.count
            if index < Self.measured { self.take(index, bytes) }
          },
          onEnd: { [weak self] _ in self?.ended += 1 })
        stream.write("GET /v1/events/stream HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer \(token)\r\n\r\n".utf8)
        streams.append(stream)
      }
      let wanted = streams.count
      try await Waiting.until("\(wanted) streams are open", within: Self.connectLimit) {
        self.begun + self.ended >= wanted
      }
    }
    guard ended == 0 else { throw ChildProgram.Failure("\(ended) of \(count) streams were ended") }
  }

  func close() {
    for stream in streams { stream.close() }
    streams = []
  }

  private func take(_ index: Int, _ bytes: UnsafeRawBufferPointer) {
    guard isMeasuring else { return }
    let now = Double(Stopwatch.wallNow) / 1e6
    texts[index] += bytes
    while let end = texts[index].firstRange(of: [10, 10] as [UInt8]) {
      let frame = texts[index][..<end.lowerBound]
      if let place = frame.firstRange(of: Array("\"time\":\"".utf8)),
        let time = Self.milliseconds(frame[place.upperBound...])
      {
        ages.append(now - time)
      }
      texts[index].removeSubrange(..<end.upperBound)
    }
  }

  /// Of a time such as `2026-11-21T13:22:05.661077Z`.
  private static func milliseconds(_ text: ArraySlice<UInt8>) -> Double? {
    let text = String(decoding: text.prefix(27), as: UTF8.self)
    guard text.utf8.count == 27, let whole = try? Date.ISO8601FormatStyle().parse(String(text.prefix(19)) + "Z"),
      let part = Double("0" + text.dropFirst(19).dropLast())
    else { return nil }
    return (whole.timeIntervalSince1970 + part) * 1000
  }
}
