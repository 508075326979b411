import CrashPoints
import Foundation
import PrivateServers
import TestSupport
import Testing

@testable import Chaos

/// The real programs die at each point of an order's way, and new ones go on from there.
@Suite(.serialized, .timeLimit(.minutes(2)))
struct CrashPointTests {
  /// What a test does at a point, and what must come of the order.
  struct Way: Sendable, CustomTestStringConvertible {
    let point: CrashPoint
    var panel: [String] = []
    var provider: [String] = []
    var environment: [String: String] = [:]
    /// As ``Installation/checkSettled(_:player:story:sends:)`` takes it.
    var story = ["created", "sent", "completed"]
    var sends = 1
    var testDescription: String { point.rawValue + (provider.isEmpty ? "" : ", trusting") }

    static let unresolved = ["created", "unresolved", "completed"]
  }

  static let ways: [Way] = [
    Way(point: .intakeJudged), Way(point: .intakeRecorded), Way(point: .intakeAnnounced),
    Way(point: .sendClaimed), Way(point: .sendAllowed),
    // Nothing left, but only the dead process knew that: a person is asked, or the control question.
    Way(
      point: .sendIntended, environment: ["SEVK_CHECK_DEADLINE": "1s"], story: ["created", "unresolved", "held"],
      sends: 0),
    Way(point: .sendUnanswered, panel: ["--fault", "stall=1"], story: Way.unresolved),
    Way(point: .sendAnswered, story: Way.unresolved),
    Way(point: .sendRecorded), Way(point: .sendPlanned),
    Way(point: .checkClaimed), Way(point: .checkAllowed), Way(point: .checkAnswered), Way(point: .checkRecorded),
    Way(point: .checkPostponed, panel: ["--complete-after", "1s"]),
    Way(point: .jobsMoved), Way(point: .eventsRead), Way(point: .eventsPublished),
  ]

