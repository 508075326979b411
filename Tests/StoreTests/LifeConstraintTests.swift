import EventLoop
import Orders
import Postgres
import Store
import TestSupport
import Testing

/// The database repeats the life of an order, whoever writes to it.
@Suite(.timeLimit(.minutes(2))) struct LifeConstraintTests {
  /// A way to each status.
  private static let paths: [(Status, [Status])] = [
    (.pending, []), (.sending, [.sending]), (.sent, [.sending, .sent]), (.unresolved, [.sending, .unresolved]),
    (.held, [.held]), (.completed, [.sending, .completed]), (.failed, [.failed]), (.cancelled, [.cancelled]),
  ]

  @Test func everyPairIsJudgedAsStatusDoes() async throws {
    let bench = try await Bench()
    for (from, path) in Self.paths {
      for to in Status.allCases {
        var order = try await bench.order()
        for status in path {
          try await bench.store.apply(await bench.move(order, to: status))
          order = try await bench.load(order.id)
        }
        #expect(order.status == from)
        // A held order is moved by a person: to anything but itself.
        let isAllowed = from.canBecome(to) || (from == .held && to != .held)
        let error = await refusal(bench, order.id, to)
        #expect((error == nil) == isAllowed, "\(from) to \(to): \(String(describing: error))")
        if !isAllowed { #expect(error?.constraint == "orders_life", "\(from) to \(to)") }
        #expect(try await bench.load(order.id).status == (isAllowed ? to : from))
      }
    }
  }

  private func refusal(_ bench: Bench, _ id: OrderID, _ to: Status) async -> PostgresError? {
    do {
      _ = try await bench.sql(
        """
        UPDATE orders SET came_from = status, status = $2::text, reason = 'raw',
          due_at = CASE WHEN $2::text IN ('pending', 'sending', 'sent', 'unresolved') THEN now() END,
          provider_id = (SELECT min(id) FROM providers), provider_reference = '1'
        WHERE id = $1::uuid
        """, .text(id.description), .text(to.rawValue))
      return nil
    } catch { return error as? PostgresError }
  }

  @Test(arguments: [
    ("status = 'sending', came_from = 'pending'", "orders_at_provider"),
    ("due_at = NULL", "orders_due"), ("pin = '\\x00'", "orders_pin"),
    ("status = 'held', came_from = 'pending', due_at = NULL, reason = NULL", "orders_held"),
    ("status = 'lost', due_at = NULL", "orders_life"), ("came_from = 'lost'", "orders_life"),
    ("quantity = 0", "orders_quantity_check"),
    ("priority = 'urgent'", "orders_priority_check"), ("request_hash = '\\x00'", "orders_request_hash_check"),
  ])
  func halfTruthsAreRefused(_ change: String, _ constraint: String) async throws {
    let bench = try await Bench()
    let order = try await bench.order()
    let error = await #expect(throws: PostgresError.self) {
      _ = try await bench.sql("UPDATE orders SET \(change) WHERE id = $1::uuid", .text(order.id.description))
    }
    #expect(error?.constraint == constraint)
  }
}
