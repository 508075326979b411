import EventLoop
import Foundation
import Postgres
import PrivateServers
import TestSupport
import Testing

/// Secret keys with the real programs: a stranger is refused, a rotation loses nothing, a lost key is said to be lost.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct KeyTests {
  private static let variable = "SEVK_SECRET_KEY"
  private static let other = Data(repeating: 9, count: 32).base64EncodedString()

  private struct Status {
    let active: String
    /// How much each key has sealed.
    let sealed: [String: Int]
    /// The keys that processes seal with.
    let sealing: [String]
    let next: String
  }

  private func status(_ sevk: Installation) throws -> Status {
    let text = try sevk.require("dispatcher", ["key", "status", "--json"])
    let json = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    let keys = json["keys"] as? [[String: Any]] ?? []
    return Status(
      active: json["active"] as? String ?? "",
      sealed: Dictionary(uniqueKeysWithValues: keys.map { ($0["id"] as? String ?? "", $0["sealed"] as? Int ?? 0) }),
      sealing: (json["processes"] as? [[String: Any]] ?? []).compactMap { $0["sealing"] as? String },
      next: json["next"] as? String ?? "")
  }

  /// The keys of the line that a command printed.
  private func keys(_ output: String) throws -> String {
    let line = output.trimmingCharacters(in: .newlines)
    try #require(line.hasPrefix("\(Self.variable)=") && !line.contains("\n"))
    return String(line.dropFirst(Self.variable.count + 1))
  }

  private func expectPins(_ sevk: Installation, _ ids: [String]) async throws {
    for id in ids {
      let order = try await sevk.call("GET", "/v1/orders/\(id)?include=pin")
      #expect(order.status == 200 && order.json["pin"] is String, "\(order.text)")
    }
  }

  @Test func aStrangerRefusesToStart() async throws {
    let sevk = try await Installation.make()
    let active = try status(sevk).active
    for program in ["dispatcher", "worker", "scheduler", "gateway"] {
      let result = try sevk.command(program, ["run"], environment: [Self.variable: Self.other])
      #expect(result.code == 64, "\(program): \(result.code) \(result.errors)")
      for word in [Self.variable, active, "secret-key.env", "key status"] {
        #expect(result.errors.contains(word), "\(word) in \(result.errors)")
      }
      #expect(!result.errors.contains(Self.other))
    }
    // Nothing is sealed that the others can't read.
    let set = try sevk.command(
      "dispatcher", ["provider", "set", "panel", "--timeout", "3s"], environment: [Self.variable: Self.other])
    #expect(set.code == 64 && set.errors.contains(active), "\(set.errors)")
    let doctor = try sevk.command("worker", ["doctor", "--json"], environment: [Self.variable: Self.other])
    #expect(doctor.code == 1 && doctor.output.contains("\"what\":\"secret_key\""), "\(doctor.output)")
    #expect(!(try sevk.command("worker", ["doctor", "--json"]).output.contains("secret_key")))
    // With the right one beside it, it starts, and seals with the right one.
    let own = try #require(sevk.environment[Self.variable])
    try await sevk.start("worker", environment: [Self.variable: "\(Self.other),\(own)"])
    #expect(try status(sevk).sealing == [active])
    await sevk.stop()
  }

  @Test func aProcessThatARotationLeftOutIsTold() async throws {
    let sevk = try await Installation.make()
    let worker = try await sevk.start("worker")
    // As if it had been frozen while all others got another key.
    try await sevk.sql("UPDATE secret_keys SET state = 'old'")
    try await sevk.sql("INSERT INTO secret_keys (id, proof, state) VALUES ('0badcafe', sha256('x'), 'active')")
    try await sevk.waitForLog("another secret key is used since", of: worker)
    #expect(worker.errors.contains("0badcafe"))
    let doctor = try sevk.command("worker", ["doctor", "--json"])
    #expect(doctor.code == 1 && doctor.output.contains("\"what\":\"process_keys\""), "\(doctor.output)")
    #expect(doctor.output.contains("worker@"))
    // It goes on with the key that it has, which the others can read.
    #expect(worker.poll() == nil)
    await sevk.stop()
  }

  @Test func whatNeedsNoKeyDoesNotOpenIt() async throws {
    let sevk = try await Installation.make()
    for words in [
      "tenant list", "tenant add other", "token create --tenant other --scope orders:read", "token list", "route list",
      "provider list", "endpoint list", "key status",
    ] {
      let result = try sevk.command(
        "dispatcher", words.split(separator: " ").map(String.init), environment: [Self.variable: ""])
      #expect(result.code == 0, "\(words): \(result.errors)")
    }
    // Not even one that is none.
    let why = try sevk.command("worker", ["order", "list"], environment: [Self.variable: "nonsense"])
    #expect(why.code == 0, "\(why.errors)")
    await sevk.stop()
  }

  @Test func aRotationUnderOrdersLosesNothing() async throws {
    let sevk = try await Installation.make()
    let old = try #require(sevk.environment[Self.variable])
    let oldID = try status(sevk).active
    try sevk.require("dispatcher", ["endpoint", "put", "books", "--tenant", "shop", "--url", "https://shop.example/x"])
    var running: [(program: String, process: ChildProgram)] = []
    for program in ["scheduler", "worker", "dispatcher", "dispatcher"] {
      running.append((program, try await sevk.start(program)))
    }
    var ids: [String] = []
    func post(_ count: Int) async throws {
      for _ in 0..<count { ids.append(try await sevk.post(player: ids.count + 1)) }
    }
    try await post(10)

    let made = try sevk.command("dispatcher", ["key", "rotate", "--new"])
    #expect(made.code == 0 && made.errors.contains("restart every process"), "\(made.errors)")
    let both = try keys(made.output)
    #expect(both.hasPrefix("\(old),"))
    sevk.setEnvironment(Self.variable, both)
    // Not before all have it.
    let early = try sevk.command("dispatcher", ["key", "rotate"])
    #expect(early.code == 1 && early.errors.contains("nothing was changed"), "\(early.errors)")
    #expect(early.errors.contains("worker@") && early.errors.contains("dispatcher@"), "\(early.errors)")
    #expect(try status(sevk).active == oldID)

    for (index, one) in running.enumerated() {
      let new = try await sevk.start(one.program)
      one.process.signal(SIGTERM)
      try await post(5)
      _ = try await sevk.end(of: one.process)
      running[index].process = new
    }
    let rotated = try sevk.require("dispatcher", ["key", "rotate"])
    #expect(rotated.contains("seals from now on"))
    let newID = try status(sevk).active
    #expect(newID != oldID)
    try await post(5)
    try await Waiting.until("every process seals with the new key", within: .seconds(30)) {
      let sealing = try status(sevk).sealing
      return sealing.count == 4 && sealing.allSatisfy { $0 == newID }
    }
    try await post(5)
    try await sevk.settled(ids)
    try await expectPins(sevk, ids)

    let refused = try sevk.command("dispatcher", ["key", "rotate", "--drop", oldID])
    #expect(refused.code == 1 && refused.errors.contains("key reseal") && refused.output.isEmpty, "\(refused.errors)")
    #expect(try sevk.require("dispatcher", ["key", "reseal"]).contains("sealed "))
    let after = try status(sevk)
    #expect(after.sealed[oldID] == 0 && after.sealed[newID] == ids.count + 2, "\(after)")
    let dropped = try sevk.command("dispatcher", ["key", "rotate", "--drop", oldID])
    #expect(dropped.code == 0, "\(dropped.errors)")
    let alone = try keys(dropped.output)
    #expect(both == "\(old),\(alone)")

    // With the new one alone everything is read, and the work goes on.
    sevk.setEnvironment(Self.variable, alone)
    for one in running {
      one.process.signal(SIGTERM)
      _ = try await sevk.end(of: one.process)
    }
    try await sevk.startAll()
    try await post(5)
    try await sevk.settled(ids)
    try await expectPins(sevk, ids)
    #expect(try sevk.require("dispatcher", ["provider", "list"]).contains("panel"))
    #expect(!sevk.logs.contains("can't be read"), "\(sevk.logs)")
    let audit = try await sevk.audit()
    #expect((audit["doubles_by_player"] as? [Any])?.isEmpty == true && audit["sends"] as? Int == ids.count)
    // The old one alone is a stranger.
    #expect(try sevk.command("worker", ["run"], environment: [Self.variable: old]).code == 64)
    await sevk.stop()
  }

  @Test func aResealThatIsKilledGoesOnWhereItWas() async throws {
    let sevk = try await Installation.make()
    try await sevk.startAll()
    var ids: [String] = []
    for player in 1...40 { ids.append(try await sevk.post(player: player)) }
    try await sevk.settled(ids)
    for program in ["scheduler", "worker", "dispatcher"] {
      let process = try #require(sevk.process(program))
      process.signal(SIGTERM)
      _ = try await sevk.end(of: process)
    }
    let oldID = try status(sevk).active
    sevk.setEnvironment(Self.variable, try keys(try sevk.require("dispatcher", ["key", "rotate", "--new"])))
    try sevk.require("dispatcher", ["key", "rotate"])
    #expect(try status(sevk).next == "dispatcher key reseal")

    let slow = try sevk.spawn("dispatcher", ["key", "reseal", "--rate", "5/s"])
    try await Waiting.until("some PINs are sealed anew", within: .seconds(30)) {
      try await sevk.text("SELECT count(*)::text FROM reseal_marks WHERE place = 'orders.pin'") == "1"
    }
    slow.signal(SIGKILL)
    slow.wait()
    let left = try #require(try status(sevk).sealed[oldID])
    #expect((1..<40).contains(left), "\(left)")
    let mark = try await sevk.text("SELECT after FROM reseal_marks WHERE place = 'orders.pin'")
    #expect(ids.contains(mark), "it is known where it was: \(mark)")

    let whole = try sevk.command("dispatcher", ["key", "reseal"])
    #expect(whole.code == 0 && whole.output.contains("sealed \(left) with"), "\(whole.output) \(whole.errors)")
    #expect(try status(sevk).sealed[oldID] == 0)
    try sevk.require("dispatcher", ["key", "rotate", "--drop", oldID])
    try await sevk.startAll()
    try await expectPins(sevk, ids)
    await sevk.stop()
  }

  @Test func aLostKeyIsSaidToBeLost() async throws {
    let sevk = try await Installation.make()
    try await sevk.startAll()
    let id = try await sevk.post(player: 1)
    try await sevk.settled([id])
    let lost = try status(sevk).active
    let old = try #require(sevk.environment[Self.variable])
    sevk.setEnvironment(Self.variable, Self.other)
    let living = try sevk.command("dispatcher", ["key", "rotate", "--lost", lost, "--yes"])
    #expect(living.code == 64 && living.errors.contains("not lost"), "\(living.errors)")
    for program in ["scheduler", "worker", "dispatcher"] {
      let process = try #require(sevk.process(program))
      process.signal(SIGTERM)
      _ = try await sevk.end(of: process)
    }
    let unsure = try sevk.command("dispatcher", ["key", "rotate", "--lost", lost])
    #expect(unsure.code == 64 && unsure.errors.contains("--yes"), "\(unsure.errors)")
    try sevk.require("dispatcher", ["key", "rotate", "--lost", lost, "--yes"])

    try await sevk.startAll()
    let answer = try await sevk.call("GET", "/v1/orders/\(id)?include=pin")
    #expect(answer.status == 409 && answer.json["code"] as? String == "pin_unreadable", "\(answer.text)")
    #expect(try await sevk.call("GET", "/v1/orders/\(id)").json["status"] as? String == "completed")
    let part = try sevk.command(
      "dispatcher", ["provider", "set", "panel", "--credential", "sifre=panel-secret", "--yes"])
    #expect(part.code == 64 && part.errors.contains("kod=…"), "\(part.errors)")
    try sevk.require(
      "dispatcher",
      ["provider", "set", "panel", "--credential", "sifre=panel-secret", "--credential", "kod=555", "--yes"])
    let next = try await sevk.post(player: 2)
    try await sevk.settled([next])
    try await expectPins(sevk, [next])

    // Found again, it reads what it sealed.
    let both = "\(Self.other),\(old)"
    let found = try sevk.command("dispatcher", ["key", "reseal"], environment: [Self.variable: both])
    #expect(found.code == 0, "\(found.errors)")
    try await expectPins(sevk, [id, next])
    await sevk.stop()
  }
}

extension Installation {
  /// The one text that a statement answers with; empty without a row.
  func text(_ sql: String) async throws -> String {
    let pool = PostgresPool(url: databaseURL, connectionsMax: 1)
    let rows = try await pool.run(PostgresStatement(name: "", sql: sql), [])
    await pool.close()
    return try rows.first?.text(0) ?? ""
  }
}
