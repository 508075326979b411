import Foundation
import Jobs
import PrivateServers
import TestSupport
import Testing

@testable import Chaos

/// The checker must be able to fail: each broken promise is forged, and must be found under its own name.
struct ChaosCheckerTests {
  /// Two orders, one delivered and one refused by the panel, with nothing wrong.
  static let good: Evidence = {
    var evidence = Evidence()
    evidence.posts = [
      .init(key: "k1", player: "1", ids: ["a"], refusal: nil),
      .init(key: "k2", player: "2", ids: ["b", "b"], refusal: nil),
    ]
    evidence.orders = [
      .init(id: "a", key: "k1", status: "completed", reason: nil, cost: 100, hasNextCheck: false),
      .init(id: "b", key: "k2", status: "failed", reason: "cancelled", cost: nil, hasNextCheck: false),
    ]
    evidence.attempts = [.init(order: "a", number: 1, reference: "11"), .init(order: "b", number: 1, reference: "22")]
    evidence.panel = [
      .init(reference: "11", player: "1", state: "completed", pin: "P1", amount: 100, sends: 1, debits: 1, credits: 0),
      .init(reference: "22", player: "2", state: "cancelled", pin: "P2", amount: 100, sends: 1, debits: 1, credits: 1),
    ]
    evidence.panelSpent = 100
    evidence.pins = ["a": "P1"]
    for order in ["a", "b"] {
      for (version, type) in [(1, "created"), (2, nil), (3, "sent"), (4, "end")] {
        evidence.events.append(.init(order: order, version: version, type: type, isPublished: type != nil))
        if type != nil { evidence.deliveries.append(.init(order: order, sequence: version)) }
      }
    }
    evidence.endings = [.init(process: "worker-1.1", how: "signal 9", problem: nil)]
    return evidence
  }()

  @Test func nothingIsFoundWhereNothingIsWrong() {
    #expect(Checker(Self.good).violations == [])
    var again = Self.good
    // At least once: a repetition is allowed, wherever it stands.
    again.deliveries += again.deliveries
    #expect(Checker(again).violations == [])
  }

