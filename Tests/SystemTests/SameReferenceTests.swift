import CrashPoints
import Foundation
import Postgres
import TestSupport
import Testing

/// A send that was lost at a provider that books a reference once: it is repeated under the same, and only there.
@Suite(.serialized, .timeLimit(.minutes(2)))
struct SameReferenceTests {
  static let points = [CrashPoint.resendIntended, .resendAnswered]

  private func installation(_ provider: [String] = Installation.trusting) async throws -> Installation {
    let sevk = try await Installation.make(
      panel: ["--token", "store-secret"], environment: ["SEVK_CHECK_DEADLINE": "6s"])
    try sevk.require(
      "dispatcher",
      [
        "provider", "add", "store", "--adapter", "zdk", "--base-url", "http://\(sevk.panel)", "--credential",
        "token=store-secret", "--timeout", "1s",
      ] + provider)
    try sevk.require(
      "dispatcher",
      [
        "route", "add", "--tenant", "shop", "--product", "store", "--provider", "store", "--param", "product=101",
        "--param", "playerId={player_id}",
      ])
    return sevk
  }

  private func post(_ sevk: Installation, player: Int) async throws -> String {
    try await sevk.post(player: player, product: "store")
  }

  private func order(_ sevk: Installation, player: Int) async throws -> [String: Any] {
    let orders = try await sevk.audit()["orders"] as? [[String: Any]] ?? []
    return orders.first { $0["player"] as? String == "\(player)" } ?? [:]
  }

  /// Repetitions of the sends of an order.
  private func resends(_ sevk: Installation, _ id: String) async throws -> Int {
    let pool = PostgresPool(url: sevk.databaseURL, connectionsMax: 1)
    let statement = PostgresStatement(
      name: "resends", sql: "SELECT coalesce(sum(resends), 0)::bigint FROM attempts WHERE order_id = '\(id)'")
    let count = try await pool.run(statement, []).single().int(0)
    await pool.close()
    return Int(count)
  }

  @Test func aRequestThatNeverArrivedIsRepeated() async throws {
    let sevk = try await installation()
    try await sevk.startAll()
    try await sevk.settled([try await post(sevk, player: 1)])
    try await sevk.setFaults("{\"drop-request\":\"#1\"}")
    let id = try await post(sevk, player: 2)
    try await sevk.checkSettled(id, player: 2, story: ["created", "unresolved", "completed"])
    #expect(try await sevk.references(of: id).count == 1)
    #expect(try await resends(sevk, id) == 1)
    let timeline = try sevk.require("worker", ["order", "timeline", id])
    #expect(timeline.components(separatedBy: "newOrder").count == 3, "\(timeline)")
    await sevk.stop()
  }

  /// What arrived is found by a question, and nothing is repeated.
  @Test func whatIsThereIsNotRepeated() async throws {
    let sevk = try await installation()
    try await sevk.startAll()
    try await sevk.setFaults("{\"lose-answer\":\"#1\"}")
    let id = try await post(sevk, player: 1)
    try await sevk.checkSettled(id, player: 1, story: ["created", "unresolved", "completed"])
    #expect(try await order(sevk, player: 1)["repeats"] as? Int == 0)
    #expect(try await resends(sevk, id) == 0)
    await sevk.stop()
  }

  /// The store denies an order that it has: the repetition is answered with the original.
  @Test func aRepetitionOfWhatIsThereBooksNothing() async throws {
    let sevk = try await installation()
    try await sevk.startAll()
    try await sevk.setFaults("{\"lose-answer\":\"#1\",\"deny\":\"1\"}")
    let id = try await post(sevk, player: 1)
    while try await resends(sevk, id) == 0 {}
    try await sevk.setFaults("{\"deny\":\"0\"}")
    try await sevk.checkSettled(id, player: 1, story: ["created", "unresolved", "completed"])
    #expect(try await order(sevk, player: 1)["repeats"] as? Int == 1)
    #expect(try await resends(sevk, id) == 1)
    await sevk.stop()
  }

  /// The worker dies before the repetition has left, or before its answer is written down.
  @Test(arguments: points)
  func whoeverGoesOnRepeatsNoMoreThanNeeded(_ point: CrashPoint) async throws {
    let sevk = try await installation()
    for program in ["scheduler", "dispatcher"] { try await sevk.start(program) }
    let dying = try await sevk.start("worker", environment: ["SEVK_CRASH_AT": point.rawValue])
    try await sevk.setFaults("{\"drop-request\":\"#1\"}")
    let id = try await post(sevk, player: 1)
    #expect(try await sevk.end(of: dying) == -SIGKILL)
    // As if the time had passed in which the request may be on its way.
    let pool = PostgresPool(url: sevk.databaseURL, connectionsMax: 1)
    try await pool.script(
      "UPDATE orders SET due_at = now(), sent_at = now() - interval '1 minute' WHERE status = 'unresolved'")
    await pool.close()
    try await sevk.start("worker")
    try await sevk.checkSettled(id, player: 1, story: ["created", "unresolved", "completed"])
    #expect(try await sevk.references(of: id).count == 1)
    #expect(try await resends(sevk, id) == (point == .resendIntended ? 2 : 1))
    await sevk.stop()
  }

  /// A known reference with other contents: nobody has described what the store does then.
  @Test(arguments: ["route", "claim"])
  func whatWouldBeAnotherRequestIsNotRepeated(_ change: String) async throws {
    let sevk = try await installation([])
    for program in ["scheduler", "dispatcher"] { try await sevk.start(program) }
    try await sevk.setFaults("{\"drop-request\":\"#1\"}")
    let id = try await post(sevk, player: 1)
    while try await sevk.call("GET", "/v1/orders/\(id)").json["status"] as? String != "unresolved" {}
    switch change {
    case "route":
      try sevk.require("dispatcher", ["route", "remove", "--tenant", "shop", "--product", "store", "--yes"])
      try sevk.require(
        "dispatcher",
        [
          "route", "add", "--tenant", "shop", "--product", "store", "--provider", "store", "--param", "product=102",
          "--param", "playerId={player_id}",
        ])
    default:
      #expect(try await sevk.call("POST", "/v1/orders/\(id)/refund-claim").status < 300)
    }
    try await sevk.start("worker")
    try await sevk.settled([id])
    #expect(try await sevk.call("GET", "/v1/orders/\(id)").json["status"] as? String == "held")
    #expect(try await resends(sevk, id) == 0)
    #expect(try await order(sevk, player: 1).isEmpty)
    await sevk.stop()
  }
}
