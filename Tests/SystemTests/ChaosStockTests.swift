import Testing

@testable import Chaos

/// What the checker knows of own codes, of PINs that come twice, and of what is posted in providers' names.
struct ChaosStockTests {
  /// The second order is of the stock, which has one code left and one written off.
  private static let good: Evidence = {
    var evidence = ChaosCheckerTests.good
    evidence.orders[1] = .init(id: "b", key: "k2", status: "completed", reason: nil, cost: 50, hasNextCheck: false)
    evidence.attempts[1].isOfStock = true
    evidence.panel[1] = .init(
      reference: "22", player: "2", state: "completed", pin: "S1", amount: 50, sends: 1, debits: 1, credits: 0)
    evidence.panelSpent = 150
    evidence.pins["b"] = "S1"
    evidence.stock = .init(
      added: ["S1", "S2", "S3"],
      codes: [
        .init(code: "S1", state: "reserved", order: "b", reference: "22", player: "2", cost: 50),
        .init(code: "S2", state: "free", cost: 50), .init(code: "S3", state: "written_off", cost: 50),
      ], levels: ["free": 1, "reserved": 0, "expired": 0, "given": 1, "written_off": 1])
    return evidence
  }()

  @Test func nothingIsFoundWhereNothingIsWrong() {
    #expect(Checker(Self.good).violations == [])
  }

  static let forgeries: [ChaosCheckerTests.Forgery] = [
    .init("a code that was added is gone", [.stock]) {
      $0.stock?.codes.remove(at: 1)
      $0.stock?.levels["free"] = 0
    },
    .init("a code that nobody added", [.stock]) { $0.stock?.codes[1].code = nil },
    .init("a code twice", [.stock]) { $0.stock?.codes[1].code = "S3" },
    .init("codes that don't add up", [.stock]) { $0.stock?.levels["given"] = 2 },
    .init("given out, and counted as free", [.stock]) {
      $0.stock?.levels["given"] = 0
      $0.stock?.levels["free"] = 2
    },
    .init("two codes for one order", [.stock]) {
      $0.stock?.codes[1].state = "given"
      $0.stock?.codes[1].order = "b"
      $0.stock?.levels["given"] = 2
      $0.stock?.levels["free"] = 0
    },
    .init("completed with what was not in the stock", [.stock, .wrongPin]) { $0.pins["b"] = "S9" },
    .init("completed with a code that was written off", [.stock, .wrongPin]) { $0.pins["b"] = "S3" },
    .init("one code for two orders", [.stock, .sharedPin, .wrongPin]) { $0.pins["a"] = "S1" },
    .init("failed with a code in its hand", [.falselyFailed]) { $0.orders[1].status = "failed" },
    .init("the stock sold what no send knows", [.unknownToUs]) { $0.attempts.removeLast() },
  ]

  @Test(arguments: forgeries)
  func eachBrokenPromiseIsFound(_ forgery: ChaosCheckerTests.Forgery) {
    var evidence = Self.good
    forgery.forge(&evidence)
    let found = Set(Checker(evidence).violations.map(\.kind))
    #expect(found.isSuperset(of: forgery.kinds), "\(found)")
  }

  @Test func aPinThatThePanelGaveToOneOrderHoldsNoOther() {
    var evidence = ChaosCheckerTests.good
    evidence.orders[1] = .init(
      id: "b", key: "k2", status: "held", reason: "the PIN of another", cost: 100, hasNextCheck: false,
      reasonCode: "shared_pin")
    (evidence.panel[1].state, evidence.panel[1].credits) = ("completed", 0)
    evidence.panelSpent = 200
    #expect(Checker(evidence).violations.map(\.kind) == [.sharedPin])
    // With one PIN twice in the books it is right, if somebody told the panel to do that.
    evidence.panel[1].pin = "P1"
    evidence.faultsOfPanel = ["same-pin": 2]
    #expect(Checker(evidence).violations == [])
    evidence.faultsOfPanel = ["stall": 1]
    #expect(Checker(evidence).violations.map(\.kind) == [.sharedPin])
  }

  /// An order that ended by a lie is contested once the provider is asked.
  @Test func nothingIsContestedWithAnHonestPanel() {
    var evidence = ChaosCheckerTests.good
    evidence.orders[1].status = "contested"
    #expect(Checker(evidence).violations == [])
    evidence.panelWasHonest = true
    #expect(Checker(evidence).violations.map(\.kind) == [.falselyFailed])
  }

  @Test func aGatewayTellsStrangersNothing() {
    var evidence = ChaosCheckerTests.good
    evidence.notices = [
      "genuine 202": 9, "forged 202": 3, "unknown 202": 2, "garbage 403": 2, "genuine 0": 1, "forged 503": 1,
    ]
    #expect(Checker(evidence).violations == [])
    for (what, count) in ["unknown 404": 1, "genuine 403": 1, "forged 200": 2, "garbage 202": 1] {
      var forged = evidence
      forged.notices[what] = count
      #expect(Checker(forged).violations.map(\.kind) == [.notice], "\(what)")
    }
  }
}