  struct Forgery: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let kinds: Set<Checker.Violation.Kind>
    let forge: @Sendable (inout Evidence) -> Void
    init(_ name: String, _ kinds: Set<Checker.Violation.Kind>, _ forge: @escaping @Sendable (inout Evidence) -> Void) {
      (testDescription, self.kinds, self.forge) = (name, kinds, forge)
    }
  }

  static let forgeries: [Forgery] = [
    Forgery("an accepted order is gone", [.lost, .money]) { $0.orders.remove(at: 0) },
    Forgery("an accepted order was never answered", [.lost]) { $0.posts[1].ids = [] },
    Forgery("an order that nobody posted", [.unexpected]) { $0.posts.removeLast() },
    Forgery("an order waited for nothing", [.needlessWait]) { $0.needlessWaits = ["order a has been pending for 9 s"] },
    Forgery("a valid order was refused", [.refused]) { $0.posts[1].refusal = "422" },
    Forgery("one key, two orders", [.doubled, .lost]) { $0.posts[1].ids = ["a", "b"] },
    Forgery("a reference sent twice", [.doubled, .money]) {
      $0.panel[0].sends = 2
      $0.panelSpent = 200
    },
    Forgery("a player debited under two references", [.doubled, .money]) {
      $0.attempts.append(.init(order: "a", number: 2, reference: "12"))
      $0.panel.append(
        .init(reference: "12", player: "1", state: "completed", pin: "P1", amount: 100, sends: 1, debits: 1, credits: 0)
      )
      $0.panelSpent = 200
    },
    Forgery("a send that no attempt knows", [.unknownToUs]) { $0.attempts.removeLast() },
    Forgery("failed, and delivered", [.falselyFailed, .money]) { $0.panel[1].state = "completed" },
    Forgery("failed, and still waiting there", [.falselyFailed, .money]) { $0.panel[1].state = "waiting" },
    Forgery("completed, and not delivered", [.falselyCompleted, .money]) { $0.panel[0].state = "cancelled" },
    Forgery("another order's PIN", [.wrongPin]) { $0.pins["a"] = "P2" },
    Forgery("a PIN that is not there", [.wrongPin]) { $0.pins = [:] },
    Forgery("a cost that is not the panel's", [.money]) { $0.orders[0].cost = 99 },
    Forgery("money that left without an order", [.money]) { $0.panelSpent = 200 },
    Forgery("held although the panel says what became of it", [.needlesslyHeld]) {
      $0.orders[1].status = "held"
    },
    Forgery("held without a reason", [.unsettled]) {
      $0.orders[1] = .init(id: "b", key: "k2", status: "held", reason: nil, cost: nil, hasNextCheck: false)
      $0.panel.removeLast()
    },
    Forgery("unresolved without a next check", [.unsettled]) {
      $0.orders[1].status = "unresolved"
      $0.panel.removeLast()
    },
    Forgery("left on the way", [.unsettled]) { $0.orders[1].status = "sending" },
    Forgery("an event not published", [.events]) { $0.events[2].isPublished = false },
    Forgery("a change without an event", [.events]) { $0.events.remove(at: 1) },
    Forgery("marked published, never in the stream", [.events]) { $0.deliveries.remove(at: 1) },
    Forgery("events out of order", [.order]) { $0.deliveries.swapAt(1, 2) },
    Forgery("a process that crashed", [.crash]) { $0.endings[0].problem = "nobody asked for that" },
    Forgery("a secret in a log", [.leak]) { $0.leaks = ["worker.1:7 holds a secret"] },
    Forgery("one PIN for two customers", [.sharedPin]) { evidence in
      evidence.orders[1] = .init(
        id: "b", key: "k2", status: "completed", reason: nil, cost: 100, hasNextCheck: false)
      (evidence.panel[1].state, evidence.panel[1].credits, evidence.panel[1].pin) = ("completed", 0, "P1")
      (evidence.panelSpent, evidence.pins["b"]) = (200, "P1")
    },
    Forgery("held for a PIN that nobody else got", [.needlesslyHeld, .money]) { evidence in
      evidence.orders[1].status = "held"
      (evidence.panel[1].state, evidence.panel[1].credits) = ("completed", 0)
    },
    Forgery("cancelled, and the panel had it", [.sentThoughCancelled]) {
      $0.orders[1].status = "cancelled"
      $0.posts[1].cancel = .confirmed
    },
    Forgery("cancelled, and nobody asked for it", [.falselyCancelled]) {
      $0.orders[1].status = "cancelled"
      $0.panel.removeLast()
    },
    Forgery("told that it is cancelled, and delivered", [.falselyCancelled]) { $0.posts[0].cancel = .confirmed },
    Forgery("told that it is too late, and cancelled", [.falselyCancelled]) {
      $0.orders[1].status = "cancelled"
      $0.panel.removeLast()
      $0.posts[1].cancel = .refused
    },
    Forgery("cancelled at the panel, never completed there", [.falselyCompleted, .money]) {
      ($0.panel[0].state, $0.panel[0].credits) = ("cancelled", 1)
    },
    Forgery("a double debit that no alarm noticed", [.silentDebit]) {
      $0 = bookedTwice($0)
    },
    Forgery("money that left beside a double debit", [.money]) {
      $0 = bookedTwice($0)
      $0.alarms = [300]
      $0.panelSpent += 1
    },
    Forgery("alarms of more than was booked twice", [.falseAlarm]) {
      $0 = bookedTwice($0)
      $0.alarms = [300, 389_883_488]
    },
    Forgery("alarms where nothing was booked twice", [.falseAlarm]) { $0.alarms = [1] },
    Forgery("neither the debit nor the cost told", [.money]) {
      $0.panel[0].costTold = 200
      $0.orders[0].cost = 150
    },
    Forgery("told that a refund is safe, and delivered", [.refund]) { $0.posts[0].claims = ["unknown", "yes"] },
    Forgery("sent after its refund was claimed", [.sentAfterClaim]) { $0.orders[1].claimedAtVersion = 1 },
    Forgery("contested without a reason", [.unsettled]) {
      $0.orders[1] = .init(id: "b", key: "k2", status: "contested", reason: nil, cost: nil, hasNextCheck: false)
    },
    Forgery("an order shown to another tenant", [.tenancy]) { $0.foreignAnswers = ["GET of order a was answered 200"] },
    Forgery("nonsense that was accepted", [.badRequest]) {
      $0.badRequests = [.init(name: "no key", expected: 400, status: 201)]
    },
    Forgery("a garbage job that is claimed for ever", [.garbage]) {
      $0.garbage = [.init(name: "bytes", queue: "check", state: "leased", reason: nil)]
    },
    Forgery("a garbage job that is dead without a reason", [.garbage]) {
      $0.garbage = [.init(name: "bytes", queue: "check", state: "dead", reason: nil)]
    },
    Forgery("a reason that is said to be lost, and was not deleted", [.garbage]) {
      $0.garbage = [.init(name: "bytes", queue: "check", state: "dead", reason: ListedJob.lostReason)]
      $0.deletedKeys = ["sevk:{dispatch}:2:reasons", "sevk:{check}:2:dead"]
    },
    Forgery("a subscriber that got nothing", [.events]) { $0.subscribers.append("slow") },
    Forgery("events out of order for one subscriber only", [.order]) { evidence in
      evidence.subscribers.append("slow")
      evidence.deliveries += evidence.deliveries.map {
        .init(order: $0.order, sequence: $0.sequence, subscriber: "slow")
      }
      evidence.deliveries.swapAt(7, 8)
    },
  ]

  @Test(arguments: forgeries)
  func eachBrokenPromiseIsFound(_ forgery: Forgery) {
    var evidence = Self.good
    forgery.forge(&evidence)
    #expect(Set(Checker(evidence).violations.map(\.kind)) == forgery.kinds)
  }

  /// One order that the panel debited four times for one send: more than ever came back.
  static func bookedTwice(_ evidence: Evidence) -> Evidence {
    var evidence = evidence
    (evidence.panel[0].wasBookedTwice, evidence.panel[0].debits) = (true, 4)
    evidence.panelSpent = 400
    return evidence
  }

  @Test func aDoubleDebitOfThePanelWithItsAlarmIsRemarkedUpon() {
    var evidence = Self.bookedTwice(Self.good)
    evidence.alarms = [300]
    let checker = Checker(evidence)
    #expect(checker.violations == [])
    #expect((checker.remarks.bookedTwice.count, checker.remarks.bookedTwice.amount) == (1, 300))
    #expect((checker.remarks.alarms.count, checker.remarks.alarms.amount) == (1, 300))
  }

  /// No alarm is no proof where an answer was lost: its debit may have explained the drop.
  @Test(arguments: ["unknown", "not_received", "sending"])
  func aLostAnswerExcusesTheMissingAlarm(_ state: String) {
    var evidence = Self.bookedTwice(Self.good)
    evidence.attempts[1].state = state
    #expect(Checker(evidence).violations == [])
  }

  @Test func aCancellationAfterTheDeliveryIsAllowedAndCounted() {
    var evidence = Self.good
    (evidence.panel[0].state, evidence.panel[0].credits, evidence.panel[0].wasCompleted) = ("cancelled", 1, true)
    evidence.panelSpent = 0
    let checker = Checker(evidence)
    #expect(checker.violations == [])
    #expect((checker.remarks.cancelledAfterDelivery.count, checker.remarks.cancelledAfterDelivery.amount) == (1, 100))
    evidence.pins = ["a": "P2"]
    #expect(Checker(evidence).violations.map(\.kind) == [.wrongPin])
  }

  @Test func theCostThatThePanelToldIsBelieved() {
    var evidence = Self.good
    (evidence.orders[0].cost, evidence.panel[0].costTold) = (200, 200)
    let checker = Checker(evidence)
    #expect(checker.violations == [])
    #expect((checker.remarks.toldAnotherCost.count, checker.remarks.toldAnotherCost.amount) == (1, 100))
  }

  @Test func theSecondOrderOfAPinMayBeHeld() {
    var evidence = Self.good
    evidence.orders[1] = .init(
      id: "b", key: "k2", status: "held", reason: "the PIN of another", cost: 100, hasNextCheck: false)
    (evidence.panel[1].state, evidence.panel[1].credits, evidence.panel[1].pin) = ("completed", 0, "P1")
    evidence.panelSpent = 200
    let checker = Checker(evidence)
    #expect(checker.violations == [])
    #expect(checker.remarks.heldForSharedPin == 1)
    #expect(checker.open.map(\.order) == ["b"])
  }

  @Test(arguments: [Evidence.Cancel.confirmed, .asked])
  func aCancelledOrderThatWasNeverSentIsRight(_ cancel: Evidence.Cancel) {
    var evidence = Self.good
    evidence.orders[1].status = "cancelled"
    evidence.posts[1].cancel = cancel
    evidence.panel.removeLast()
    evidence.attempts.removeLast()
    #expect(Checker(evidence).violations == [])
  }

  @Test func aClaimedOrderMayFailOrBeWithdrawn() {
    var evidence = Self.good
    evidence.posts[1].claims = ["no", "yes"]
    evidence.orders[1].claimedAtVersion = 3
    #expect(Checker(evidence).violations == [])
    evidence.orders[1].status = "contested"
    #expect(Checker(evidence).violations == [])
    evidence.orders[1].status = "cancelled"
    evidence.panel.removeLast()
    #expect(Checker(evidence).violations == [])
  }

  @Test func garbageMayBeDeadGoneOrWaitForItsOrder() {
    var evidence = Self.good
    evidence.garbage = [
      .init(name: "bytes", queue: "check", state: "dead", reason: "no record"),
      .init(name: "bare", queue: "check", state: "gone", reason: nil),
      .init(name: "absent", queue: "check", state: "delayed", reason: nil, mayWait: true),
    ]
    #expect(Checker(evidence).violations == [])
    evidence.garbage[0].reason = ListedJob.lostReason + "; it can't be read"
    evidence.deletedKeys = ["sevk:{check}:2:reasons"]
    #expect(Checker(evidence).violations == [])
  }

  /// What a machine can't settle is no violation, but is listed.
  @Test(arguments: ["held", "unresolved"])
  func anOrderThatThePanelDoesNotKnowMayStayOpen(_ status: String) {
    var evidence = Self.good
    evidence.orders[1] = .init(id: "b", key: "k2", status: status, reason: "lost", cost: nil, hasNextCheck: true)
    evidence.panel.removeLast()
    let checker = Checker(evidence)
    #expect(checker.violations == [])
    #expect(checker.open.map(\.order) == ["b"])
  }

  /// A stream that Redis lost may miss events; the order of the others still counts.
  @Test func aLostStreamExcusesMissingEventsOnly() {
    var evidence = Self.good
    evidence.streamWasLost = true
    evidence.deliveries.remove(at: 1)
    #expect(Checker(evidence).violations == [])
    evidence.deliveries.swapAt(0, 1)
    #expect(Checker(evidence).violations.map(\.kind) == [.order])
    // It may have been passed over under an id of what was lost, and be found by who begins again.
    evidence.deliveries[1].reading = 1
    #expect(Checker(evidence).violations == [])
    evidence.streamWasLost = false
    #expect(Checker(evidence).violations.map(\.kind).contains(.order))
  }

  @Test func reasonsThatDifferInNumbersAndQuotesAreOne() {
    var report = Report(seed: 1, command: "", seconds: 1)
    report.needAPerson = [
      .init(order: "a", status: "held", reason: "“3|x” and the balance is 99.50. Look"),
      .init(order: "b", status: "held", reason: "“3|” and the balance is 101.25. Look"),
      .init(order: "c", status: "unresolved", reason: "lost"),
      .init(order: "d", status: "held", reason: "the PIN of order 019a9c1e-0000-7000-8000-00000000000a, so ask"),
      .init(order: "e", status: "held", reason: "the PIN of order 019a9c1e-ffff-7fff-bfff-ffffffffffff, so ask"),
      .init(order: "f", status: "held", reason: "the PIN of order 019a9c1e-ffff-7fff-bfff-fffffffffffe, so ask"),
    ]
    #expect(report.reasons.map(\.orders) == [3, 2, 1])
    #expect(report.reasons[0].reason == "held: the PIN of order …, so ask")
    #expect(report.reasons[1].reason == "held: “…” and the balance is N. Look")
  }

  @Test func aSeedRepeatsThePlanAndEachKindComes() {
    func plan(_ seed: UInt64) -> [[FaultKind]] {
      let plan = FaultPlan(seed: seed, kinds: FaultKind.allCases, milliseconds: 400_000)
      return [plan.servers.map(\.kind), plan.panel.map(\.kind), plan.outside.map(\.kind)]
    }
    #expect(plan(7) == plan(7))
    #expect(plan(7) != plan(8))
    #expect(Set(plan(7).joined()) == Set(FaultKind.allCases))
  }

  @Test func faultsAreChosenByNameAndGroup() {
    #expect(
      FaultKind.parse("redis,panel-stall").kinds == [
        .redisEmpty, .redisSnapshot, .redisStop, .redisKey, .redisOOM, .redisReadonly, .redisBusy, .redisTail,
        .panelStall,
      ])
    #expect(FaultKind.parse("net-redis").kinds.allSatisfy { $0.isOfNetwork && !$0.isOfPanel })
    #expect(FaultKind.parse("none").kinds == [])
    #expect(FaultKind.parse("flushall,flood").unknown == "flood")
  }
}

