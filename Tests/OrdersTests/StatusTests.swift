import Orders
import Testing

@Suite struct StatusTests {
  /// Written out a second time, on purpose: the table in the design, not the code, is what must hold.
  static let allowed: [Status: Set<Status>] = [
    .pending: [.sending, .failed, .cancelled, .held],
    .sending: [.sent, .completed, .failed, .cancelled, .pending, .unresolved, .held],
    .sent: [.completed, .failed, .held, .pending, .cancelled],
    .unresolved: [.sent, .completed, .failed, .cancelled, .pending, .held],
    .held: [], .completed: [.contested], .failed: [.contested], .cancelled: [.contested], .contested: [],
  ]

  @Test(arguments: Status.allCases, Status.allCases)
  func movesAreThoseOfTheTable(from: Status, to: Status) {
    #expect(from.canBecome(to) == Self.allowed[from]?.contains(to))
  }

  @Test func finalStatusesAreLeftByNobody() {
    #expect(Status.allCases.filter(\.isFinal) == [.completed, .failed, .cancelled])
    for status in Status.allCases where status.isFinal {
      // What the provider says later can put an end in question, and no more.
      #expect(Status.allCases.allSatisfy { !status.canBecome($0) || $0 == .contested })
    }
    #expect(Status.allCases.filter(\.mayBeAtProvider) == [.sending, .sent, .unresolved])
    // Whoever may be at a provider can be held for a person, and none goes straight back to being sent.
    for status in Status.allCases where status.mayBeAtProvider {
      #expect(status.canBecome(.held))
      #expect(!status.canBecome(.sending))
    }
  }

  /// As for the moves: a second time, on purpose.
  @Test func whatIsAskedOfTheTable() {
    #expect(Status.open == [.pending, .sending, .sent, .unresolved])
    #expect(Status.unsettled == [.pending, .sending, .sent, .unresolved, .held, .contested])
    #expect(Status.final == [.completed, .failed, .cancelled])
    #expect(Status.allCases.filter { $0.work == .send } == [.pending, .sending])
    #expect(Status.allCases.filter { $0.work == .check } == [.sent, .unresolved])
    #expect(Status.allCases.filter(\.isRefundSafe) == [.failed, .cancelled])
    #expect(Status.allCases.filter(\.isDoubtful) == [.unresolved, .held, .contested])
    #expect(Status.allCases.filter(\.canBeResolved) == [.sent, .unresolved, .held, .contested])
    #expect(Status.literals([.sent, .held]) == "'sent', 'held'")
  }

  /// A row can't say two things at once.
  @Test(arguments: Status.allCases) func aRowIsOfOnePiece(_ status: Status) {
    let row = status.row
    // A refund is safe only when nothing happens any more.
    #expect(row.refundSafe != .yes || status.isFinal)
    #expect(!row.mayBeAtProvider || status.isOpen)
    // Sevk gets it out of every status with a job, also into a person's hands, and out of no other.
    #expect(status.isOpen == !row.leadsTo.filter { $0 != .contested }.isEmpty)
    #expect(!status.isOpen || status.canBecome(.held))
    #expect((row.person == .decides) == (row.waitsFor == .person))
    #expect(!status.isFinal || row.person == .waits)
    #expect(row.fromDeskAlone == (status == .sent ? [.pending, .cancelled] : []))
    #expect(Set(row.fromDeskAlone).isSubset(of: row.leadsTo))
    #expect(!row.leadsTo.contains(status) && Set(row.leadsTo).count == row.leadsTo.count)
  }

  @Test func eventTypesAndMeanings() {
    let types = Status.allCases.map(\.eventType)
    #expect(Set(types).count == Status.allCases.count)
    #expect(Status.sending.eventType == nil)
    #expect(Status.pending.eventType == "sevk.order.created")
    #expect(Set(Status.allCases.map(\.meaning)).count == Status.allCases.count)
  }

  @Test(arguments: Status.allCases, Status.allCases)
  func transitionsCarryTheMove(from: Status, to: Status) {
    let order = Order.sample(from)
    guard Self.allowed[from]?.contains(to) == true, !from.row.fromDeskAlone.contains(to) else {
      return
    }
    let move = Transition(order, to: to, Reason(.other, "because"))
    #expect(move.id == order.id)
    #expect(move.fromVersion == order.version)
    #expect(move.to == to)
    #expect(move.reason == Reason(.other, "because"))
    #expect(move.send == nil && move.dueIn == nil && move.sealedPin == nil && move.sendState == nil)
  }

  @Test func impossibleMovesStopTheProgram() async {
    await #expect(processExitsWith: .failure) { _ = Transition(.sample(.completed), to: .pending) }
    await #expect(processExitsWith: .failure) { _ = Transition(.sample(.sent), to: .pending) }
    await #expect(processExitsWith: .failure) { _ = Transition(.sample(.held), to: .completed) }
  }
}
