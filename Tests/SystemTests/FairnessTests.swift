import EventLoop
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

  @Test func anyNumberOfHangingProvidersLeaveSlotsForOthers() async throws {
    let sevk = try await Installation.make(
      panel: ["--send-takes", "400s"], provider: Self.patience, environment: Self.environment)
    for number in 2...4 {
      try await sevk.addPanel("hangs-\(number)", product: "hangs-\(number)", ["--send-takes", "400s"], Self.patience)
    }
    try await sevk.addPanel("other", product: "other-60")
    try await sevk.startAll()
    try await sevk.settled([try await sevk.post(player: 1, product: "other-60")])
    for player in 10...40 {
      for product in ["pubg-60", "hangs-2", "hangs-3", "hangs-4"] {
        _ = try await sevk.post(player: player * 10 + (product.last?.wholeNumberValue ?? 0), product: product)
      }
    }
    var others: [String] = []
    for player in 2...7 { others.append(try await sevk.post(player: player, product: "other-60")) }
    try await sevk.settled(others)
    await sevk.stop()
  }

  @Test func questionsThatAreNotAnsweredAreSlowedAndSaidSo() async throws {
    let sevk = try await Installation.make(
      panel: ["--fault", "query-stall=1"], provider: ["--timeout", "300ms"], environment: Self.environment)
    try await sevk.startAll()
    var ids: [String] = []
    for player in 1...20 { ids.append(try await sevk.post(player: player)) }
    while !sevk.logs.contains("questions slowed") { try await EventLoop.sleep(for: .milliseconds(20)) }
    var why = ""
    while !why.contains("does not answer questions") { why = try sevk.require("worker", ["order", "why", ids[19]]) }
    #expect(why.contains("in a row were not answered") && why.contains("one at a time"), "\(why)")
    try await sevk.setFaults(#"{"query-stall": 0}"#)
    try await sevk.settled(ids)
    #expect(sevk.logs.contains("questions are answered again"))
    #expect(try !sevk.require("worker", ["doctor"]).contains("to answer questions"))
    await sevk.stop()
  }
}

extension Installation {
  /// A second panel that works, with a route to it.
  fileprivate func addPanel(
    _ name: String, product: String, _ panelFlags: [String] = [], _ providerFlags: [String] = []
  ) async throws {
    let panel = try await startPanel(panelFlags)
    try require(
      "dispatcher",
      [
        "provider", "add", name, "--adapter", "znet", "--base-url", "http://\(panel)", "--credential", "kod=555",
        "--credential", "sifre=panel-secret",
      ] + providerFlags)
    try addRoute(product, to: name)
  }
}
