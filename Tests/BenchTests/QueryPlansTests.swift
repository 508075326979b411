import Testing

@testable import Bench

struct QueryPlansTests {
  @Test func theLastPlanOfEachStatementIsTaken() {
    let log = """
      2026-01-01 LOG:  duration: 0.1 ms  plan:
      \tQuery Text: -- One. $1 id
      \tSELECT 1
      \tSeq Scan on orders
      2026-01-01 LOG:  checkpoint starting: time
      2026-01-01 LOG:  duration: 0.2 ms  plan:
      \tQuery Text: -- Two
      \tIndex Scan on events
      2026-01-01 LOG:  duration: 0.1 ms  plan:
      \tQuery Text: -- One. $1 id
      \tSELECT 1
      \tIndex Scan on orders
      2026-01-01 ERROR:  something else
      \tthat goes on
      """
    let plans = QueryPlans.lastOfEach(log)
    #expect(plans.count == 2)
    #expect(plans["Query Text: -- One. $1 id"]?.contains("Index Scan on orders") == true)
    #expect(plans["Query Text: -- One. $1 id"]?.contains("Seq Scan") == false)
    #expect(!plans.values.contains { $0.contains("goes on") })
  }
}
