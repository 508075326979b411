import EventLoop
import Foundation
import Glibc
import HTTPClient
import HTTPServer
import PrivateServers
import TestSupport
import Testing

/// Traces: from the shop's header through all processes to a collector and to the events.
@Suite(.serialized, .timeLimit(.minutes(2)))
struct TracingTests {
  private static let trace = "4bf92f3577b34da6a3ce929d0e0e4736"
  private static let unsampled = "0af7651916cd43dd8448eb211c80319c"
  private static let span = "00f067aa0ba902b7"

  @Test func theStepsOfAnOrderAreSpansOfTheCallersTrace() async throws {
    let collector = SpanCollector()
    let sevk = try await Installation.make(environment: [
      "OTEL_EXPORTER_OTLP_ENDPOINT": try await collector.start(), "OTEL_BSP_SCHEDULE_DELAY": "20",
      "OTEL_EXPORTER_OTLP_HEADERS": "authorization=Bearer%20collector-token",
    ])
    try await sevk.startAll()
    let sampled = try await post(1, "00-\(Self.trace)-\(Self.span)-01", "congo=t61,rojo=1", sevk)
    let quiet = try await post(2, "00-\(Self.unsampled)-\(Self.span)-00", "congo=t62", sevk)
    let malformed = try await post(3, "00-\(Self.trace.uppercased())-\(Self.span)-01", "congo=t63", sevk)
    let events = try await sevk.settled([sampled, quiet, malformed])
    // What ended before they stop is exported by then.
    try await stop(["dispatcher", "worker"], of: sevk)

    #expect(collector.problems == [] && collector.authorizations == ["Bearer collector-token"])
    try check(collector.spans(of: Self.trace), order: sampled, root: Self.span, state: "congo=t61,rojo=1")
    try check(
      collector.spans(of: malformed.replacing("-", with: "")), order: malformed, root: "", state: "")
    #expect(collector.spans(of: Self.unsampled) == [])
    #expect(!collector.text.contains("panel-secret"))

    for (id, trace) in [
      (sampled, Self.trace), (quiet, Self.unsampled), (malformed, malformed.replacing("-", with: "")),
    ] {
      let own = events.filter { $0.subject == id }
      #expect(own.count == 3 && own.allSatisfy { $0.text.contains("\"traceparent\":\"00-\(trace)-") }, "\(own)")
      let lines = sevk.logs.split(separator: "\n").filter { $0.contains("\"order\":\"\(id)\"") }
      #expect(lines.count >= 2 && lines.allSatisfy { $0.contains("\"trace\":\"\(trace)\"") }, "\(lines)")
      #expect(try sevk.require("worker", ["order", "show", id]).contains(trace))
    }
    let states = events.filter { $0.text.contains("\"tracestate\":\"congo=t61,rojo=1\"") }.map(\.subject)
    #expect(Set(states) == [sampled])
    // Nobody recorded a step of it, so the caller's stays the last that is named.
    #expect(events.contains { $0.text.contains("\"traceparent\":\"00-\(Self.unsampled)-\(Self.span)-00\"") })
    await sevk.stop()
    await collector.stop()
  }

  /// One intake, with the dispatcher's and the worker's attempts after it, and a call to the provider in each of these
  /// that came so far.
  private func check(_ spans: [SpanCollector.Span], order: String, root: String, state: String) throws {
    #expect(Set(spans.map(\.id)).count == spans.count && spans.allSatisfy { $0.state == state }, "\(spans)")
    let intake = try #require(spans.first { $0.parent == root }, "\(spans)")
    #expect(intake.name == "POST /v1/orders" && intake.kind == 2 && intake.service == "sevk-dispatcher")
    #expect(intake.attributes["http.response.status_code"] == "201" && intake.attributes["sevk.order.id"] == order)
    let jobs = spans.filter { $0.parent == intake.id }
    #expect(
      Set(jobs.map { "\($0.service) \($0.name)" }) == ["sevk-dispatcher process dispatch", "sevk-worker process check"])
    #expect(jobs.allSatisfy { $0.kind == 5 && $0.attributes["sevk.order.id"] == order })
    let send = try #require(spans.first { $0.name == "send panel" })
    #expect(jobs.contains { $0.id == send.parent && $0.name == "process dispatch" })
    #expect(send.kind == 3 && send.attributes["server.address"] == "127.0.0.1")
    #expect(send.attributes["http.response.status_code"] == "200" && send.attributes["sevk.call.outcome"] == "accepted")
    let answer = try #require(
      spans.last { $0.name == "query panel" && $0.attributes["sevk.call.outcome"] == "completed" })
    let last = try #require(jobs.first { $0.id == answer.parent })
    #expect(last.service == "sevk-worker" && last.attributes["sevk.job.outcome"] == "completed")
    #expect(spans.count == 1 + jobs.count + spans.count { $0.kind == 3 })
  }

  @Test func aBrokenCollectorHoldsUpNothing() async throws {
    let sevk = try await Installation.make(environment: ["SEVK_SHUTDOWN_GRACE": "1s"])
    try await sevk.start("scheduler")
    let refusing = SpanCollector(answer: HTTPResponse(status: 500))
    let silent = SpanCollector(answer: .abort(.stall))
    let dead = "http://127.0.0.1:\(try FreePort.find())"
    for (player, endpoint) in [(1, dead), (2, try await refusing.start()), (3, try await silent.start())] {
      let environment = [
        "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint, "OTEL_BSP_SCHEDULE_DELAY": "1",
        // Longer than this test may take.
        "OTEL_EXPORTER_OTLP_TIMEOUT": "600000",
      ]
      for program in ["worker", "dispatcher"] { try await sevk.start(program, environment: environment) }
      let id = try await sevk.post(player: player)
      try await sevk.settled([id])
      #expect(try await sevk.call("GET", "/v1/orders/\(id)").json["status"] as? String == "completed")
      try await stop(["worker", "dispatcher"], of: sevk)
    }
    #expect(!refusing.text.isEmpty && !silent.text.isEmpty && sevk.logs.contains("the collector takes no spans"))
    await sevk.stop()
    await refusing.stop()
    await silent.stop()
  }

  @Test func aProtocolThatIsNotSpokenIsSaidAtTheStart() async throws {
    let sevk = try await Installation.make()
    let otel = ["OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4317", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"]
    for program in ["dispatcher", "worker"] {
      let result = try sevk.command(program, ["run"], environment: otel)
      #expect(result.code == 64 && result.errors.contains("OTEL_EXPORTER_OTLP_PROTOCOL"), "\(result.errors)")
      #expect(result.errors.contains("http/json"))
    }
    // Commands export nothing, so that they care for none of it.
    #expect(try sevk.command("dispatcher", ["provider", "list"], environment: otel).code == 0)
    await sevk.stop()
  }

  private func post(_ player: Int, _ parent: String, _ state: String, _ sevk: Installation) async throws -> String {
    let answer = try await sevk.call(
      "POST", "/v1/orders", body: Installation.order(player: player), key: "key-\(player)",
      headers: [("traceparent", parent), ("tracestate", state)])
    #expect(answer.status == 201, "\(answer.text)")
    return try #require(answer.json["id"] as? String)
  }

  private func stop(_ programs: [String], of sevk: Installation) async throws {
    for program in programs {
      let process = try #require(sevk.process(program))
      process.signal(SIGTERM)
      #expect(try await sevk.end(of: process) == 0, "\(process.errors)")
    }
  }
}
