import Orders
import Testing

@testable import Adapters

/// The stories of the sandbox, by the last digit of the player.
@Suite struct SandboxScriptTests {
  private static let reference = "123456789012345678"

  private func order(
    _ player: String?, attempt: Int = 1, age: Duration = .zero, isDeliverySaid: Bool = false
  ) -> SandboxOrder {
    SandboxOrder(player: player, attempt: attempt, age: age, isDeliverySaid: isDeliverySaid)
  }

  private func sent(_ order: SandboxOrder) -> SendOutcome? {
    SandboxScript.answerToSend(order).map { Sandbox().readSend(WireReply(status: 200, body: Array($0.utf8))) }
  }

  private func asked(_ order: SandboxOrder?, _ reference: String = reference) -> QueryOutcome {
    let account = ProviderAccount(id: 1, name: "sandbox", adapter: "sandbox", baseURL: "sandbox:", credentials: [:])
    return Sandbox().readQuery(
      WireReply(status: 200, body: Array(SandboxScript.answer(about: reference, order).utf8)), account: account)
  }

  private func isDelivered(_ outcome: QueryOutcome) -> Bool {
    guard case .completed(let pin?, _) = outcome else { return false }
    return pin.secret == "TEST-\(Self.reference)" && pin.isPlausible
  }

  private func isNotFound(_ outcome: QueryOutcome) -> Bool { if case .notFound = outcome { true } else { false } }

  @Test func theAnswersAreThoseOfTheStories() {
    for player in [nil, "", "ali", "50", "51", "58", "59", "57"] {
      #expect(sent(order(player)) == .accepted(Receipt()) && isDelivered(asked(order(player))), "\(player ?? "nobody")")
    }
    guard case .refused? = sent(order("52")) else { return #expect(Bool(false), "2 is refused") }
    #expect(isNotFound(asked(order("52"))))
    #expect(sent(order("53")) == nil && isDelivered(asked(order("53"))))
    #expect(sent(order("54")) == nil && isNotFound(asked(order("54"))))
    #expect(sent(order("54", attempt: 2)) == .accepted(Receipt()) && isDelivered(asked(order("54", attempt: 2))))
    guard case .waiting = asked(order("55", age: .seconds(59))), case .cancelled = asked(order("55", age: .seconds(60)))
    else { return #expect(Bool(false), "5 is cancelled after a minute") }
    guard isDelivered(asked(order("56"))), case .cancelled = asked(order("56", isDeliverySaid: true)) else {
      return #expect(Bool(false), "6 contradicts itself")
    }
    guard isDelivered(asked(order("57", age: .seconds(59)))), case .cancelled = asked(order("57", age: .seconds(60)))
    else { return #expect(Bool(false), "7 is reversed after a minute") }
  }

  @Test func onlyWhatItKnowsIsFound() {
    #expect(isNotFound(asked(nil)))
    guard case .completed = asked(nil, SandboxScript.knownReference) else {
      return #expect(Bool(false), "the known send")
    }
  }
}
