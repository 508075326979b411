import Orders
import Testing

@testable import Simulator

@Suite struct PanelTests {
  static func panel(balance: String = "1000", cancelRate: Double = 0, seed: UInt64 = 7) throws -> Panel {
    Panel(
      seed: seed, balance: try #require(Money(parsing: balance)), completeAfter: .seconds(2), cancelRate: cancelRate)
  }

  func request(_ reference: String, player: String = "p", oyun: String = "1", kupur: String = "60") -> OrderRequest {
    OrderRequest(reference: reference, player: player, phone: "90", oyun: oyun, kupur: kupur)
  }

  @Test func debitsAtOnceAndCompletesLater() throws {
    var panel = try Self.panel()
    let acceptance = panel.accept(request("1"), now: 0)
    #expect(acceptance == .accepted(cost: try #require(Money(parsing: "32.5")), balance: panel.balance))
    #expect(panel.balance.description == "967.50")
    panel.advance(to: 1500)
    #expect(panel.order("1")?.state == .waiting)
    panel.advance(to: 2400)
    #expect(panel.order("1")?.state == .completed)
    #expect(panel.order("1")?.pin == Panel.pin(seed: 7, reference: "1"))
    let worded = try #require((1...1000).map(String.init).first { Panel.pin(seed: 7, reference: $0).hasPrefix("HATA") })
    #expect(Panel.pin(seed: 7, reference: worded, hasWords: false).hasPrefix("HATA") == false)
    #expect(Panel.pin(seed: 7, reference: "1") != Panel.pin(seed: 7, reference: "2"))
    #expect(Panel.pin(seed: 7, reference: "1") != Panel.pin(seed: 8, reference: "1"))
  }

  @Test func creditsWhatItCancels() throws {
    var panel = try Self.panel(cancelRate: 1)
    _ = panel.accept(request("1"), now: 0)
    panel.advance(to: 10_000)
    #expect(panel.order("1")?.state == .cancelled)
    #expect(panel.balance == panel.initialBalance)
  }

  @Test func isNotIdempotent() throws {
    var panel = try Self.panel()
    _ = panel.accept(request("1"), now: 0)
    _ = panel.accept(request("1"), now: 5000)
    #expect(panel.balance.description == "935.00")
    let report = AuditReport(panel, faults: Faults(seed: 1, rates: [:]), summary: false)
    #expect(report.doubles_by_reference == ["1"])
    #expect(report.doubles_by_player == ["p"])
    #expect(report.double_debits.isEmpty)
    #expect(report.orders?.first?.debits == 2)
    #expect(report.spent == "65.00")
  }

  @Test func tellsItsOwnDoubleDebitFromASecondSend() throws {
    var panel = try Self.panel()
    _ = panel.accept(request("1"), twists: [.doubleDebit], now: 0)
    let report = AuditReport(panel, faults: Faults(seed: 1, rates: [:]), summary: true)
    #expect(report.double_debits == ["1"])
    #expect(report.doubles_by_reference.isEmpty)
    #expect(report.doubles_by_player.isEmpty)
    #expect(report.orders == nil)
    #expect(panel.balance.description == "935.00")
  }

  @Test func findsADoubleUnderTwoReferences() throws {
    var panel = try Self.panel()
    _ = panel.accept(request("1", player: "a"), now: 0)
    _ = panel.accept(request("2", player: "a"), now: 0)
    _ = panel.accept(request("3", player: "b"), now: 0)
    let report = AuditReport(panel, faults: Faults(seed: 1, rates: [:]), summary: true)
    #expect(report.doubles_by_reference.isEmpty)
    #expect(report.doubles_by_player == ["a"])
  }

  @Test func refusesWithoutATrace() throws {
    var panel = try Self.panel(balance: "40")
    let unknown = panel.accept(request("1", kupur: "61"), now: 0)
    let tooDear = panel.accept(request("2", kupur: "325"), now: 0)
    #expect(unknown == .noSuchProduct)
    #expect(tooDear == .balanceTooLow)
    #expect(panel.orders.isEmpty)
    #expect(panel.balance == panel.initialBalance)
    panel.add(try #require(Money(parsing: "200")))
    _ = panel.accept(request("2", kupur: "325"), now: 0)
    #expect(panel.orders.count == 1)
  }

  @Test func flipsLate() throws {
    var panel = try Self.panel()
    _ = panel.accept(request("1"), twists: [.lateCancel], now: 0)
    panel.advance(to: 2400)
    #expect(panel.order("1")?.state == .completed)
    panel.advance(to: 4800)
    #expect(panel.order("1")?.state == .cancelled)
    #expect(panel.balance == panel.initialBalance)
  }

  @Test func obeysAPerson() throws {
    var panel = try Self.panel()
    _ = panel.accept(request("1"), now: 0)
    let didCancel = panel.settle("1", .cancelled, now: 1)
    #expect(didCancel)
    panel.advance(to: 60_000)
    #expect(panel.order("1")?.state == .cancelled)
    #expect(panel.balance == panel.initialBalance)
    let didComplete = panel.settle("1", .completed, now: 60_001)
    #expect(didComplete)
    #expect(panel.balance.description == "967.50")
    let didSettleNothing = panel.settle("2", .completed, now: 60_002)
    #expect(!didSettleNothing)
  }

  @Test func endsManyInOrder() throws {
    var panel = try Self.panel(balance: "1000000", cancelRate: 0.3)
    for number in 0..<2000 { _ = panel.accept(request("\(number)"), now: Int64(number % 97)) }
    panel.advance(to: 60_000)
    let cancelled = panel.orders.count { $0.state == .cancelled }
    #expect(panel.orders.allSatisfy { $0.state != .waiting })
    #expect((400...800).contains(cancelled))
    let open = Int64(panel.orders.count - cancelled)
    #expect((panel.initialBalance - panel.balance).tenThousandths == open * 325_000)
  }
}

@Suite struct FaultTests {
  @Test func repeatWhateverTheOrder() {
    let references = (0..<500).map { "ref\($0)" }
    func struck(_ references: [String]) -> Set<String> {
      var faults = Faults(seed: 3, rates: [.loseAnswer: .share(0.2)])
      return Set(references.filter { faults.strikes(.loseAnswer, $0, nth: 1) })
    }
    #expect(struck(references) == struck(references.reversed()))
    #expect((60...140).contains(struck(references).count))
  }

  @Test func strikesTheNextFewOnly() {
    var faults = Faults(seed: 3, rates: [.stall: .next(2)])
    let struck = (0..<5).map { faults.strikes(.stall, "r\($0)", nth: 1) }
    #expect(struck == [true, true, false, false, false])
    #expect(faults.counts == [.stall: 2])
    #expect(faults.rates.isEmpty)
  }

  @Test(arguments: ["-0.1", "1.1", "", "#", "#-1", "x", "nan"])
  func refusesNonsense(_ text: String) { #expect(FaultRate(text) == nil) }
}

@Suite struct SimulatorOptionsTests {
  @Test func readsFlags() {
    let parsed = SimulatorOptions.parse([
      "--address", "127.0.0.1:0", "--seed=9", "--complete-after", "250ms", "--fault", "lose-answer=0.2",
      "--fault=stall=#1",
    ])
    var expected = SimulatorOptions()
    expected.port = 0
    expected.seed = 9
    expected.completeAfter = .milliseconds(250)
    expected.faults = [.loseAnswer: .share(0.2), .stall: .next(1)]
    #expect(parsed == .run(expected))
  }

  @Test(arguments: [
    ["--nonsense"], ["--seed"], ["--seed", "x"], ["--address", "9090"], ["--address", ":1"], ["--fault", "stall"],
    ["--fault", "nope=1"], ["--fault", "stall=2"], ["--balance", "much"], ["--complete-after", "2"],
    ["--cancel-rate", "2"], ["--unknown-reference", "x"],
  ])
  func namesTheFlagThatIsWrong(_ arguments: [String]) {
    guard case .wrong(let problem) = SimulatorOptions.parse(arguments) else {
      Issue.record("taken: \(arguments)")
      return
    }
    #expect(problem.contains(arguments[0]))
  }
}
