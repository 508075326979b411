public import EventLoop
public import Orders
internal import Postgres

/// A second look at an order that ended.
public struct SecondLook: Sendable {
  public let orderID: OrderID
  /// The order's when it ended.
  public let version: Int
  /// Negative when overdue.
  public let untilDue: Duration
  /// Questions that got no answer.
  public let tries: Int
  /// Print of what contradicts the end and was said once, and how long ago.
  public let said: (print: [UInt8], age: Duration)?
}

/// A second look for which a job is owed.
public struct OwedSecondLook: Sendable {
  public let orderID: OrderID
  public let untilDue: Duration
  public let tenantID: Int64
  public let product: String
  public let providerID: Int64?
  /// As it is stored.
  public let trace: String?
}

/// The second looks in PostgreSQL.
@LoopActor
public struct SecondLooks {
  private nonisolated static let eventsMax = 2000

  let store: Store
  public nonisolated init(_ store: Store) { self.store = store }

  /// Notes the looks that are due by now after a delay. The first time it begins with what happens from then on.
  ///
  /// - Parameters:
  ///   - delay: from an order's end to the look.
  ///   - usual: the delays of providers that set none.
  /// - Returns: the looks; whether there may be more at once.
  public func find(
    after delay: Duration, usual: [Duration]
  ) async throws -> (looks: [OwedSecondLook], mayBeMore: Bool) {
    let begin = PostgresStatement(
      name: "begin_second_looks",
      sql: """
        INSERT INTO second_look_marks (delay_ms, position) SELECT $1, coalesce(max(last), 0) FROM event_places
        WHERE NOT EXISTS (SELECT FROM second_look_marks WHERE delay_ms = $1) ON CONFLICT DO NOTHING
        """)
    let answers = try await store.pool.transaction([
      (begin, [.int(delay.milliseconds)]),
      (
        Statements.findSecondLooks,
        [.int(delay.milliseconds), .int(Self.eventsMax), .intArray(usual.map { Int64($0.milliseconds) })]
      ),
    ])
    let looks = try answers[1].compactMap { row -> OwedSecondLook? in
      guard let id = try row.textOrNil(1).flatMap({ OrderID($0) }) else { return nil }
      return try OwedSecondLook(
        orderID: id, untilDue: .zero, tenantID: row.int(2), product: row.text(3), providerID: row.intOrNil(4),
        trace: row.textOrNil(5))
    }
    return (looks, try answers[1].first.map { try $0.int(0) > 0 } ?? false)
  }

  /// A page of the looks that are owed, by order.
  public func owed(after: OrderID?, limit: Int) async throws -> [OwedSecondLook] {
    let start = after?.description ?? "00000000-0000-0000-0000-000000000000"
    return try await store.pool.run(Statements.owedSecondLooks, [.text(start), .int(limit)]).compactMap { row in
      guard let id = OrderID(try row.text(0)) else { return nil }
      return try OwedSecondLook(
        orderID: id, untilDue: .milliseconds(row.int(1)), tenantID: row.int(2), product: row.text(3),
        providerID: row.intOrNil(4), trace: row.textOrNil(5))
    }
  }

  /// The look at an order; nil when none is owed.
  public func look(at id: OrderID) async throws -> SecondLook? {
    let rows = try await store.pool.run(Statements.loadSecondLook, [.text(id.description)])
    return try rows.first.map { row in
      var said: ([UInt8], Duration)?
      if let print = try row.bytesOrNil(3) { said = (print, .milliseconds(try row.intOrNil(4) ?? 0)) }
      return try SecondLook(
        orderID: id, version: Int(row.int(0)), untilDue: .milliseconds(row.int(1)), tries: Int(row.int(2)), said: said)
    }
  }

  /// Looks again later.
  ///
  /// - Parameter said: print of what contradicts the end.
  public func postpone(_ look: SecondLook, by pause: Duration, tries: Int, said: [UInt8]?) async throws {
    _ = try await store.pool.run(
      Statements.postponeSecondLook,
      [
        .text(look.orderID.description), .int(look.version), .int(pause.milliseconds), .int(tries), .bytea(said),
      ])
  }

  /// The look is over.
  public func end(_ look: SecondLook) async throws {
    let statement = PostgresStatement(
      name: "end_second_look", sql: "DELETE FROM second_looks WHERE order_id = $1::uuid AND version = $2::int")
    _ = try await store.pool.run(statement, [.text(look.orderID.description), .int(look.version)])
  }

  /// Contests the end of an order: see ``Status/contested``.
  ///
  /// - Throws: ``StoreError/conflict(_:)`` when the order has moved on; nothing was written then.
  public func contest(_ order: Order, _ reason: Reason, _ exchange: Exchange) async throws {
    precondition(order.status.canBecome(.contested), "an order can't go from \(order.status) to contested")
    let rows = try await store.pool.run(
      Statements.contest,
      [
        .text(order.id.description), .int(order.version), .text(order.status.rawValue), .text(reason.text),
        .text(reason.code?.rawValue), .text(Status.contested.eventType), .text(exchange.kind.rawValue),
        .text(exchange.request), .int(exchange.status), .bytea(exchange.reply), .text(exchange.error),
        .int(exchange.duration.milliseconds),
      ])
    guard rows.count == 1 else { throw StoreError.conflict(order.id) }
    store.announceEvents()
  }
}

extension Store {
  /// What came of wanting the provider asked at once.
  public enum Asked: Sendable, Equatable {
    case asked
    /// It was asked a moment ago; the wait that is left.
    case tooSoon(Duration)
    /// The order has moved on.
    case moved
  }

  /// Makes a question about an order due now; of one that ended, a second look.
  ///
  /// - Parameter pause: at the least between two of them.
  public func askNow(_ order: Order, pause: Duration) async throws -> Asked {
    let row = try await pool.run(
      Statements.askNow,
      [
        .text(order.id.description), .int(order.version), .int(pause.milliseconds),
        .bool(order.status.canBecome(.contested)),
      ]
    ).single()
    if try row.bool(0) { return .asked }
    guard let wait = try row.intOrNil(1) else { return .moved }
    return .tooSoon(.milliseconds(max(wait, 0)))
  }
}

extension Setup {
  /// When orders that ended at a provider are asked about again.
  ///
  /// - Parameters:
  ///   - delays: nil: as usual; empty: never.
  ///   - share: of the orders; nil: of all.
  public func setSecondLook(delays: [Duration]??, share: Double??, provider: String) async throws {
    if let delays {
      _ = try await store.pool.run(
        PostgresStatement(
          name: "",
          sql: "UPDATE providers SET second_look_ms = $2::text::bigint[], updated_at = now() WHERE name = $1"),
        [
          .text(provider),
          .text(delays.map { "{\($0.map { "\($0.milliseconds)" }.joined(separator: ","))}" }),
        ])
    }
    if let share {
      _ = try await store.pool.run(
        PostgresStatement(
          name: "", sql: "UPDATE providers SET second_look_share = $2::text::real, updated_at = now() WHERE name = $1"),
        [.text(provider), .text(share.map { "\($0)" })])
    }
  }
}
