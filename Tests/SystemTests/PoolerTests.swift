import Foundation
import Postgres
import PrivateServers
import TestSupport
import Testing

/// The whole of Sevk behind PgBouncer in transaction mode, on a database whose settings are against it.
@Suite(.serialized, .timeLimit(.minutes(3)))
struct BehindPoolerTests {
  @Test func ordersAreFulfilled() async throws {
    let sevk = try await Installation.make()
    let database = String(sevk.databaseURL.split(separator: "?")[0].split(separator: "/").last ?? "")
    let admin = PostgresPool(url: sevk.databaseURL, connectionsMax: 1)
    for setting in [
      "synchronous_commit = off", "bytea_output = escape", "DateStyle = 'SQL, DMY'", "IntervalStyle = sql_standard",
      "extra_float_digits = -10", "TimeZone = 'Asia/Kathmandu'",
    ] {
      try await admin.script("ALTER DATABASE \(database) SET \(setting)")
    }
    let bouncer = try await PrivatePgBouncer.start(before: sevk.postgres, sessions: 6)
    defer { bouncer.stop() }
    sevk.setEnvironment("SEVK_DATABASE_URL", bouncer.url(database: database))
    try await sevk.startAll()
    let ids = try await withThrowingTaskGroup(of: String.self) { group in
      for player in 1...40 { group.addTask { try await sevk.post(player: player) } }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    let events = try await sevk.settled(ids)
    #expect(events.filter { $0.type == "sevk.order.completed" }.count == ids.count)
    for id in ids.prefix(5) {
      let order = try await sevk.call("GET", "/v1/orders/\(id)?include=pin")
      #expect(order.status == 200 && (order.json["pin"] as? String)?.isEmpty == false, "\(order.text)")
      let timeline = try await sevk.call("GET", "/v1/orders/\(id)/timeline")
      #expect(timeline.status == 200)
    }
    for program in ["dispatcher", "worker", "scheduler"] {
      let process = try #require(sevk.process(program))
      process.signal(SIGTERM)
      #expect(process.wait().code == 0, "\(program): \(process.errors)")
    }
    await admin.close()
    await sevk.stop()
  }
}
