import EventLoop
import Foundation
import HTTPClient
import Postgres
import PrivateServers
import TestSupport
import Testing

/// Servers that stand still: intake must say so, take no more memory, and lose nothing.
@Suite(.serialized, .timeLimit(.minutes(3)))
struct BackPressureTests {
  @Test func aDatabaseThatStandsStillIsAnsweredWith503AndTheRepeatsAreOneOrderEach() async throws {
    let sevk = try await Installation.make(ownPostgres: true)
    let dispatcher = try await sevk.start("dispatcher")
    _ = try await sevk.post(player: 0)
    let before = try residentMegabytes(dispatcher)
    sevk.postgres.signalAll(SIGSTOP)
    // Far more than may wait, each with 20 KB.
    let client = HTTPClient(connectionsMax: 300)
    let replies = await withTaskGroup(of: HTTPClientReply?.self) { group in
      for player in 1...3000 {
        group.addTask { try? await sevk.offer(player: player, client) }
      }
      return await group.reduce(into: [HTTPClientReply?]()) { $0.append($1) }
    }
    #expect(replies.allSatisfy { $0?.status == 503 }, "\(Set(replies.map { $0?.status }))")
    #expect(
      replies.allSatisfy { $0?.headers.contains { $0.0.lowercased() == "retry-after" } ?? false })
    let grown = try residentMegabytes(dispatcher) - before
    #expect(grown < 200, "\(grown) MiB more than before")

    sevk.postgres.signalAll(SIGCONT)
    for player in 1...50 {
      while try await sevk.offer(player: player, client).status / 100 != 2 {
        try await EventLoop.sleep(for: .milliseconds(50))
      }
    }
    let pool = PostgresPool(url: sevk.databaseURL, connectionsMax: 1)
    let orders = PostgresStatement(name: "references", sql: "SELECT reference FROM orders")
    let references = try await pool.run(orders, []).map { try $0.text(0) }
    await pool.close()
    #expect(Set(references).count == references.count, "no order is there twice")
    #expect(Set(references).isSuperset(of: (1...50).map { "shop-\($0)" }))
    await client.close()
    await sevk.stop()
  }

  @Test func aRedisThatStandsStillStopsNoIntakeAndLosesNothing() async throws {
    let sevk = try await Installation.make()
    try await sevk.startAll()
    try await sevk.settled([try await sevk.post(player: 0)])
    let dispatcher = try #require(sevk.process("dispatcher"))
    let before = try residentMegabytes(dispatcher)
    sevk.redis.signal(SIGSTOP)
    var ids: [String] = []
    for player in 1...500 { ids.append(try await sevk.post(player: player)) }
    let grown = try residentMegabytes(dispatcher) - before
    #expect(grown < 100, "\(grown) MiB more than before")
    sevk.redis.signal(SIGCONT)
    try await sevk.settled(ids)
    let audit = try await sevk.audit()
    #expect(audit["sends"] as? Int == 501)
    #expect((audit["doubles_by_player"] as? [Any])?.isEmpty == true)
    await sevk.stop()
  }

  private func residentMegabytes(_ process: ChildProgram) throws -> Int {
    let text = try String(contentsOfFile: "/proc/\(process.id)/statm", encoding: .utf8)
    let pages = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
    return pages * 4096 / 1_048_576
  }
}

extension Installation {
  /// Posts an order on a connection that is kept; whatever the answer.
  fileprivate func offer(player: Int, _ client: HTTPClient) async throws -> HTTPClientReply {
    let notes = (1...40).map { #""note\#($0)":"\#(String(repeating: "x", count: 500))""# }.joined(separator: ",")
    let order =
      #"{"product":"pubg-60","fields":{"player_id":"\#(player)","phone":"905551234567",\#(notes)},"#
      + #""reference":"shop-\#(player)"}"#
    return try await client.perform(
      HTTPClientRequest(
        method: "POST", url: "http://\(api)/v1/orders",
        headers: [
          ("Content-Type", "application/json"), ("Authorization", "Bearer \(token)"),
          ("Idempotency-Key", "key-\(player)"),
        ], body: Array(order.utf8), timeout: .seconds(120), connection: .reuse))
  }
}
