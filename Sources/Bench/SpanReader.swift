import EventLoop
import FoundationEssentials
import HTTPServer

/// A collector of traces that keeps what it is told, by trace.
@LoopActor
final class SpanReader {
  struct Span: Decodable {
    struct Attribute: Decodable {
      struct Value: Decodable {
        let stringValue: String?
        let intValue: String?
      }
      let key: String
      let value: Value
    }
    let traceId: String
    let name: String
    /// As OTLP has it: 2 server, 3 client, 5 consumer.
    let kind: Int
    let startTimeUnixNano: String
    let endTimeUnixNano: String
    let attributes: [Attribute]

    /// Milliseconds of Unix time.
    var begun: Double { (Double(startTimeUnixNano) ?? 0) / 1e6 }
    var ended: Double { (Double(endTimeUnixNano) ?? 0) / 1e6 }
    func number(_ key: String) -> Double? {
      attributes.first { $0.key == key }.flatMap { $0.value.intValue }.flatMap { Double($0) }
    }
    func text(_ key: String) -> String? { attributes.first { $0.key == key }?.value.stringValue }
  }

  private struct Export: Decodable {
    struct Resource: Decodable { let scopeSpans: [Scope] }
    struct Scope: Decodable { let spans: [Span] }
    let resourceSpans: [Resource]
  }

  private nonisolated static let bodyBytesMax = 64 * 1024 * 1024
  private var server: HTTPServer?
  private(set) var spans: [String: [Span]] = [:]

  /// What Sevk's processes must be told to send their spans here.
  func start() throws -> [String: String] {
    var limits = HTTPServerLimits()
    limits.bodyBytesMax = { _, _ in Self.bodyBytesMax }
    let server = HTTPServer(host: "127.0.0.1", port: 0, limits: limits) { await self.take($0) }
    try server.start()
    self.server = server
    return ["OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:\(server.port)", "OTEL_BSP_SCHEDULE_DELAY": "200"]
  }

  func stop() async { await server?.stop(grace: .seconds(1)) }

  private func take(_ request: HTTPRequest) -> HTTPResponse {
    guard let export = try? JSONDecoder().decode(Export.self, from: Data(request.body)) else {
      return HTTPResponse(status: 400, headers: [], body: [])
    }
    for span in export.resourceSpans.flatMap(\.scopeSpans).flatMap(\.spans) {
      spans[span.traceId, default: []].append(span)
    }
    return HTTPResponse(status: 200, headers: [("Content-Type", "application/json")], body: Array("{}".utf8))
  }
}
