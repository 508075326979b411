import EventLoop
import Foundation

/// A request of exactly these bytes: no client writes what a broken one does.
@LoopActor
final class RawRequest {
  private var received: [UInt8] = []
  private let ended = LoopEvent()

  private init() {}

  /// Sends `bytes` and reads the answer to its end; its status and body.
  static func send(_ bytes: [UInt8], to address: String) async throws -> (status: Int, text: String) {
    let parts = address.split(separator: ":")
    let stream = try await LoopStream.connect(
      to: .tcp(host: String(parts[0]), port: Int(parts[1]) ?? 0), timeout: .seconds(10))
    let request = RawRequest()
    stream.read(onBytes: { request.received += $0 }, onEnd: { _ in request.ended.signal() })
    stream.write(bytes)
    _ = await request.ended.wait()
    stream.close()
    let text = String(decoding: request.received, as: UTF8.self)
    let status = text.split(separator: " ", maxSplits: 2).dropFirst().first.flatMap { Int($0) }
    return (status ?? 0, text)
  }
}

extension Installation {
  /// Posts an order with header lines as they are, each without its line end.
  func postRaw(_ path: String = "/v1/orders", headers: [[UInt8]], body: [UInt8]) async throws -> (
    status: Int, text: String
  ) {
    var bytes = Array(
      "POST \(path) HTTP/1.1\r\nHost: sevk\r\nConnection: close\r\nAuthorization: Bearer \(token)\r\n".utf8)
    for header in headers { bytes += header + Array("\r\n".utf8) }
    bytes += Array("Content-Length: \(body.count)\r\n\r\n".utf8) + body
    return try await RawRequest.send(bytes, to: api)
  }
}