/// A short run of the real binaries, with a fixed seed.
@Suite(.serialized, .timeLimit(.minutes(8)))
struct ChaosTests {
  @Test func halfAMinuteOfEveryKindOfFaultBreaksNoPromise() throws {
    let result = try Self.chaos(["--seed", "3", "--minutes", "0.5", "--settle", "90"])
    #expect(result.code == 0, "\(result.output)\(result.errors)")
    #expect(result.output.contains("every promise held"))
  }

  /// The primary is lost again and again, and whoever waited for its answer does not know.
  @Test func aStandbyThatTakesOverBreaksNoPromise() throws {
    let result = try Self.chaos([
      "--seed", "5", "--minutes", "0.4", "--settle", "90", "--providers", "cautious,trusting", "--postgres", "standby",
      "--faults", "postgres-failover,kill-dispatcher,kill-worker",
    ])
    #expect(result.code == 0, "\(result.output)\(result.errors)")
    #expect(result.output.contains("postgres-failover"))
  }

  /// Debug builds can be told to send again what they find half sent; the checker has to see the double debits.
  @Test func aMissingIntentIsNoticed() throws {
    let result = try Self.chaos(
      [
        "--seed", "1", "--minutes", "0.3", "--settle", "30", "--providers", "cautious,trusting", "--faults",
        "kill-dispatcher,panel-slow",
      ],
      sabotage: "no-intent")
    #expect(result.code == 1, "\(result.output)\(result.errors)")
    #expect(result.output.contains("doubled: the player"))
    // A run that found something leaves its folder to look at.
    let folder = result.output.components(separatedBy: "logs and data: ").last?.trimmingCharacters(in: .newlines)
    if let folder, folder.hasPrefix("/tmp/sevk-chaos.") { try FileManager.default.removeItem(atPath: folder) }
  }

  static func chaos(_ arguments: [String], sabotage: String? = nil) throws -> ChildProgram.Result {
    var environment = ["PATH": "/usr/bin:/bin"]
    environment["SEVK_SABOTAGE"] = sabotage
    return try ChildProgram.run(
      "\(Installation.binaries)/chaos", ["--fast"] + arguments, environment: environment,
      folder: FileManager.default.temporaryDirectory.path)
  }
}
