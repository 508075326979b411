import TestSupport
import Testing

/// What one provider, or one tenant, must not do to the others.
@Suite(.serialized, .timeLimit(.minutes(2)))
struct FairnessTests {
  /// Each process has eight slots; nothing ends at the first panel while the test runs.
  private static let environment = ["SEVK_CONCURRENCY": "8", "SEVK_LEASE": "5s"]
  private static let patience = ["--timeout", "500s"]

  @Test func aProviderThatDoesNotAnswerSendsLeavesSlotsForOthers() async throws {
    let sevk = try await Installation.make(
      panel: ["--send-takes", "400s"], provider: Self.patience, environment: Self.environment)
    try await sevk.addPanel("other", product: "other-60")
    try await sevk.startAll()
    for player in 1...30 { _ = try await sevk.post(player: player) }
    var others: [String] = []
    for player in 31...36 { others.append(try await sevk.post(player: player, product: "other-60")) }
    try await sevk.settled(others)
    let waiting = try await sevk.call("GET", "/v1/orders?status=pending&limit=200")
    #expect(
      (waiting.json["orders"] as? [Any])?.count == 30 - 4, "half of the eight slots send, the others' half is free")
    await sevk.stop()
  }

  @Test func aProviderThatDoesNotAnswerQuestionsLeavesSlotsForOthers() async throws {
    let sevk = try await Installation.make(
      panel: ["--fault", "query-stall=1"], provider: Self.patience, environment: Self.environment)
    try await sevk.addPanel("other", product: "other-60")
    try await sevk.startAll()
    for player in 1...30 { _ = try await sevk.post(player: player) }
    _ = try await sevk.events { events in events.count { $0.type == "sevk.order.sent" } == 30 }
    var others: [String] = []
    for player in 31...36 { others.append(try await sevk.post(player: player, product: "other-60")) }
    let ends = try await sevk.settled(others).filter { $0.type == "sevk.order.completed" }
    #expect(Set(ends.map(\.subject)) == Set(others), "and nothing of the first panel ended")
    await sevk.stop()
  }
}

extension Installation {
  /// A second panel that works, with a route to it.
  fileprivate func addPanel(_ name: String, product: String) async throws {
    let panel = try await startPanel()
    try require(
      "dispatcher",
      [
        "provider", "add", name, "--adapter", "znet", "--base-url", "http://\(panel)", "--credential", "kod=555",
        "--credential", "sifre=panel-secret",
      ])
    try addRoute(product, to: name)
  }
}
