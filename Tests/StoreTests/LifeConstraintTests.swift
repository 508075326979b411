import EventLoop
import Orders
import Postgres
import Store
import TestSupport
import Testing

/// The database repeats the life of an order, whoever writes to it.
@Suite(.timeLimit(.minutes(2))) struct LifeConstraintTests {
  /// The shortest way from `pending` to each status, by the table.
  private static var paths: [Status: [Status]] {
    var paths: [Status: [Status]] = [.pending: []]
    var edge: [Status] = [.pending]
    while !edge.isEmpty {
      var next: [Status] = []
      for from in edge {
        for to in from.row.leadsTo where paths[to] == nil {
          paths[to] = paths[from, default: []] + [to]
          next.append(to)
        }
      }
      edge = next
    }
    return paths
  }

  @Test func everyPairIsJudgedAsStatusDoes() async throws {
    let bench = try await Bench()
    for from in Status.allCases {
      let path = try #require(Self.paths[from], "no way leads to \(from)")
      for to in Status.allCases {
        var order = try await bench.order()
        for status in path {
          try await bench.store.apply(await bench.move(order, to: status))
          order = try await bench.load(order.id)
        }
        #expect(order.status == from)
        // What a person decides about leads to anything but itself, or where it had ended to delivered or not.
        let isAllowed =
          from.canBecome(to)
          || (from == .contested
            ? [.completed, .failed].contains(to) : from.row.person == .decides && to != from && to != .contested)
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
          due_at = CASE WHEN $2::text IN (\(Status.literals(Status.open))) THEN now() END,
          provider_id = (SELECT min(id) FROM providers), provider_reference = '1'
        WHERE id = $1::uuid
        """, .text(id.description), .text(to.rawValue))
      return nil
    } catch { return error as? PostgresError }
  }

  @Test(arguments: [
    ("status = 'sending', came_from = 'pending'", "orders_at_provider"),
    ("refund_claimed_at = now()", "orders_claimed"), ("due_at = NULL", "orders_due"), ("pin = '\\x00'", "orders_pin"),
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
