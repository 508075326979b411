import EventLoop
import Foundation
import HTTPClient
import PrivateServers
import TestSupport
import Testing

/// What the real processes tell whoever watches them.
@Suite(.serialized, .timeLimit(.minutes(2)))
struct WatchTests {
  private static let metricsOn = ["SEVK_METRICS_ADDRESS": "127.0.0.1:0"]

  @Test func everyProcessTellsWhatItDoes() async throws {
    let sevk = try await Installation.make()
    try await sevk.start("worker", environment: Self.metricsOn)
    try await sevk.start("dispatcher", environment: Self.metricsOn)
    try sevk.require("worker", ["queue", "pause", "dispatch"])
    let id = try await sevk.post(player: 7)
    try await sevk.start("scheduler", environment: Self.metricsOn)

    // The state that all share.
    var scheduler = try await metrics("scheduler", sevk)
    while !scheduler.contains("sevk_orders{status=\"pending\"} 1\n")
      || !scheduler.contains("sevk_queue_jobs{queue=\"dispatch\",state=\"ready\"} 1\n")
      || !scheduler.contains("sevk_provider_breaker_state")
    { scheduler = try await metrics("scheduler", sevk) }
    for line in [
      "sevk_orders{status=\"held\"} 0", "sevk_queue_paused{queue=\"dispatch\"} 1",
      "sevk_queue_paused{queue=\"check\"} 0",
      "sevk_provider_breaker_state{provider=\"panel\",state=\"closed\"} 1",
      "sevk_provider_breaker_state{provider=\"panel\",state=\"open\"} 0", "sevk_provider_paused{provider=\"panel\"} 0",
      "sevk_order_longest_sending_seconds 0",
    ] { #expect(scheduler.contains(line + "\n"), "\(line) in \(scheduler)") }

    try sevk.require("worker", ["queue", "resume", "dispatch"])
    try await sevk.settled([id])
    let dispatcher = try await metrics("dispatcher", sevk)
    let worker = try await metrics("worker", sevk)
    scheduler = try await metrics("scheduler", sevk)
    for (text, lines) in [
      (
        dispatcher,
        [
          "sevk_order_transitions_total{from=\"none\",to=\"pending\"} 1",
          "sevk_order_transitions_total{from=\"pending\",to=\"sending\"} 1",
          "sevk_provider_calls_total{provider=\"panel\",kind=\"send\",outcome=\"accepted\"} 1",
          "sevk_http_requests_total{status=\"201\"} 1", "sevk_build_info{program=\"dispatcher\",version=\"",
        ]
      ),
      (
        worker,
        [
          "sevk_order_transitions_total{from=\"sent\",to=\"completed\"} 1",
          "sevk_jobs_processed_total{queue=\"check\",kind=\"check\",outcome=\"completed\"} ",
          "sevk_postgres_connections{state=\"idle\"} ", "sevk_redis_connections{state=\"commands\"} 1",
        ]
      ),
      (scheduler, ["sevk_promotion_lateness_seconds_count{queue=\"check\"} ", "sevk_events_published_total "]),
    ] {
      for line in lines { #expect(text.contains("\n" + line), "\(line) in \(text)") }
      #expect(!text.contains("sevk_promotion_lateness_seconds_count{queue=\"check\"} 0\n"))
      for line in ["process_cpu_seconds_total 0\n", "process_resident_memory_bytes 0\n", "process_open_fds 0\n"] {
        #expect(!text.contains(line))
      }
      #expect(text.contains(/sevk_event_loop_lag_seconds_count \d/))
      // A tenant is in those of the time that its orders take, and in no other.
      let others = text.split(separator: "\n").filter {
        !$0.hasPrefix("sevk_order_to_") && !$0.hasPrefix("sevk_order_spent_seconds_total")
      }
      #expect(!text.contains(id) && !others.contains { $0.contains("shop") }, "no label holds an order or a tenant")
      try checkText(text, sevk)
    }

    // What can't be read is not shown, and it is said since when.
    sevk.redis.stop()
    while scheduler.contains("sevk_queue_jobs") { scheduler = try await metrics("scheduler", sevk) }
    #expect(scheduler.contains("sevk_gauges_updated_timestamp_seconds{gauges=\"queues\"} "))
    #expect(scheduler.contains("sevk_orders{status=\"held\"} 0\n"), "PostgreSQL is still there")
    await sevk.stop()
  }

  @Test func aSignalSwitchesDebugLinesOnAndOff() async throws {
    let sevk = try await Installation.make()
    let dispatcher = try await sevk.start("dispatcher")
    func waitFor(_ text: String) async throws {
      try await sevk.wait(for: text, of: dispatcher) { dispatcher.errors.contains(text) }
    }
    _ = try await sevk.post(player: 1)
    try await waitFor("\"message\":\"order sent\"")
    dispatcher.signal(SIGHUP)
    try await waitFor("SIGHUP changes nothing")
    #expect(!dispatcher.errors.contains("\"level\":\"debug\""))

    dispatcher.signal(SIGUSR1)
    try await waitFor("\"to\":\"debug\"")
    let id = try await sevk.post(player: 2)
    try await waitFor("\"level\":\"debug\"")
    try await waitFor("\"message\":\"job ended\",\"job\":\"\(id)\"")

    dispatcher.signal(SIGUSR1)
    try await waitFor("\"to\":\"info\"")
    let last = try await sevk.post(player: 3)
    try await waitFor("\"message\":\"order sent\",\"order\":\"\(last)\"")
    // Its last lines are written while it stops.
    dispatcher.signal(SIGTERM)
    #expect(dispatcher.wait().code == 0)
    let after = try #require(dispatcher.errors.components(separatedBy: "\"to\":\"info\"").last)
    #expect(after.contains("\"message\":\"stopped\"") && !after.contains("\"level\":\"debug\""))
    await sevk.stop()
  }

  // MARK: Reading

  private func metrics(_ program: String, _ sevk: Installation) async throws -> String {
    let log = sevk.process(program)?.errors ?? ""
    let address = try #require(log.firstMatch(of: /"message":"serving metrics","at":"([0-9.:]+)"/)?.1)
    let reply = try await sevk.http.perform(HTTPClientRequest(url: "http://\(address)/metrics"))
    #expect(reply.status == 200)
    return String(decoding: reply.body, as: UTF8.self)
  }

  /// Prometheus has nothing to complain of, and every series has its HELP and TYPE.
  private func checkText(_ text: String, _ sevk: Installation) throws {
    let result = try Promtool.run(["check", "metrics"], in: sevk.folder, input: text)
    #expect(result.code == 0, "\(result.output) \(result.errors)")
    var described: Set<String> = []
    for line in text.split(separator: "\n") {
      if let help = line.wholeMatch(of: /# TYPE (\w+) \w+/) {
        #expect(text.contains("# HELP \(help.1) "))
        described.insert(String(help.1))
      } else if !line.hasPrefix("# HELP") {
        let name = String(line.prefix { $0 != "{" && $0 != " " })
        let family = name.replacing(/_(bucket|sum|count)$/, with: "")
        #expect(described.contains(name) || described.contains(family), "\(line)")
      }
    }
  }
}
