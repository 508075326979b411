import CrashPoints
import Foundation
import PrivateServers
import TestSupport
import Testing

/// A process is frozen at a point for longer than its lease, another one brings the order to its end, and the first comes
/// back: it must write nothing and send nothing.
@Suite(.serialized, .timeLimit(.minutes(2)))
struct ZombieTests {
  struct Freeze: Sendable, CustomTestStringConvertible {
    let point: CrashPoint
    var panel: [String] = []
    var story = ["created", "sent", "completed"]
    var testDescription: String { point.rawValue }
  }

  static let freezes = [
    Freeze(point: .intakeRecorded), Freeze(point: .sendClaimed), Freeze(point: .sendAllowed),
    Freeze(point: .sendIntended, story: CrashPointTests.Way.unresolved),
    Freeze(point: .sendUnanswered, panel: ["--send-takes", "500ms"], story: CrashPointTests.Way.unresolved),
    Freeze(point: .sendAnswered, story: CrashPointTests.Way.unresolved),
    Freeze(point: .checkAllowed), Freeze(point: .checkAnswered),
    Freeze(point: .eventsRead),
  ]

  @Test(arguments: freezes)
  func whoComesBackFindsThatOthersWentOn(_ freeze: Freeze) async throws {
    let sevk = try await Installation.make(panel: freeze.panel, provider: Installation.trusting)
    try await sevk.startAll()
    // An earlier order that went well, for what is proved not received by comparison.
    try await sevk.settled([try await sevk.post(player: 1)])
    let first = try #require(sevk.process(freeze.point.program))
    first.signal(SIGTERM)
    #expect(try await sevk.end(of: first) == 0)

    let zombie = try await sevk.start(freeze.point.program, environment: ["SEVK_STOP_AT": freeze.point.rawValue])
    async let posted = sevk.tryToPost(player: 2)
    try await sevk.waitUntilFrozen(zombie)
    try await sevk.passTime()
    try await sevk.start(freeze.point.program)
    let again = try await sevk.call("POST", "/v1/orders", body: Installation.order(player: 2), key: "key-2")
    #expect(again.status == 200)
    let id = try #require(again.json["id"] as? String)
    try await sevk.checkSettled(id, player: 2, story: freeze.story)
    let before = try await traces(of: id, sevk)

    zombie.signal(SIGCONT)
    // It stops when the job that it still thinks it has is over: after that it can do nothing more.
    zombie.signal(SIGTERM)
    #expect(try await sevk.end(of: zombie) == 0, "\(zombie.errors)")
    let answered = await posted
    #expect(answered == id)
    #expect(try await traces(of: id, sevk) == before)
    #expect(before.sends == 2, "one for each order")
    await sevk.stop()
  }

  /// Everything that a zombie could have changed.
  struct Traces: Equatable {
    let story: String
    let order: String
    let events: [String]
    /// Requests to send that came to the panel, whatever it said to them.
    let sends: Int
    let spent: String
  }

  private func traces(of id: String, _ sevk: Installation) async throws -> Traces {
    let audit = try await sevk.audit()
    return Traces(
      story: try sevk.require("worker", ["order", "timeline", id]),
      order: try await sevk.call("GET", "/v1/orders/\(id)").text,
      events: try await sevk.events { !$0.isEmpty }.map(\.text),
      sends: try #require(audit["sends"] as? Int), spent: try #require(audit["spent"] as? String))
  }
}
