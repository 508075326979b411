import EventLoop
import Foundation
import Postgres
import PrivateServers
import TestSupport
import Testing

/// What people do to orders by hand: it moves money, so each way is tried on the real binaries.
@Suite(.serialized, .timeLimit(.minutes(3)))
struct PersonTests {
  /// Nothing is known of the first send, and the order waits for a person.
  private func held() async throws -> (Installation, id: String) {
    let sevk = try await Installation.make(
      panel: ["--fault", "drop-request=#1"], environment: ["SEVK_CHECK_DEADLINE": "1s"])
    try await sevk.startAll()
    let id = try await sevk.post(player: 1)
    let events = try await sevk.settled([id])
    #expect(events.last?.type == "sevk.order.held")
    return (sevk, id)
  }

  /// The panel has the order, and works on it until it is settled there.
  private func sent(_ environment: [String: String] = [:]) async throws -> (Installation, id: String) {
    let sevk = try await Installation.make(panel: ["--fault", "never-ends=1"], environment: environment)
    try await sevk.startAll()
    let id = try await sevk.post(player: 1)
    _ = try await sevk.events { $0.contains { $0.type == "sevk.order.sent" } }
    return (sevk, id)
  }

  @Test func notReceivedSendsExactlyOnceMore() async throws {
    let (sevk, id) = try await held()
    let refused = try sevk.resolve(id, ["--not-received", "--note", "not on the panel"])
    #expect(refused.code == 64 && refused.errors.contains("--yes"))
    #expect(refused.output.contains("SENT AGAIN") && refused.output.contains("paid twice"))
    #expect(try await sevk.rows("SELECT who FROM audits").isEmpty)
    #expect(try await sevk.audit()["sends"] as? Int == 1)

    let done = try sevk.resolve(id, ["--not-received", "--note", "not on the panel", "--by", "ayşe", "--yes"])
    #expect(done.code == 0, "\(done.errors)")
    _ = try await sevk.timeline(of: id) { $0.last == "completed" }
    let audit = try await sevk.audit()
    #expect(audit["sends"] as? Int == 2)
    #expect(audit["orders_count"] as? Int == 1)
    #expect((audit["doubles_by_player"] as? [Any])?.isEmpty == true)
    #expect(
      try await sevk.rows(
        "SELECT what || ' ' || from_status || ' ' || to_status || ' ' || who || ' ' || note FROM audits")
        == ["not_received held pending ayşe not on the panel"])
    #expect(
      try await sevk.rows("SELECT state FROM attempts ORDER BY number") == ["not_received", "accepted"])
    let story = try sevk.require("worker", ["order", "timeline", id])
    #expect(story.contains("resolved by ayşe as not received: held → pending; not on the panel"))
    // Staff are none of the shop's business.
    #expect(!(try await sevk.call("GET", "/v1/orders/\(id)/timeline")).text.contains("ayşe"))

    let again = try sevk.resolve(id, ["--failed", "--note", "no", "--yes"])
    #expect(again.code == 1 && again.errors.contains("final"))
    await sevk.stop()
  }

  @Test func receivedIsAskedAboutUntilItIsDelivered() async throws {
    let (sevk, id) = try await sent(["SEVK_CHECK_DEADLINE": "1s"])
    try await sevk.settled([id])
    try await sevk.settleAtPanel()
    let done = try sevk.resolve(id, ["--received", "--note", "it is on the panel", "--yes"])
    #expect(done.code == 0 && done.output.contains("is asked about"), "\(done.errors)")
    _ = try await sevk.timeline(of: id) { $0.last == "completed" }
    #expect(try await sevk.audit()["sends"] as? Int == 1)
    await sevk.stop()
  }

  @Test func completedKeepsThePinOfTheFile() async throws {
    let (sevk, id) = try await held()
    let file = sevk.folder + "/pin.txt"
    try "  PIN-FROM-THE-PANEL \nsecond line\n".write(toFile: file, atomically: true, encoding: .utf8)
    let leaky = try sevk.resolve(
      id, ["--completed", "--pin-file", file, "--note", "it was PIN-FROM-THE-PANEL", "--yes"])
    #expect(leaky.code == 64)
    let done = try sevk.resolve(id, ["--completed", "--pin-file", file, "--note", "ticket 7", "--yes", "--json"])
    #expect(done.code == 0 && done.output.contains("\"to\":\"completed\""), "\(done.errors)")
    #expect(!(done.output + done.errors).contains("PIN-FROM"))
    let answer = try await sevk.call("GET", "/v1/orders/\(id)?include=pin")
    #expect(answer.json["pin"] as? String == "PIN-FROM-THE-PANEL")
    #expect(try await sevk.rows("SELECT reason FROM orders") == ["a person decided: it was delivered"])
    #expect(try await sevk.audit()["sends"] as? Int == 1)
    await sevk.stop()
  }

  /// The panel took the money and then never told what became of it: a yes is not enough to pay again.
  @Test func anAcceptedSendIsNotSentAgainByAYesAlone() async throws {
    let (sevk, id) = try await sent(["SEVK_CHECK_DEADLINE": "1s"])
    try await sevk.settled([id])
    let reference = try await sevk.rows("SELECT provider_reference FROM orders")[0]
    let flags = ["--not-received", "--note", "cancelled on the phone", "--yes"]
    let refused = try sevk.resolve(id, flags)
    #expect(refused.code == 64 && refused.errors.contains("--despite-acceptance"), "\(refused.errors)")
    for words in ["panel ACCEPTED send 1 (\(reference)) at ", " and took ", "PAYS TWICE", "may still be on its way"] {
      #expect(refused.output.contains(words), "\(refused.output)")
    }
    // script(1) is a terminal to the program.
    func typed(_ answer: String) throws -> ChildProgram.Result {
      let command = "\(Installation.binaries)/worker order resolve \(id) --not-received --note phone"
      return try ChildProgram.run(
        "/bin/sh", ["-c", "echo \(answer) | script -qec '\(command)' /dev/null"], environment: sevk.environment,
        folder: sevk.folder)
    }
    #expect(try typed("yes").code == 1)
    #expect(try await sevk.rows("SELECT who FROM audits").isEmpty)
    #expect(try await sevk.audit()["sends"] as? Int == 1)

    let done = try sevk.resolve(id, flags + ["--despite-acceptance", "--json"])
    #expect(done.code == 0, "\(done.errors)")
    while try await sevk.rows("SELECT status FROM orders") != ["held"] {}
    let second = try sevk.resolve(id, flags)
    #expect(second.code == 64 && second.output.contains("ACCEPTED send 1") && second.output.contains("ACCEPTED send 2"))
    let took = try await sevk.rows("SELECT (sum(cost)::numeric(18,2))::text FROM attempts")[0]
    #expect(second.output.contains("at stake  \(took): "), "\(second.output)")
    let show = try sevk.require("worker", ["order", "show", id])
    #expect(show.contains("was accepted; a person said it was not received"), "\(show)")
    await sevk.stop()
  }

  /// Two customers must not hold one code, whoever typed it.
  @Test func thePinOfAnotherOrderIsRefused() async throws {
    let (sevk, id) = try await held()
    var (player, other, pin) = (1, "", "")
    // The panel's PINs are random, and a word without a digit is compared with nothing.
    while !pin.contains(where: \.isNumber) {
      player += 1
      other = try await sevk.post(player: player)
      try await sevk.settled([other])
      pin = try #require(try await sevk.call("GET", "/v1/orders/\(other)?include=pin").json["pin"] as? String)
    }
    let file = sevk.folder + "/pin.txt"
    try pin.write(toFile: file, atomically: true, encoding: .utf8)
    let refused = try sevk.resolve(id, ["--completed", "--pin-file", file, "--note", "ticket 7", "--yes"])
    #expect(refused.code == 1, "\(refused.output)")
    #expect(refused.errors.contains("this is the PIN of order \(other)"), "\(refused.errors)")
    #expect(refused.errors.contains("nothing was changed") && !refused.errors.contains(pin))
    #expect(try await sevk.rows("SELECT who FROM audits").isEmpty)
    #expect(try await sevk.rows("SELECT status FROM orders WHERE id = '\(id)'") == ["held"])
    await sevk.stop()
  }

  @Test func failedByAPersonGoesByWayOfHeld() async throws {
    let (sevk, id) = try await sent()
    let refused = try sevk.resolve(id, ["--not-received", "--note", "x", "--yes"])
    #expect(refused.code == 1 && refused.errors.contains("--failed"))
    let done = try sevk.resolve(id, ["--failed", "--note", "cancelled on the phone", "--yes"])
    #expect(done.code == 0, "\(done.errors)")
    let events = try await sevk.events { $0.contains { $0.type == "sevk.order.failed" } }
    #expect(
      events.map(\.type) == ["sevk.order.created", "sevk.order.sent", "sevk.order.held", "sevk.order.failed"])
    #expect(events.map(\.sequence) == events.map(\.sequence).sorted())
    #expect(try await sevk.rows("SELECT from_status || to_status FROM audits") == ["sentfailed"])
    // Its check went with it, or ends by itself where it was being run, or planned, at that moment.
    while try !sevk.require("worker", ["job", "list", "--queue", "check"]).contains("no such jobs") {
      try Task.checkCancellation()
    }
    await sevk.stop()
  }

  @Test func anUnresolvedOrderIsSettledWithoutWaiting() async throws {
    let sevk = try await Installation.make(
      panel: ["--fault", "drop-request=#1"], environment: ["SEVK_CHECK_FIRST_DELAY": "1h", "SEVK_CHECK_BACKOFF": "1h"])
    try await sevk.startAll()
    let id = try await sevk.post(player: 1)
    _ = try await sevk.events { $0.contains { $0.type == "sevk.order.unresolved" } }
    let done = try sevk.resolve(id, ["--not-received", "--note", "not there", "--yes"])
    #expect(done.code == 0, "\(done.errors)")
    _ = try await sevk.timeline(of: id) { $0.last == "sent" }
    #expect(try await sevk.audit()["sends"] as? Int == 2)
    #expect(try await sevk.rows("SELECT from_status || to_status FROM audits") == ["unresolvedpending"])
    await sevk.stop()
  }

  /// The order moves while the person's command is under way: the fence lets nothing through.
  @Test func aConflictWritesNothing() async throws {
    let (sevk, id) = try await held()
    let pool = PostgresPool(url: sevk.databaseURL, connectionsMax: 1)
    // Holds the row until the command waits for it, and then commits another move.
    async let mover: Void = pool.script(
      """
      UPDATE orders SET came_from = 'held', status = 'failed', version = version + 1 WHERE id = '\(id)';
      DO $$ BEGIN
        WHILE NOT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))) LOOP
          PERFORM pg_sleep(0.01);
        END LOOP;
      END $$;
      """)
    let command = try sevk.spawn(
      "worker", ["order", "resolve", id, "--not-received", "--note", "too late", "--yes"])
    try await mover
    #expect(command.wait().code == 1)
    #expect(command.errors.contains("nothing was changed") && command.errors.contains("failed"))
    #expect(try await sevk.rows("SELECT who FROM audits").isEmpty)
    #expect(try await sevk.rows("SELECT status FROM orders") == ["failed"])
    #expect(try await sevk.audit()["sends"] as? Int == 1)
    await pool.close()
    await sevk.stop()
  }

  @Test func retryAndCancelRefuseWhatIsUnknown() async throws {
    let (sevk, id) = try await held()
    let reference = try await sevk.rows("SELECT provider_reference FROM orders")[0]
    for what in ["retry", "cancel"] {
      let refused = try sevk.command("worker", ["order", what, id, "--yes"])
      #expect(refused.code == 1)
      #expect(refused.errors.contains(reference) && refused.errors.contains("--not-received"), "\(refused.errors)")
    }
    #expect(try await sevk.rows("SELECT status FROM orders") == ["held"])
    #expect(try await sevk.rows("SELECT who FROM audits").isEmpty)
    #expect(try await sevk.audit()["sends"] as? Int == 1)

    // The same order with a proof of its send is sent again.
    _ = try await sevk.rows("UPDATE attempts SET state = 'not_sent' RETURNING state")
    try sevk.require("worker", ["order", "retry", id, "--yes", "--by", "ali"])
    _ = try await sevk.timeline(of: id) { $0.last == "completed" }
    #expect(try sevk.require("worker", ["order", "timeline", id]).contains("retried by ali"))
    await sevk.stop()
  }

  @Test func onATerminalAPersonIsAsked() async throws {
    let (sevk, id) = try await held()
    // script(1) is a terminal to the program.
    func typed(_ answer: String) throws -> ChildProgram.Result {
      let command = "\(Installation.binaries)/worker order resolve \(id) --failed --note phone --by eda"
      return try ChildProgram.run(
        "/bin/sh", ["-c", "echo \(answer) | script -qec '\(command)' /dev/null"], environment: sevk.environment,
        folder: sevk.folder)
    }
    let no = try typed("no")
    #expect(no.code == 1 && no.output.contains("Type yes") && no.output.contains("nothing was changed"), "\(no.output)")
    #expect(try await sevk.rows("SELECT status FROM orders") == ["held"])
    let yes = try typed("yes")
    #expect(yes.code == 0 && yes.output.contains("noted as decided by eda"), "\(yes.output)")
    #expect(try await sevk.rows("SELECT status FROM orders") == ["failed"])
    await sevk.stop()
  }

  @Test func aWaitingOrderIsHurriedOrCancelled() async throws {
    let sevk = try await Installation.make(environment: ["SEVK_CHECK_BACKOFF_MAX": "2h"])
    try await sevk.startAll()
    try sevk.require("worker", ["queue", "pause", "dispatch"])
    let ids = [try await sevk.post(player: 1), try await sevk.post(player: 2)]
    _ = try await sevk.rows("UPDATE orders SET due_at = now() + interval '1 hour' RETURNING status")
    // Who took them in need not read them to send them, and would not see what was written by hand.
    await sevk.process("dispatcher")?.stop(grace: .seconds(20))
    try await sevk.start("dispatcher")
    try sevk.require("worker", ["queue", "resume", "dispatch"])
    // Taken and put off: both are in delayed now.
    while try !sevk.require("worker", ["queue", "list", "--json"]).contains("\"delayed\":2") {}
    try sevk.require("worker", ["order", "cancel", ids[1], "--yes", "--note", "changed their mind"])
    try sevk.require("worker", ["order", "retry", ids[0], "--yes"])
    let events = try await sevk.settled(ids)
    #expect(events.last { $0.subject == ids[0] }?.type == "sevk.order.completed")
    #expect(events.last { $0.subject == ids[1] }?.type == "sevk.order.cancelled")
    #expect(try await sevk.audit()["sends"] as? Int == 1)
    #expect(try await sevk.rows("SELECT what FROM audits ORDER BY id") == ["cancel", "retry"])
    let healthy = try sevk.command("worker", ["doctor"])
    #expect(healthy.code == 0, "\(healthy.output)")
    await sevk.stop()
  }
}

extension Installation {
  func resolve(_ id: String, _ flags: [String]) throws -> ChildProgram.Result {
    try command("worker", ["order", "resolve", id] + flags)
  }

  /// The first column of what a statement returns.
  func rows(_ sql: String) async throws -> [String] {
    let pool = PostgresPool(url: databaseURL, connectionsMax: 1)
    let rows = try await pool.run(PostgresStatement(name: "", sql: sql), [])
    let texts = try rows.map { try $0.text(0) }
    await pool.close()
    return texts
  }

  /// Delivers every order at the panel.
  func settleAtPanel() async throws {
    for order in try await audit()["orders"] as? [[String: Any]] ?? [] {
      let reference = order["reference"] as? String ?? ""
      try await post(panelPath: "/_settle", #"{"reference":"\#(reference)","state":"completed"}"#)
    }
  }
}
