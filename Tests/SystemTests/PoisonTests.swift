import Foundation
import PrivateServers
import Redis
import TestSupport
import Testing

/// An order that ends whatever process works on it: a person gets it, and the others flow on.
@Suite(.serialized, .timeLimit(.minutes(3)))
struct PoisonTests {
  private static let poisonous = 13

  @Test func anOrderThatEndsItsSendersIsHeldAndTheRestFlowsOn() async throws {
    let sevk = try await installation(sabotage: "crash-on:dispatch:\(Self.poisonous)")
    // All in one claim, so that each death is everybody's.
    try sevk.require("worker", ["queue", "pause", "dispatch"])
    var ids: [String] = []
    for player in 1...20 { ids.append(try await sevk.post(player: player)) }
    try sevk.require("worker", ["queue", "resume", "dispatch"])
    try await restart("dispatcher", deaths: 3, sevk)
    try await sevk.settled(ids)
    #expect(try await notCompleted(sevk) == ["held \(Self.poisonous)"])
    #expect(
      try await sevk.rows("SELECT number FROM attempts a JOIN orders o ON o.id = a.order_id WHERE \(isPoison)") == [])
    let why = try sevk.require("worker", ["order", "why", "shop-\(Self.poisonous)"])
    for words in ["3 processes died", "never sent", "worker order retry"] { #expect(why.contains(words), "\(why)") }

    // What is rebuilt from PostgreSQL does not bring it back.
    _ = try await sevk.redis.client().command("FLUSHALL")
    _ = try await sevk.timeline(of: try await sevk.post(player: 200)) { $0.last == "completed" }
    #expect(try await notCompleted(sevk) == ["held \(Self.poisonous)"])
    try await retryMended(sevk, ids[Self.poisonous - 1])
    #expect((try await sevk.audit()["doubles_by_player"] as? [Any])?.isEmpty == true)
    await sevk.stop()
  }

  @Test func anOrderThatEndsWhoAsksAboutItIsHeld() async throws {
    let sevk = try await installation(sabotage: "crash-on:check:\(Self.poisonous)")
    try sevk.require("worker", ["queue", "pause", "check"])
    var ids: [String] = []
    for player in 10...15 { ids.append(try await sevk.post(player: player)) }
    for id in ids { _ = try await sevk.timeline(of: id) { $0.last == "sent" } }
    try sevk.require("worker", ["queue", "resume", "check"])
    try await restart("worker", deaths: 3, sevk)
    try await sevk.settled(ids)
    #expect(try await notCompleted(sevk) == ["held \(Self.poisonous)"])
    let why = try sevk.require("worker", ["order", "why", "shop-\(Self.poisonous)"])
    for words in ["3 processes died", "may have delivered", "worker order resolve"] { #expect(why.contains(words)) }

    // Told once: its dead job is no matter of its own, and not one of an order that is gone.
    let doctor = try sevk.command("worker", ["doctor"]).output
    #expect(doctor.contains("its order is held") && doctor.contains("then worker job delete ID"), "\(doctor)")
    #expect(doctor.components(separatedBy: ids[3]).count == 2, "\(doctor)")

    let refused = try sevk.command("worker", ["order", "retry", ids[3], "--yes"])
    #expect(refused.code == 1 && refused.errors.contains("may have it"), "\(refused.errors)")
    let done = try sevk.resolve(ids[3], ["--completed", "--note", "seen on the panel", "--yes"])
    #expect(done.code == 0, "\(done.errors)")
    #expect(try await notCompleted(sevk) == [])
    await sevk.stop()
  }

  /// Each death leaves a lost send behind, which is proved not received: without a count it would go on for a day.
  @Test func anOrderThatEndsItsSendersAfterTheIntentIsNotSentForEver() async throws {
    let sevk = try await installation(sabotage: "crash-on:send:\(Self.poisonous)")
    let id = try await sevk.post(player: Self.poisonous)
    try await restart("dispatcher", deaths: 3, sevk)
    _ = try await sevk.timeline(of: id) { $0.last == "held" }
    let states = try await sevk.rows(
      "SELECT state FROM attempts a JOIN orders o ON o.id = a.order_id WHERE \(isPoison) ORDER BY number")
    #expect(states == ["not_received", "not_received", "not_received"])
    let why = try sevk.require("worker", ["order", "why", id])
    for words in ["3 processes died while sending it", "proved not received"] { #expect(why.contains(words), "\(why)") }
    #expect(try await sevk.audit()["sends"] as? Int == 1, "only the first order of the test reached the panel")
    try await retryMended(sevk, id)
    #expect(try await sevk.audit()["sends"] as? Int == 2)
    await sevk.stop()
  }

  // MARK: Parts

  private let isPoison = "o.fields ->> 'player_id' = '\(PoisonTests.poisonous)'"

  /// With one order delivered already, without which "not found" would prove nothing.
  private func installation(sabotage: String) async throws -> Installation {
    let sevk = try await Installation.make(
      provider: ["--trust-not-found-after", "1s"], environment: ["SEVK_SABOTAGE": sabotage])
    try await sevk.startAll()
    try await sevk.settled([try await sevk.post(player: 100)])
    return sevk
  }

  /// Starts a program again each time it was killed.
  private func restart(_ program: String, deaths: Int, _ sevk: Installation) async throws {
    for death in 1...deaths {
      let process = try #require(sevk.process(program))
      #expect(process.wait().code == -SIGKILL, "death \(death): \(process.errors)")
      if death < deaths { _ = try sevk.spawn(program, ["run"]) }
    }
    try await sevk.start(program)
  }

  private func notCompleted(_ sevk: Installation) async throws -> [String] {
    try await sevk.rows(
      "SELECT status || ' ' || (fields ->> 'player_id') FROM orders WHERE status <> 'completed' ORDER BY id")
  }

  /// The dispatcher outlived the held order; one without the mistake sends it.
  private func retryMended(_ sevk: Installation, _ id: String) async throws {
    let process = try #require(sevk.process("dispatcher"))
    process.signal(SIGTERM)
    #expect(process.wait().code == 0)
    sevk.setEnvironment("SEVK_SABOTAGE", nil)
    try await sevk.start("dispatcher")
    try sevk.require("worker", ["order", "retry", id, "--note", "mended", "--yes"])
    _ = try await sevk.timeline(of: id) { $0.last == "completed" }
  }
}
