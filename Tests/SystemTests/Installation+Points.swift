import CrashPoints
import EventLoop
import Foundation
import Postgres
import PrivateServers
import Redis
import TestSupport
import Testing

/// What tests of crash points need.
extension Installation {
  /// Ops trust the control question of this provider.
  static let trusting = ["--trust-not-found-after", "1s"]

  /// Posts an order; its id, or nil when the process that took it died before it answered.
  func tryToPost(player: Int) async -> String? {
    let answer = try? await call("POST", "/v1/orders", body: Self.order(player: player), key: "key-\(player)")
    return answer?.json["id"] as? String
  }

  /// How a program ends; the test's time limit ends the wait.
  func end(of process: ChildProgram) async throws -> Int32 {
    while true {
      if let code = process.poll()?.code { return code }
      try await EventLoop.sleep(for: .milliseconds(5))
    }
  }

  func waitUntilFrozen(_ process: ChildProgram) async throws {
    while !process.isFrozen {
      if let code = process.poll()?.code { throw ChildProgram.Failure("it ended with \(code): \(process.errors)") }
      try await EventLoop.sleep(for: .milliseconds(5))
    }
  }

  func waitForLog(_ text: String, of process: ChildProgram) async throws {
    while !process.errors.contains(text) { try await EventLoop.sleep(for: .milliseconds(10)) }
  }

  /// No rebuild of the minute comes in between, for a minute at least: the next tick is noted as done. One further ahead
  /// would be taken for that of a clock that was wrong.
  func skipTicks() async throws {
    let client = try redis.client()
    let tick = (try await client.command("TIME").array?.first?.integer ?? 0) / 60 + 1
    _ = try await client.command("HSET", "sevk:ticks", "reconcile", .integer(tick))
    await client.close()
  }

  /// Our names for the order's sends.
  func references(of id: String) async throws -> [String] {
    let pool = PostgresPool(url: databaseURL, connectionsMax: 1)
    let statement = PostgresStatement(
      name: "references", sql: "SELECT reference FROM attempts WHERE order_id = '\(id)'")
    let references = try await pool.run(statement, []).map { try $0.text(0) }
    await pool.close()
    return references
  }

  /// Lets the time pass that others wait for a process that is gone: for a sender, until no request of its own can be on
  /// its way, and for a relay, until its lease ends.
  ///
  /// A frozen process also takes the next wake-up of a queue with it, and one that dies does not ring for its last event;
  /// others then look after 10 s by themselves. Here both are woken at once.
  func passTime() async throws {
    let pool = PostgresPool(url: databaseURL, connectionsMax: 1)
    try await pool.script("UPDATE orders SET due_at = now() WHERE status = 'sending'")
    await pool.close()
    let client = try redis.client()
    _ = try await client.command("DEL", "{sevk:events}:relay")
    for queue in ["dispatch", "check"] {
      _ = try await client.command("ZADD", .string("sevk:{\(queue)}:2:wake"), 0, "1")
    }
    _ = try await client.command("ZADD", "sevk:{events}:bell", 0, "1")
    await client.close()
  }

  /// Checks that the order ended well, or held, and that nothing more was sent and paid than that needed.
  ///
  /// - Parameters:
  ///   - story: its events, without the `sevk.order.` before them, and without `sent` where the answer was lost: whether
  ///     the panel still works on it at the first question is a matter of milliseconds.
  ///   - sends: how many the panel accepted.
  func checkSettled(_ id: String, player: Int, story: [String], sends: Int = 1) async throws {
    let events = try await settled([id]).filter { $0.subject == id }
    var seen: [Event] = []
    for event in events where !seen.contains(where: { $0.sequence == event.sequence }) { seen.append(event) }
    #expect(seen.map(\.sequence) == seen.map(\.sequence).sorted(), "events out of order")
    let isLost = story.contains("unresolved")
    let types = seen.map { $0.type.replacing("sevk.order.", with: "") }
    #expect(types.filter { !(isLost && $0 == "sent") } == story)

    let audit = try await audit()
    let books = (audit["orders"] as? [[String: Any]] ?? []).filter { $0["player"] as? String == "\(player)" }
    #expect(books.count == sends)
    for book in books {
      #expect(book["sends"] as? Int == 1 && book["debits"] as? Int == 1 && book["credits"] as? Int == 0)
    }
    let order = try await call("GET", "/v1/orders/\(id)?include=pin").json
    #expect(order["status"] as? String == story.last, "\(order)")
    if story.last == "held" {
      #expect((order["reason"] as? String)?.isEmpty == false)
      #expect(order["pin"] == nil)
    } else {
      let pin = try #require(books.first?["pin"] as? String)
      #expect(order["pin"] as? String == pin)
    }
    // What a lost answer would have said of the cost is not known; what is known is right.
    let cost = (order["cost"] as? String).flatMap(Double.init)
    let amount = (books.first?["amount"] as? String).flatMap(Double.init)
    if !isLost || cost != nil { #expect(cost == amount) }
    // Every send at the panel is one that we know of.
    let references = try await references(of: id)
    #expect(Set(books.compactMap { ($0["reference"] as? String).map(Self.ownReference) }).isSubset(of: references))
  }

  /// What Sevk calls a send that a panel's books have under a UUID, as zdk's documents want one.
  static func ownReference(_ booked: String) -> String {
    let parts = booked.split(separator: "-").map(String.init)
    return parts.count == 5 ? parts[0] + parts[1] + parts[2].dropFirst() + parts[3].dropFirst() : booked
  }
}