  @Test(arguments: ways)
  func anOrderGoesOnFromWhereAProcessDied(_ way: Way) async throws {
    let sevk = try await Installation.make(
      panel: way.panel, provider: way.provider, environment: way.environment)
    let dying = try await start(sevk, way.point, "SEVK_CRASH_AT")
    let answer = await sevk.tryToPost(player: 1)
    #expect(try await sevk.end(of: dying) == -SIGKILL)
    #expect(dying.errors.contains("at \(way.point.rawValue)"), "\(dying.errors)")
    if [.intakeJudged, .intakeRecorded].contains(way.point) { #expect(answer == nil) }
    try await sevk.passTime()

    try await sevk.start(way.point.program)
    // Upstream repeats what it got no answer to; here it does so in any case.
    let again = try await sevk.call("POST", "/v1/orders", body: Installation.order(player: 1), key: "key-1")
    #expect(again.status == (way.point == .intakeJudged ? 201 : 200))
    let id = try #require(again.json["id"] as? String)
    if let answer { #expect(answer == id) }
    try await sevk.checkSettled(id, player: 1, story: way.story, sends: way.sends)
    if way.point == .eventsPublished {
      let events = try await sevk.events { !$0.isEmpty }
      #expect(Set(events.map(\.sequence)).count < events.count, "what was not marked is published again")
    }
    await sevk.stop()
  }

  /// Where ops trust the control question, an order whose request never left is sent again, once; and so it is when the
  /// worker that proved it dies before it could say so to Redis.
  @Test(arguments: [CrashPoint.sendIntended, .resendRecorded])
  func whatProvablyNeverLeftIsSentOnce(_ point: CrashPoint) async throws {
    let sevk = try await Installation.make(provider: Installation.trusting)
    try await sevk.skipTicks()
    try await sevk.startAll()
    // An earlier order that went well is needed to compare with.
    try await sevk.settled([try await sevk.post(player: 1)])
    let dead = try #require(sevk.process(point.program))
    dead.signal(SIGTERM)
    #expect(try await sevk.end(of: dead) == 0)

    let dying = try await sevk.start(point.program, environment: ["SEVK_CRASH_AT": point.rawValue])
    if point == .resendRecorded { try await sevk.setFaults("{\"drop-request\":\"#1\"}") }
    let id = try await sevk.post(player: 2)
    #expect(try await sevk.end(of: dying) == -SIGKILL)
    try await sevk.passTime()
    try await sevk.start(point.program)
    try await sevk.checkSettled(id, player: 2, story: Way.unresolved)
    #expect(try await sevk.references(of: id).count == 2)
    // The next worker planned the send; nobody had to wait for the rebuild of each minute.
    if point == .resendRecorded { #expect(!sevk.logs.contains("jobs were missing")) }
    await sevk.stop()
  }

  /// A dispatcher died after it had noted the answer, and its job comes to another that has long been running.
  @Test func whoeverGetsTheJobPlansTheQuestion() async throws {
    let sevk = try await Installation.make(environment: ["SEVK_LEASE": "4s"])
    try await sevk.skipTicks()
    try await sevk.start("scheduler")
    let dying = try await sevk.start("dispatcher", environment: ["SEVK_CRASH_AT": "send-recorded"])
    let id = try await sevk.post(player: 1)
    #expect(try await sevk.end(of: dying) == -SIGKILL)
    let heir = try await sevk.start("dispatcher")
    // What the heir rebuilt at its start is taken away, so that only the dead dispatcher's job is left.
    try await sevk.waitForLog("jobs were missing and are back", of: heir)
    try sevk.require("worker", ["queue", "purge", "check", "--yes"])
    try await sevk.start("worker")
    try await sevk.checkSettled(id, player: 1, story: ["created", "sent", "completed"])
    let rebuilds = sevk.logs.components(separatedBy: "jobs were missing").count - 1
    #expect(rebuilds == 1, "the heir's at its start, and no later one")
    await sevk.stop()
  }

  /// The rebuild is what takes up an order that has no job; whoever dies in the middle of it is followed by the next.
  @Test(arguments: [CrashPoint.openOrdersRead, .tickClaimed])
  func theRebuildIsBegunAgain(_ point: CrashPoint) async throws {
    let sevk = try await Installation.make()
    let dying = try await sevk.start("dispatcher", environment: ["SEVK_CRASH_AT": "intake-recorded"])
    #expect(await sevk.tryToPost(player: 1) == nil)
    #expect(try await sevk.end(of: dying) == -SIGKILL)
    for program in point == .openOrdersRead ? ["dispatcher", "scheduler"] : ["scheduler"] {
      let next = try sevk.spawn(program, ["run"], environment: ["SEVK_CRASH_AT": point.rawValue])
      #expect(try await sevk.end(of: next) == -SIGKILL)
    }
    try await sevk.passTime()
    try await sevk.startAll()
    // Nobody repeats the post: the order was recorded, and that is enough.
    let orders = try await sevk.call("GET", "/v1/orders?reference=shop-1").json["orders"] as? [[String: Any]]
    let id = try #require(orders?.first?["id"] as? String)
    try await sevk.checkSettled(id, player: 1, story: ["created", "sent", "completed"])
    await sevk.stop()
  }

  /// A process that is told to stop finishes what it began, and what it leaves is taken up: no answer is lost by it.
  @Test(arguments: [
    Way(point: .intakeRecorded), Way(point: .sendIntended),
    Way(point: .sendUnanswered, panel: ["--send-takes", "500ms"]),
    Way(point: .checkAnswered), Way(point: .checkPostponed, panel: ["--complete-after", "1s"]),
    Way(point: .eventsRead), Way(point: .eventsPublished),
  ])
  func aStopAtAPointLosesNothing(_ way: Way) async throws {
    let sevk = try await Installation.make(panel: way.panel)
    let stopping = try await start(sevk, way.point, "SEVK_TERM_AT")
    let answer = await sevk.tryToPost(player: 1)
    #expect(try await sevk.end(of: stopping) == 0, "\(stopping.errors)")
    #expect(stopping.errors.contains("at \(way.point.rawValue)"))
    try await sevk.start(way.point.program)
    let id = try #require(answer, "what was begun was answered")
    try await sevk.checkSettled(id, player: 1, story: way.story)
    await sevk.stop()
  }

  /// Starts the three programs, the one that passes the point with the variable set.
  private func start(_ sevk: Installation, _ point: CrashPoint, _ variable: String) async throws -> ChildProgram {
    for program in ["scheduler", "worker", "dispatcher"] where program != point.program {
      try await sevk.start(program)
    }
    return try await sevk.start(point.program, environment: [variable: point.rawValue])
  }

  @Test func everyPointIsTestedAndAFaultOfTheChaosRun() {
    #expect(Set(FaultKind.allCases.compactMap(\.crashPoint)) == Set(CrashPoint.allCases))
    let tested =
      Self.ways.map(\.point) + [.resendRecorded, .openOrdersRead, .tickClaimed]
      + SameReferenceTests.points
    #expect(Set(tested) == Set(CrashPoint.allCases))
  }

  /// To go on would make a test pass that tested nothing.
  @Test func aWrongNameIsRefused() async throws {
    let sevk = try await Installation.make()
    try await sevk.start("worker")
    let wrong = try await sevk.start("dispatcher", environment: ["SEVK_CRASH_AT": "send-claimd"])
    #expect(await sevk.tryToPost(player: 1) == nil)
    #expect(try await sevk.end(of: wrong) == 64)
    #expect(wrong.errors.contains("names no point"))
    await sevk.stop()
  }
}
