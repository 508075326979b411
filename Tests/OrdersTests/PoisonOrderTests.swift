import Orders
import Testing

@Suite struct PoisonOrderTests {
  @Test(arguments: Status.allCases, [Status.Work.send, .check])
  func aBuriedJobHoldsOnlyTheOrderThatIsItsOwn(_ status: Status, _ work: Status.Work) {
    let isItsOwn =
      switch work {
      case .send: status == .pending || status == .sending
      case .check: status == .sent || status == .unresolved
      }
    let move = PoisonOrder.hold(.sample(status), work, workersDied: 3)
    #expect(move?.to == (isItsOwn ? .held : nil))
    #expect(move?.sendState == (isItsOwn && status == .sending ? .unknown : nil))
    #expect(move == nil || move?.reason.text?.contains("3 processes") == true)
    #expect(move == nil || move?.reason.code == .processesDied)
    // What to do about it is said where it is read, with the order's id.
    #expect(move?.reason.text?.contains("worker order") != true)
  }

  @Test func aSendThatMayStillBeUnderWayIsLeftAlone() {
    var order = Order.sample(.sending)
    order.untilDue = .seconds(1)
    #expect(PoisonOrder.hold(order, .send, workersDied: 3) == nil)
    order.untilDue = .zero
    #expect(PoisonOrder.hold(order, .send, workersDied: 3)?.to == .held)
  }

  @Test func fewDeathsAreNoReasonToStop() {
    #expect(PoisonOrder.reasonNotToSendAgain(sendersDied: PoisonOrder.sendersDiedMax - 1) == nil)
    #expect(
      PoisonOrder.reasonNotToSendAgain(sendersDied: PoisonOrder.sendersDiedMax)?.contains("logs show why") == true)
  }
}
