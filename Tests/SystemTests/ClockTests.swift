import CrashPoints
import EventLoop
import Foundation
import PrivateServers
import TestSupport
import Testing

/// Clocks that step, and machines that stand still.
@Suite(.serialized, .timeLimit(.minutes(2)))
struct ClockTests {
  /// A virtual machine that was paused between intent and send: only the wall clock, which is set after it, tells. Others
  /// may have taken the order up meanwhile, so no byte leaves.
  @Test func aPausedMachineDoesNotSendWhenItWakes() async throws {
    let sevk = try await Installation.make()
    let shim = "\(sevk.folder)/shim"
    try Data(count: 16).write(to: URL(fileURLWithPath: shim))
    for program in ["scheduler", "worker"] { try await sevk.start(program) }
    let point = CrashPoint.sendIntended.rawValue
    let paused = try await sevk.start(
      "dispatcher",
      environment: [
        "SEVK_STOP_AT": "\(point):1", "LD_PRELOAD": "\(Installation.binaries)/libChaosShim.so", "CHAOS_SHIM": shim,
      ])
    async let posted = sevk.tryToPost(player: 1)
    try await sevk.waitUntilFrozen(paused)
    let file = try FileHandle(forWritingTo: URL(fileURLWithPath: shim))
    try file.write(contentsOf: withUnsafeBytes(of: Int64(3_600_000_000_000)) { Data($0) })
    paused.signal(SIGCONT)
    let answered = await posted
    let id = try #require(answered)
    try await sevk.settled([id])
    let story = try sevk.require("worker", ["order", "timeline", id])
    #expect(story.contains("this process was held up between deciding and sending"), "\(story)")
    #expect(try await sevk.audit()["sends"] as? Int == 1, "it is sent once, by the second intent")
    #expect(try await sevk.references(of: id).count == 2)
    await sevk.stop()
  }

  /// PostgreSQL's clock steps a day ahead: every order at a provider is asked about as before.
  @Test func aDatabaseADayAheadHoldsNothing() async throws {
    let sevk = try await Installation.make(panel: ["--fault", "never-ends=1"])
    try await sevk.startAll()
    let id = try await sevk.post(player: 1)
    _ = try await sevk.events { $0.contains { $0.type == "sevk.order.sent" } }
    _ = try await sevk.rows(
      "UPDATE orders SET sent_at = sent_at - interval '30 hours', created_at = created_at - interval '30 hours'")
    let before = try await sevk.audit()["queries"] as? Int ?? 0
    while try await sevk.audit()["queries"] as? Int ?? 0 < before + 4 {}
    #expect(try await sevk.call("GET", "/v1/orders/\(id)").json["status"] as? String == "sent")
    try await sevk.post(
      panelPath: "/_settle", "{\"reference\": \"\(try await sevk.references(of: id)[0])\", \"state\": \"completed\"}")
    try await sevk.settled([id])
    #expect(try await sevk.call("GET", "/v1/orders/\(id)").json["status"] as? String == "completed")
    await sevk.stop()
  }

  /// An order that waited for days, and whose first send does not leave, is tried again: it was never late by itself.
  @Test func whatWaitedForLongIsNotHeldAtItsFirstTry() async throws {
    let sevk = try await Installation.make()
    try sevk.require("dispatcher", ["provider", "set", "panel", "--base-url", "http://127.0.0.1:1"])
    try sevk.require("worker", ["provider", "pause", "panel"])
    try await sevk.startAll()
    let id = try await sevk.post(player: 1)
    _ = try await sevk.rows("UPDATE orders SET created_at = created_at - interval '3 days'")
    try sevk.require("worker", ["provider", "resume", "panel"])
    while try await sevk.references(of: id).isEmpty {}
    while try await sevk.call("GET", "/v1/orders/\(id)").json["status"] as? String == "sending" {}
    #expect(try await sevk.call("GET", "/v1/orders/\(id)").json["status"] as? String == "pending")
    try sevk.require("dispatcher", ["provider", "set", "panel", "--base-url", "http://\(sevk.panel)", "--yes"])
    try await sevk.settled([id])
    #expect(try await sevk.call("GET", "/v1/orders/\(id)").json["status"] as? String == "completed")
    await sevk.stop()
  }
}
