import EventLoop
import HTTPServer
import Testing

@testable import Orders
@testable import Telemetry

/// Spans on their way to a collector.
@Suite(.serialized, .timeLimit(.minutes(1)))
struct SpanExporterTests {
  private static let log = Log(program: "test", format: .text, level: .error)

  @Test func aSpanIsWrittenAsOTLPHasIt() throws {
    let parent = try #require(
      TraceContext(parent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", states: ["a=1"]))
    var span = Span(
      name: "send \"panel\"", kind: .client, context: parent.after(span: 0xAB, isSampled: true),
      parent: parent.spanID, begunAt: 1_700_000_000_000_000_000)
    span.endedAt = 1_700_000_000_000_000_001
    span.set("server.address", "bayi.example")
    span.set("http.response.status_code", 500)
    span.isError = true
    #expect(
      OTLPJSON.text(span) == """
        {"traceId":"4bf92f3577b34da6a3ce929d0e0e4736","spanId":"00000000000000ab",\
        "parentSpanId":"00f067aa0ba902b7","traceState":"a=1","flags":1,"name":"send \\"panel\\"","kind":3,\
        "startTimeUnixNano":"1700000000000000000","endTimeUnixNano":"1700000000000000001",\
        "attributes":[{"key":"server.address","value":{"stringValue":"bayi.example"}},\
        {"key":"http.response.status_code","value":{"intValue":"500"}}],"status":{"code":2}}
        """)
    for (reply, count) in [
      ("{}", 0), (#"{"partialSuccess":{"rejectedSpans":"3"}}"#, 3), (#"{"partialSuccess":{"rejectedSpans": 12}}"#, 12),
    ] { #expect(OTLPJSON.rejected(Array(reply.utf8)) == count) }
  }

  @Test func whatTheCollectorCannotTakeNowIsOfferedAgain() async throws {
    let seen = try await bodies(
      of: ["[1]", "[2]"],
      answers: [
        HTTPResponse(status: 503, headers: [("Retry-After", "0")]),
        HTTPResponse(status: 429, headers: [("Retry-After", "0")]),
        HTTPResponse(status: 200),
      ])
    #expect(seen.bodies == ["<[1],[2]>", "<[1],[2]>", "<[1],[2]>"])
    #expect(seen.metrics.contains("sevk_spans_exported_total 2") && !seen.metrics.contains("_dropped_total{"))
  }

  @Test func whatTheCollectorRefusesIsDroppedAndCounted() async throws {
    let seen = try await bodies(of: ["[1]", "[2]"], answers: [HTTPResponse(status: 500)])
    #expect(seen.bodies == ["<[1],[2]>"])
    #expect(seen.metrics.contains("sevk_spans_dropped_total{why=\"refused\"} 2"))
  }

  @Test @LoopActor func theQueueIsBounded() async throws {
    let spans = (0..<(SpanExporter.queueMax + 100)).map { "[\($0)]" }
    let seen = try await bodies(of: spans, answers: [])
    #expect(seen.metrics.contains("sevk_spans_dropped_total{why=\"queue_full\"} 100"))
    #expect(seen.bodies.count == SpanExporter.queueMax / SpanExporter.batchMax)
  }

  /// What a collector gets that answers so, and 200 from then on.
  @LoopActor
  private func bodies(of spans: [String], answers: [HTTPResponse]) async throws -> (bodies: [String], metrics: String) {
    let collector = Collector(answers)
    let server = HTTPServer(host: "127.0.0.1", port: 0) { await collector.answer($0) }
    try server.start()
    let settings = try TracingSettings { name in
      ["OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:\(server.port)", "OTEL_BSP_SCHEDULE_DELAY": "10"][name]
    }
    let metrics = Metrics()
    let exporter = SpanExporter(
      try #require(settings), frame: (before: "<", after: ">"), log: Self.log, metrics: metrics)
    for span in spans { exporter.add(span) }
    _ = await collector.answered.wait()
    await exporter.stop(by: ContinuousClock.now + .seconds(10))
    await server.stop(grace: .zero)
    return (collector.bodies, metrics.render())
  }
}

@LoopActor
private final class Collector {
  private let answers: [HTTPResponse]
  private(set) var bodies: [String] = []
  /// After the last of the answers.
  let answered = LoopEvent()

  init(_ answers: [HTTPResponse]) { self.answers = answers }

  func answer(_ request: HTTPRequest) -> HTTPResponse {
    bodies.append(String(decoding: request.body, as: UTF8.self))
    if bodies.count >= answers.count { answered.signal() }
    return bodies.count <= answers.count ? answers[bodies.count - 1] : HTTPResponse(status: 200)
  }
}
