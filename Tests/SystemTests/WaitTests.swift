import EventLoop
import Foundation
import Glibc
import PrivateServers
import TestSupport
import Testing

/// `GET /v1/orders/{id}?wait=…`: an answer as soon as it happens.
@Suite(.serialized, .timeLimit(.minutes(2)))
struct WaitTests {
  @Test func whoWaitsForTheEndGetsIt() async throws {
    let sevk = try await Installation.make()
    try await sevk.startAll()
    let id = try await sevk.post(player: 1)
    let begun = ContinuousClock.now
    let answer = try await sevk.call("GET", "/v1/orders/\(id)?wait=50s&until=final&include=pin")
    #expect(answer.status == 200 && answer.json["status"] as? String == "completed", "\(answer.text)")
    #expect(answer.json["pin"] is String)
    #expect(ContinuousClock.now - begun < .seconds(40), "long before the time was over")
    // It is final already.
    let again = try await sevk.call("GET", "/v1/orders/\(id)?wait=50s")
    #expect(again.json["status"] as? String == "completed")
    for query in ["wait=61s", "wait=soon", "wait=-1s", "until=final", "wait=1s&until=sent", "wait=1s&wait=2s"] {
      let bad = try await sevk.call("GET", "/v1/orders/\(id)?\(query)")
      #expect(bad.status == 422, "\(query): \(bad.text)")
    }
    let foreign = try await sevk.call("GET", "/v1/orders/01a1fe45-7c1e-7b02-9d3c-2f6a5b1c8d01?wait=50s")
    #expect(foreign.status == 404)
    await sevk.stop()
  }

  /// More than the dispatcher has connections to the database, and than it lets wait for that.
  @Test func manyWaitForOneChangeAndHoldNothing() async throws {
    let sevk = try await Installation.make()
    // Nobody listens at the panel, so orders stay pending.
    sevk.kill("simulator")
    try await sevk.start("scheduler")
    try await sevk.start("dispatcher")
    let id = try await sevk.post(player: 1)
    let short = try await sevk.call("GET", "/v1/orders/\(id)?wait=200ms&until=change")
    // Now and then it is tried, and comes back.
    #expect(["pending", "sending"].contains(short.json["status"] as? String), "\(short.text)")
    let statuses = try await withThrowingTaskGroup(of: String.self) { group in
      for _ in 0..<60 {
        group.addTask {
          try await sevk.call("GET", "/v1/orders/\(id)?wait=50s&until=final").json["status"] as? String ?? "-"
        }
      }
      try await Waiting.until("all of them wait", within: .seconds(30)) {
        // Meanwhile others are served.
        _ = try await sevk.call("GET", "/v1/orders?limit=1")
        return try await sevk.call("GET", "/metrics", token: nil).text.contains("sevk_http_waiting_requests 60")
      }
      var cancelled = try await sevk.call("POST", "/v1/orders/\(id)/cancel")
      while cancelled.status == 409 { cancelled = try await sevk.call("POST", "/v1/orders/\(id)/cancel") }
      var statuses: [String] = []
      for try await status in group { statuses.append(status) }
      return statuses
    }
    #expect(statuses == Array(repeating: "cancelled", count: 60))

    // A dispatcher that stops answers who waits.
    let other = try await sevk.post(player: 2)
    async let last = sevk.call("GET", "/v1/orders/\(other)?wait=60s")
    try await Waiting.until("it waits", within: .seconds(30)) {
      try await sevk.call("GET", "/metrics", token: nil).text.contains("sevk_http_waiting_requests 1")
    }
    sevk.process("dispatcher")?.signal(SIGTERM)
    let answer = try await last
    #expect(answer.status == 200 && answer.json["id"] as? String == other, "\(answer.text)")
    await sevk.stop()
  }
}
