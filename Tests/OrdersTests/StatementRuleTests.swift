import Orders
import Testing

/// What a line of a statement says, and what it may settle.
@Suite struct StatementRuleTests {
  private typealias Rule = StatementRule

  private static let ten = Money(tenThousandths: 100_000)

  private func judge(
    _ meaning: StatementRule.Meaning?, _ status: Status, _ send: SendState = .accepted, count: Int = 1,
    ofOrder: Int = 1,
    damaged: Bool = false, amount: Money? = ten, _ change: (inout StatementRule.Ours) -> Void = { _ in }
  ) -> StatementRule.Verdict {
    var ours = StatementRule.Ours(status: status, send: send, cost: Self.ten)
    change(&ours)
    return StatementRule.judge(
      .init(count: count, ofOrder: ofOrder, meaning: meaning, amount: amount, isDamaged: damaged), ours)
  }

  @Test func whatBothSayIsMatched() {
    #expect(judge(.delivered, .completed) == .init(.matched))
    #expect(judge(nil, .completed) == .init(.matched))
    #expect(judge(.cancelled, .failed) == .init(.matched))
    #expect(judge(.cancelled, .pending, .notReceived) == .init(.matched))
    // A debit is written with its sign or without.
    #expect(judge(.delivered, .completed, amount: Money(tenThousandths: -100_000)).kind == .matched)
    #expect(judge(.delivered, .completed, amount: nil).kind == .matched)
    #expect(judge(.delivered, .completed) { $0.cost = nil }.kind == .matched)
  }

  @Test func eachDifferenceHasItsKind() {
    #expect(StatementRule.judge(.init(meaning: .delivered, amount: nil), nil).kind == .missingHere)
    #expect(judge(.delivered, .completed, count: 2, ofOrder: 2).kind == .twice)
    #expect(judge(.delivered, .completed, amount: Money(tenThousandths: 110_000)).kind == .otherAmount)
    #expect(judge(.waiting, .failed).kind == .otherStatus)
    #expect(judge(.delivered, .sent).kind == .unsettled)
    // A send that was taken for not received, and is there: paid twice.
    let twice = judge(.delivered, .completed, .notReceived) { $0.isCurrent = false }
    #expect(twice.kind == .otherStatus && twice.words.contains("bought twice") && twice.step == nil)
  }

  @Test func whatSettles() {
    func step(_ verdict: StatementRule.Verdict) -> StatementRule.Step? { verdict.step }
    #expect(step(judge(.delivered, .unresolved, .unknown)) == .decide(.received))
    #expect(step(judge(.delivered, .held, .unknown)) == .decide(.completed))
    // A statement has no code.
    #expect(step(judge(.delivered, .held, .unknown) { $0.isPinRequired = true }) == .decide(.received))
    #expect(step(judge(.delivered, .held, .unknown) { $0.isPinRequired = nil }) == .decide(.received))
    #expect(
      step(
        judge(.delivered, .held, .unknown) {
          $0.isPinRequired = true
          $0.canBeAsked = false
        }) == nil)
    #expect(step(judge(.cancelled, .held, .unknown)) == .decide(.failed))
    #expect(step(judge(.cancelled, .unresolved, .unknown)) == .decide(.failed))
    #expect(step(judge(.cancelled, .completed)) != nil && step(judge(.delivered, .failed)) != nil)
    #expect(step(judge(.delivered, .cancelled, .notReceived)) != nil, "it was withdrawn as not received")
    guard case .contest = step(judge(.delivered, .failed)) else { return #expect(Bool(false), "it contests") }
  }

  @Test func whatSettlesNothing() {
    for status in Status.allCases {
      for meaning in [nil, StatementRule.Meaning.delivered, .cancelled, .waiting] {
        let whole = judge(meaning, status, .unknown)
        #expect(judge(meaning, status, .unknown, count: 2, ofOrder: 2).step == nil)
        #expect(judge(meaning, status, .unknown, ofOrder: 2).step == nil)
        #expect(judge(meaning, status, .unknown, damaged: true).step == nil)
        #expect(judge(meaning, status, .unknown) { $0.isCurrent = false }.step == nil)
        if meaning == nil || meaning == .waiting { #expect(whole.step == nil, "\(status)") }
        if [.pending, .sending, .sent, .contested].contains(status) { #expect(whole.step == nil, "\(status)") }
        if meaning != .cancelled {
          #expect(judge(meaning, status, .unknown, amount: Money(tenThousandths: 1)).step == nil, "\(status)")
        }
      }
    }
    #expect(judge(.cancelled, .unresolved, .unknown) { $0.age = .seconds(60) }.step == nil)
    #expect(judge(.cancelled, .held, .unknown) { $0.age = nil }.step == nil)
    #expect(judge(.cancelled, .held, .unknown) { $0.isDeliverySaid = true }.step == nil)
    for code in [ReasonCode.contradicted, .sharedPin] {
      for meaning in [StatementRule.Meaning.delivered, .cancelled] {
        #expect(judge(meaning, .held, .unknown) { $0.reasonCode = code }.step == nil)
      }
    }
  }

  @Test func theBooksComeToTheirMoney() {
    var totals = StatementTotals()
    totals.add(.matched, ours: Self.ten, theirs: Money(tenThousandths: -100_000))
    totals.add(.edge, ours: Self.ten, theirs: nil)
    #expect(totals.isEqual)
    totals.add(.missingHere, ours: nil, theirs: Self.ten)
    totals.add(.unsettled, ours: nil, theirs: Self.ten)
    totals.add(.matched, ours: nil, theirs: nil, isAmountDue: false)
    let all = totals.all
    #expect(!totals.isEqual && all.count == 5 && all.ours == Self.ten * 2 && all.theirs == Self.ten * 3)
    #expect(all.unknown == 1)
  }
}
