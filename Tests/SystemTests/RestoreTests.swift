import EventLoop
import Foundation
import Postgres
import Redis
import TestSupport
import Testing

/// `ops/backup` and `ops/restore`: what was sent after the backup is not in it, and must not be sent again because of that.
@Suite(.serialized, .timeLimit(.minutes(3)))
struct RestoreTests {
  @Test func aRestoredBackupSendsNothingTwice() async throws {
    let sevk = try await Installation.make()
    try await sevk.startAll()
    let delivered = try await sevk.post(player: 1)
    try await sevk.settled([delivered])
    try await sevk.setFaults(#"{"never-ends": 1}"#)
    let atPanel = try await sevk.post(player: 2)
    let late = try await sevk.post(player: 7)
    for id in [atPanel, late] { _ = try await sevk.timeline(of: id) { $0.last == "sent" } }
    // The queue stands still at once, while a process may not know of the provider's pause for two seconds.
    try sevk.require("worker", ["queue", "pause", "dispatch"])
    try sevk.require("worker", ["provider", "pause", "panel", "--note", "for the backup"])
    let waiting = try await sevk.post(player: 3)
    let sending = try await sevk.post(player: 4)
    for program in Self.programs { sevk.kill(program) }
    // An intent that was committed when its dispatcher died: the backup has it in `sending`.
    try await sevk.script(
      """
      UPDATE orders SET status = 'sending', came_from = 'pending', version = 2, attempt = 1, provider_id = 1,
        provider_reference = '1234567890123', sent_at = now() WHERE id = '\(sending)';
      INSERT INTO attempts VALUES ('\(sending)', 1, 1, '1234567890123', 'sending');
      -- Past its deadline: after the backup a person may have had it sent again under another reference.
      UPDATE orders SET sent_at = now() - interval '25 hours' WHERE id = '\(late)';
      """)
    let backup = try sevk.run("ops/backup", [sevk.folder])
    #expect(backup.code == 0, "\(backup.errors)")
    let file = try #require(backup.output.split(separator: ":").first.map(String.init))
    let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
    #expect(mode == 0o600)

    // Life goes on after the backup: what waited is sent, and a new order comes.
    try await sevk.resume()
    try await sevk.startAll()
    let unknownToTheBackup = try await sevk.post(player: 5)
    for id in [waiting, unknownToTheBackup] { _ = try await sevk.timeline(of: id) { $0.last == "sent" } }
    let sends = try #require(try await sevk.audit()["sends"] as? Int)
    for program in Self.programs { sevk.kill(program) }

    // The server is lost, and Redis with it.
    let inUse = try sevk.run("ops/restore", [file])
    #expect(inUse.code == 73 && inUse.errors.contains("not empty"), "\(inUse.errors)")
    _ = try await sevk.redis.client().command("FLUSHALL")
    sevk.setEnvironment("SEVK_DATABASE_URL", try await sevk.postgres.createDatabase())
    let whole = try Data(contentsOf: URL(fileURLWithPath: file))
    let torn = sevk.folder + "/torn.dump"
    try whole.dropLast(5).write(to: URL(fileURLWithPath: torn))
    let incomplete = try sevk.run("ops/restore", [torn])
    #expect(incomplete.code != 0 && incomplete.errors.contains("nothing was restored"), "\(incomplete.errors)")
    // Which finds the database as empty as it was.
    let restored = try sevk.run("ops/restore", [file])
    #expect(restored.code == 0, "\(restored.errors)")
    #expect(restored.output.contains("3 orders are held"), "\(restored.output)")
    try await sevk.startAll()

    // What the provider has goes on, by the reference that the backup knows.
    try await sevk.settleAtPanel()
    _ = try await sevk.timeline(of: atPanel) { $0.last == "completed" }
    #expect(try sevk.require("worker", ["order", "why", delivered]).contains("delivered"))
    for id in [waiting, sending, late] {
      let why = try sevk.require("worker", ["order", "why", id])
      #expect(why.contains("restored from a backup made at"), "\(why)")
      for choice in ["retry", "cancel"] {
        let refused = try sevk.command("worker", ["order", choice, id, "--yes"])
        #expect(refused.code != 0 && refused.errors.contains("may have it"), "\(choice): \(refused.errors)")
      }
    }
    // Nothing is sent, new orders neither, until a person has looked.
    let new = try await sevk.post(player: 6)
    #expect(try sevk.require("worker", ["order", "why", new]).contains("paused"))
    #expect(try sevk.require("worker", ["provider", "show", "panel"]).contains("restored from a backup"))
    #expect(try await sevk.audit()["sends"] as? Int == sends)

    // The panel's statement shows one as delivered, and nothing of the other.
    let seen = ["--note", "statement", "--yes"]
    let pin = sevk.folder + "/pin"
    try "PIN-3".write(toFile: pin, atomically: false, encoding: .utf8)
    try sevk.require("worker", ["order", "resolve", waiting, "--completed", "--pin-file", pin] + seen)
    try sevk.require("worker", ["order", "resolve", sending, "--not-received"] + seen)
    try await sevk.setFaults(#"{"never-ends": 0}"#)
    sevk.kill("dispatcher")
    try await sevk.resume()
    try await sevk.start("dispatcher")
    for id in [sending, new] { _ = try await sevk.timeline(of: id) { $0.last == "completed" } }
    let audit = try await sevk.audit()
    #expect(audit["sends"] as? Int == sends + 2)
    #expect((audit["doubles_by_player"] as? [Any])?.isEmpty == true)
    await sevk.stop()
  }

  @Test func aMoveOfStoppedProcessesHoldsNothing() async throws {
    let sevk = try await Installation.make()
    try await sevk.startAll()
    try sevk.require("worker", ["queue", "pause", "dispatch"])
    try sevk.require("worker", ["provider", "pause", "panel", "--note", "the move"])
    let waiting = try await sevk.post(player: 1)
    for program in Self.programs { sevk.kill(program) }
    let backup = try sevk.run("ops/backup", [sevk.folder])
    let file = try #require(backup.output.split(separator: ":").first.map(String.init))
    sevk.setEnvironment("SEVK_DATABASE_URL", try await sevk.postgres.createDatabase())
    let restored = try sevk.run("ops/restore", [file, "--nothing-ran-since"])
    #expect(restored.code == 0, "\(restored.errors)")
    try await sevk.resume()
    try await sevk.startAll()
    _ = try await sevk.timeline(of: waiting) { $0.last == "completed" }
    await sevk.stop()
  }

  private static let programs = ["dispatcher", "worker", "scheduler"]
}

extension Installation {
  /// Ends the pauses; with an empty Redis the orders that waited for that go on at once, not at their next look.
  fileprivate func resume() async throws {
    try require("worker", ["provider", "resume", "panel"])
    let client = try redis.client()
    _ = try await client.command("FLUSHALL")
    await client.close()
  }
}
