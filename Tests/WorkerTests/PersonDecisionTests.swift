import Orders
import Testing

@testable import Store
@testable import Support

/// What people are shown as possible is what they may do, on the command line, in the dashboard and by HTTP.
@Suite struct PersonDecisionTests {
  private static let flags: [PersonChoice: String] = [
    .received: "--received", .notReceived: "--not-received", .completed: "--completed", .failed: "--failed",
    .retry: "order retry", .cancel: "order cancel",
  ]

  private static func order(_ status: Status, sends: Int, claimed: Bool) -> Order {
    var generator = SystemRandomNumberGenerator()
    var order = Order(
      id: OrderID(milliseconds: 1, using: &generator), version: 2, status: status, tenantID: 1, product: "pubg-60",
      fields: [:], shopReference: nil, priority: .normal, quantity: 1, reason: nil, providerID: 1,
      sendReference: sends == 0 ? nil : "590447", sends: sends, checks: 0, age: .seconds(1800), sinceSend: nil,
      untilDue: nil, cost: nil, hasPin: false, createdAt: 0, updatedAt: 0, trace: nil)
    order.refundClaimedAt = claimed ? 1 : nil
    return order
  }

  private static func send(_ state: SendState) -> Send {
    Send(
      number: 1, provider: "panel", sendReference: "590447", state: state, cost: nil, time: "", begunAt: 0,
      answeredAt: 0, age: .seconds(1700), wasAccepted: state == .accepted, isDeniedByPerson: false)
  }

  @Test(arguments: Status.allCases, [false, true])
  func everyCommandThatIsShownIsAllowed(_ status: Status, _ claimed: Bool) {
    for states in [[], [SendState.notSent], [.unknown], [.accepted], [.notReceived]] {
      let sends = states.map(Self.send)
      // A claim withdraws what is pending.
      if claimed, status == .pending { continue }
      // Nor is anything at a provider that was proved not to be there.
      if status.mayBeAtProvider, sends.allSatisfy({ $0.state.provesNothingThere }) { continue }
      let order = Self.order(status, sends: sends.count, claimed: claimed)
      let moves = PersonDecision(order, sends: sends).moves
      #expect(moves.map(\.choice) == PersonChoice.allCases)
      for move in moves { #expect((move.to == nil) == (move.why != nil)) }
      for command in PersonCommands.choices(order, sends) {
        let move = moves.first { command.command.contains(Self.flags[$0.choice] ?? "?") }
        #expect(move?.to != nil, "\(status) after \(states): \(command.command) is refused: \(move?.why ?? "")")
        if claimed { #expect(move?.to != .pending && !command.mayBuyTwice) }
      }
      if status.row.person == .waits { #expect(moves.allSatisfy { $0.to == nil }) }
    }
  }
}
