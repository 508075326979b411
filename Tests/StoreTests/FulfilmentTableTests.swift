import EventLoop
import Foundation
import Orders
import Postgres
import TestSupport
import Testing

@testable import Store

/// The database repeats what stages and offers may lead to, whoever writes to it: each constraint is held against the table.
@LoopActor @Suite(.timeLimit(.minutes(2))) struct FulfilmentTableTests {
  @Test func theConstraintOfStagesIsTheTable() async throws {
    var pairs: Set<String> = []
    for flow in Flow.allCases {
      pairs.insert("\(flow.rawValue):>offered")
      for from in Stage.allCases {
        for to in Stage.allCases where flow.canGo(from: from, to: to) {
          pairs.insert("\(flow.rawValue):\(from.rawValue)>\(to.rawValue)")
        }
      }
    }
    #expect(try await list("fulfilments_life") == pairs)
  }

  @Test func theConstraintOfOffersIsTheTable() async throws {
    var pairs: Set<String> = [">offered"]
    for state in OfferState.allCases {
      for next in state.leadsTo { pairs.insert("\(state.rawValue)>\(next.rawValue)") }
    }
    #expect(try await list("offers_life") == pairs)
  }

  @Test func everyListOfValuesIsOneOfTheTables() async throws {
    let bench = try await Bench()
    func values(_ constraint: String) async throws -> Set<String> {
      let text = try await bench.sql(
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = $1 LIMIT 1", .text(constraint)
      ).single().text(0)
      return Set(text.matches(of: /'([a-z]+)'::text/).map { String($0.1) })
    }
    let rules = Set(OfferRule.allCases.map(\.rawValue)), nobody = Set(WhenNobody.allCases.map(\.rawValue))
    #expect(try await values("desks_rule_check") == rules)
    #expect(try await values("fulfilments_rule_check") == rules)
    #expect(try await values("desks_when_nobody_check") == nobody)
    #expect(try await values("fulfilments_when_nobody_check") == nobody)
    #expect(try await values("fulfilments_handover_check") == Set(HandOver.allCases.map(\.rawValue)))
    #expect(try await values("fulfilments_cancel_by_check") == Set(CancelRequest.Asker.allCases.map(\.rawValue)))
    #expect(try await values("partners_state_check") == Set(Partner.State.allCases.map(\.rawValue)))
    #expect(try await values("partners_language_check") == Set(Partner.languages))
    #expect(try await values("orders_stage") == Set(Stage.allCases.map(\.rawValue)))
  }

  private func list(_ constraint: String) async throws -> Set<String> {
    let bench = try await Bench()
    let text = try await bench.sql(
      "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = $1", .text(constraint)
    ).single().text(0)
    let array = try #require(text.firstMatch(of: /\{([^}]*)\}/))
    return Set(array.1.split(whereSeparator: { ", \n".contains($0) }).map(String.init))
  }
}
