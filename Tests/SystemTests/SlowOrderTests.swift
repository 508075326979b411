import Foundation
import TestSupport
import Testing

/// "What was slow today, and why": in `order why`, `order list --slow`, the metrics and the log.
@Suite(.serialized, .timeLimit(.minutes(2)))
struct SlowOrderTests {
  @Test func anOrderThatWaitedSaysForWhatAndForHowLong() async throws {
    let sevk = try await Installation.make(
      panel: ["--fault", "login-fails=1"], environment: ["SEVK_LOG_LEVEL": "debug"])
    let token = try sevk.createToken("orders:read", ["--name", "nightly books"])
    try await sevk.startAll()
    let first = try await sevk.post(player: 1)
    // The provider is shut from then on, and the second order stands at the gate.
    while try !sevk.require("worker", ["provider", "show", "panel", "--json"]).contains("account_trouble") {}
    let second = try await sevk.post(player: 2)
    while try !sevk.require("worker", ["order", "why", second]).contains("refuses the account") {}
    let open = try sevk.require("worker", ["order", "list", "--slow"])
    #expect(open.contains(second) && open.contains("until it was its turn"), "\(open)")
    try await sevk.setFaults(#"{"login-fails": 0}"#)
    _ = try await sevk.settled([first, second])

    let why = try sevk.require("worker", ["order", "why", second])
    #expect(why.contains("It took "), "\(why)")
    #expect(why.contains(" until panel was open again (it refused the account)"), "\(why)")
    #expect(why.contains(" until it was completed."), "\(why)")
    let json = try JSON(try sevk.require("worker", ["order", "why", second, "--json"]))
    let spent = try #require(json["spent"] as? [String: Any])
    let parts = try #require(spent["parts"] as? [[String: Any]])
    let took = try #require(spent["took_ms"] as? Int)
    #expect(parts.reduce(0) { $0 + ($1["ms"] as? Int ?? 0) } == took, "\(spent)")
    let waited = try #require(parts.first { $0["part"] as? String == "account" })
    #expect(waited["provider"] as? String == "panel" && waited["ms"] as? Int ?? 0 > 0)

    let list = try JSON(try sevk.require("worker", ["order", "list", "--slow", "1ms", "--since", "1h", "--json"]))
    let orders = try #require(list["orders"] as? [[String: Any]])
    #expect(Set(orders.compactMap { $0["id"] as? String }) == [first, second] && list["looked_at"] as? Int == 2)
    let times = orders.compactMap { $0["took_ms"] as? Int }
    #expect(times == times.sorted(by: >) && times.count == 2)
    #expect((orders.first { $0["id"] as? String == second }?["spent"] as? [String: Any])?["took_ms"] as? Int == took)
    let none = try JSON(try sevk.require("worker", ["order", "list", "--slow", "1h", "--json"]))
    #expect((none["orders"] as? [Any])?.isEmpty == true)
    #expect(try sevk.require("worker", ["order", "list", "--until", "1h"]).contains("no such order"))
    #expect(try sevk.require("worker", ["order", "list", "--since", "1h"]).contains(second))
    for (flags, words) in [
      (["--slow", "soon"], "--slow must be a duration"), (["--since", "yesterday"], "--since must be a duration"),
      (["--slow", "--player", "5"], "--slow or --player"),
      (["--since", "1h", "--until", "2h"], "--since must be before"),
    ] {
      let refused = try sevk.command("worker", ["order", "list"] + flags)
      #expect(refused.code == 64 && refused.errors.contains(words), "\(refused.errors)")
    }

    try await metrics(sevk)
    try await logs(sevk, second, token)
    await sevk.stop()
  }

  private func metrics(_ sevk: Installation) async throws {
    let text = try await sevk.call("GET", "/metrics").text
    #expect(text.contains(#"sevk_order_to_sent_seconds_count{provider="panel",tenant="shop"} "#), "\(text)")
    #expect(text.contains(#"sevk_order_to_sent_seconds_bucket{provider="panel",tenant="shop",le="86400.0"} "#))
    for part in ["account", "call"] {
      let line = text.split(separator: "\n").first {
        $0.hasPrefix(#"sevk_order_spent_seconds_total{provider="panel",tenant="shop",on="\#(part)"} "#)
      }
      #expect(line.flatMap { Double($0.split(separator: " ").last ?? "") } ?? 0 > 0, "\(part)")
    }
  }

  private func logs(_ sevk: Installation, _ id: String, _ token: String) async throws {
    let end = try #require(
      sevk.logs.split(separator: "\n").first { $0.contains("\"order completed\"") && $0.contains(id) })
    #expect(end.contains(#""provider":"panel","tenant":"shop","took_ms":""#), "\(end)")
    _ = try await sevk.call("GET", "/v1/orders/\(id)?wait=0s&x=hidden-in-the-query", token: token)
    _ = try await sevk.call("GET", "/v1/orders/hidden-in-the-path", token: token)
    _ = try await sevk.call("GET", "/hidden-in-the-root", token: token)
    let process = try #require(sevk.process("dispatcher"))
    try await sevk.waitForLog("(none of the API)", of: process)
    let lines = sevk.logs.split(separator: "\n").filter { $0.contains("\"message\":\"request\"") }
    let own = try #require(lines.first { $0.contains("\"path\":\"/v1/orders/\(id)\"") && $0.contains("nightly books") })
    for field in [
      #""method":"GET""#, #""status":""#, #""bytes_in":"0""#, #""bytes_out":""#, #""took_ms":""#, #""tenant":"shop""#,
      #""token":"nightly books""#, #""request":""#,
    ] { #expect(own.contains(field), "\(field) in \(own)") }
    #expect(lines.contains { $0.contains("\"path\":\"/v1/orders/{id}\"") })
    #expect(lines.contains { $0.contains("\"method\":\"POST\"") && $0.contains("\"path\":\"/v1/orders\"") })
    for line in lines { #expect(!line.contains("hidden-in") && !line.contains(token), "\(line)") }
  }

  private func JSON(_ text: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }
}
