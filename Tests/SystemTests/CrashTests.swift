import Foundation
import PrivateServers
import Redis
import TestSupport
import Testing

/// Any process, and Redis, may die at any moment: nothing is left behind and nothing is sent twice.
@Suite(.serialized, .timeLimit(.minutes(4)))
struct CrashTests {
  static let orders = 60

  @Test(arguments: ["dispatcher", "worker", "scheduler"])
  func aProcessKilledInMidRunLeavesNoOrderBehind(_ program: String) async throws {
    // A dispatcher killed between its intent and the first byte leaves an order that the panel never saw: only where
    // ops trust the control question is that one sent again by itself.
    let sevk = try await Installation.make(provider: ["--trust-not-found-after", "1s"])
    try await sevk.startAll()
    var ids: [String] = []
    for player in 1...Self.orders { ids.append(try await sevk.post(player: player)) }
    sevk.kill(program)
    try await sevk.start(program)
    try await checkAllDelivered(ids, sevk)
  }

  @Test func redisEmptiedInMidRunLeavesNoOrderBehind() async throws {
    let sevk = try await Installation.make()
    try await sevk.startAll()
    var ids: [String] = []
    for player in 1...Self.orders { ids.append(try await sevk.post(player: player)) }
    _ = try await sevk.redis.client().command("FLUSHALL")
    for player in Self.orders + 1...Self.orders * 2 { ids.append(try await sevk.post(player: player)) }
    // The stream was emptied too, so the end is read from the orders themselves.
    try await checkAllDelivered(ids, sevk, byEvents: false)
  }

  @Test func redisRestartedEmptyInMidRunLeavesNoOrderBehind() async throws {
    let sevk = try await Installation.make()
    try await sevk.startAll()
    var ids: [String] = []
    for player in 1...Self.orders { ids.append(try await sevk.post(player: player)) }
    sevk.redis.kill()
    try await sevk.redis.restart(empty: true)
    for player in Self.orders + 1...Self.orders * 2 { ids.append(try await sevk.post(player: player)) }
    try await checkAllDelivered(ids, sevk, byEvents: false)
  }

  @Test func postgresRestartedInMidRunLeavesNoOrderBehind() async throws {
    let sevk = try await Installation.make(provider: ["--trust-not-found-after", "1s"], ownPostgres: true)
    try await sevk.startAll()
    var ids: [String] = []
    for player in 1...Self.orders { ids.append(try await sevk.post(player: player)) }
    await sevk.postgres.kill()
    let refused = try await sevk.call("POST", "/v1/orders", body: Installation.order(player: 999), key: "key-999")
    #expect(refused.status == 503)
    try await sevk.postgres.start()
    for player in Self.orders + 1...Self.orders * 2 { ids.append(try await sevk.post(player: player)) }
    try await checkAllDelivered(ids, sevk)
  }

  @Test func theStandbyTakesOverInMidRunAndNothingIsLost() async throws {
    let sevk = try await Installation.make(provider: ["--trust-not-found-after", "1s"], ownPostgres: true)
    let standby = try await sevk.postgres.standby()
    let database = sevk.databaseURL.split(separator: "?")[0].split(separator: "/").last.map(String.init) ?? ""
    sevk.setEnvironment("SEVK_DATABASE_URL", standby.url(database: database))
    try await sevk.startAll()
    let careless = try sevk.command("worker", ["doctor"])
    #expect(careless.code == 1 && careless.output.contains("commits wait for no standby"), "\(careless)")
    #expect(try sevk.command("worker", ["doctor", "--database-standby", "none"]).code == 0)
    try await standby.isWaitedFor()
    let careful = try sevk.command("worker", ["doctor"])
    #expect(careful.code == 0, "\(careful)")

    var ids: [String] = []
    for player in 1...Self.orders { ids.append(try await sevk.post(player: player)) }
    await sevk.postgres.kill()
    let refused = try await sevk.call("POST", "/v1/orders", body: Installation.order(player: 999), key: "key-999")
    #expect(refused.status == 503)
    try await standby.server.promote()
    for player in Self.orders + 1...Self.orders * 2 { ids.append(try await sevk.post(player: player)) }
    try await checkAllDelivered(ids, sevk)
    standby.remove()
  }

  @Test func aStopFinishesWhatIsUnderWay() async throws {
    let sevk = try await Installation.make()
    try await sevk.startAll()
    var ids: [String] = []
    for player in 1...Self.orders { ids.append(try await sevk.post(player: player)) }
    for program in ["dispatcher", "worker", "scheduler"] {
      let process = try #require(sevk.process(program))
      process.signal(SIGTERM)
      #expect(process.wait().code == 0, "\(program) did not stop in order: \(process.errors)")
    }
    try await sevk.startAll()
    try await checkAllDelivered(ids, sevk)
  }

  private func checkAllDelivered(_ ids: [String], _ sevk: Installation, byEvents: Bool = true) async throws {
    if byEvents {
      let events = try await sevk.settled(ids)
      for (id, story) in Dictionary(grouping: events, by: \.subject) {
        // At least once, but never back in time for the first appearance of each.
        var seen: [Int] = []
        for event in story where !seen.contains(event.sequence) { seen.append(event.sequence) }
        #expect(seen == seen.sorted(), "the events of \(id) are out of order")
      }
    }
    for id in ids {
      _ = try await sevk.timeline(of: id) { $0.last == "completed" }
    }
    let audit = try await sevk.audit()
    #expect((audit["doubles_by_player"] as? [Any])?.isEmpty == true)
    #expect((audit["orders"] as? [[String: Any]])?.count == ids.count)
    let counts = try await sevk.call("GET", "/v1/orders?status=completed&limit=200")
    #expect((counts.json["orders"] as? [Any])?.count == ids.count)
    await sevk.stop()
  }
}
