import Orders
import Testing

@testable import ProviderGate

/// Two providers that are one account must not fill the log with a line for each send.
@Suite struct DropTallyTests {
  @Test func theFirstIsToldAtOnceAndTheRestTogether() {
    func money(_ units: Int64) -> Money { Money(tenThousandths: units * 10_000) }
    var tally = DropTally()
    #expect(tally.note(money(3), balance: money(90)) == .init(drops: 1, amount: money(3), balance: money(90)))
    for left in 1...40 { #expect(tally.note(money(2), balance: money(Int64(100 - left))) == nil) }
    #expect(tally.end() == .init(drops: 40, amount: money(80), balance: money(60)))
    // In the minute after that line again.
    #expect(tally.note(money(5), balance: nil) == nil)
    #expect(tally.end() == .init(drops: 1, amount: money(5), balance: nil))
    // After a minute without one, the next is told at once.
    #expect(tally.end() == nil)
    #expect(tally.note(money(7), balance: nil) == .init(drops: 1, amount: money(7), balance: nil))
  }
}
