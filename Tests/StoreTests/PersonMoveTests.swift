import EventLoop
import Orders
import Postgres
import Store
import TestSupport
import Testing

/// What a person may decide is written, from every status that they may decide about: the row says where the order really
/// came from, and the database lets it.
@Suite(.timeLimit(.minutes(2))) struct PersonMoveTests {
  private static let paths: [(Status, [Status])] = [
    (.pending, []), (.sent, [.sending, .sent]), (.unresolved, [.sending, .unresolved]),
    (.held, [.sending, .unresolved, .held]), (.contested, [.sending, .sent, .completed, .contested]),
  ]

  @Test func everyStatusThatAPersonMayMoveHasAPath() {
    #expect(Self.paths.map(\.0) == Status.allCases.filter { $0.row.person != .waits })
  }

  @Test(arguments: PersonChoice.allCases)
  func aVerdictIsWritten(_ choice: PersonChoice) async throws {
    let bench = try await Bench()
    for (status, path) in Self.paths {
      // What a withdrawal needs, and what makes the panel's word worth something.
      for sends in [[SendState.notSent], [.unknown]] {
        guard case .move(let to, let sendState) = choice.decide(status, sends: sends) else { continue }
        var order = try await bench.order()
        for step in path {
          try await bench.store.apply(await bench.move(order, to: step))
          order = try await bench.load(order.id)
        }
        var move = PersonMove(order, to: to, choice, who: "ayşe", note: "seen on the panel")
        move.sendState = sendState
        if to.isOpen { move.dueIn = .seconds(60) }
        try await bench.store.apply(move)

        let row = try await bench.sql(
          "SELECT status, came_from, version FROM orders WHERE id = $1::uuid", .text(order.id.description))[0]
        #expect(try row.text(0) == to.rawValue)
        #expect(try row.text(1) == status.rawValue, "\(choice) of \(status)")
        // What is taken up passes through held: a version and an event more.
        let isTakenUp = status == .sent || status == .unresolved
        #expect(try row.int(2) == Int64(order.version + (isTakenUp ? 2 : 1)))
        let events = try await bench.sql(
          "SELECT status FROM events WHERE order_id = $1::uuid AND version > $2::int ORDER BY version",
          .text(order.id.description), .int(order.version))
        #expect(try events.map { try $0.text(0) } == (isTakenUp ? ["held", to.rawValue] : [to.rawValue]))
      }
    }
  }
}
