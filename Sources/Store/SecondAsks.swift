internal import EventLoop
public import Orders
internal import Postgres

/// Somebody wants an order sent again that a provider may have, and waits for a second person to say the same.
public struct SecondAsk: Sendable {
  /// How long it holds, at the most: what was seen at the provider is old then.
  public static let life = Duration.seconds(86_400)

  public let who: String
  public let note: String
  /// RFC 3339, UTC.
  public let time: String

  /// ``time`` in milliseconds of Unix time.
  public var milliseconds: Int64? { Timestamp.milliseconds(time) }

  /// Whether it is of this person. Spelling apart: `Ayşe` and `ayşe ` are one.
  public func isBy(_ person: String) -> Bool { Self.plain(who) == Self.plain(person) }

  private static func plain(_ name: String) -> String { name.lowercased().filter { !$0.isWhitespace } }
}

extension Store {
  /// What waits for a second person; nil when nothing does for the order as it is.
  public func secondAsk(of order: Order) async throws -> SecondAsk? {
    let rows = try await pool.run(
      PostgresStatement(
        name: "second_ask",
        sql: """
          SELECT who, note, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') FROM second_asks
          WHERE order_id = $1::uuid AND version = $2::int AND at > now() - $3::bigint * interval '1 millisecond'
          """),
      [.text(order.id.description), .int(order.version), .int(SecondAsk.life.milliseconds)])
    return try rows.first.map { try SecondAsk(who: $0.text(0), note: $0.text(1), time: $0.text(2)) }
  }

  /// The orders that wait for a second person, the oldest wish first.
  public func ordersWantingSecond(limit: Int) async throws -> [(id: OrderID, ask: SecondAsk)] {
    let statement = PostgresStatement(
      name: "orders_wanting_second",
      sql: """
        SELECT a.order_id, a.who, a.note, to_char(a.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
        FROM second_asks a JOIN orders o ON o.id = a.order_id AND o.version = a.version
        WHERE a.at > now() - $1::bigint * interval '1 millisecond' ORDER BY a.at LIMIT $2
        """)
    return try await pool.run(statement, [.int(SecondAsk.life.milliseconds), .int(limit)]).compactMap { row in
      guard let id = OrderID(try row.text(0)) else { return nil }
      return (id, try SecondAsk(who: row.text(1), note: row.text(2), time: row.text(3)))
    }
  }

  /// Notes that a person wants it, with an audit row.
  ///
  /// - Parameters:
  ///   - person: with whom the second one is compared.
  ///   - who: for people.
  /// - Returns: false when the order is not as it was seen, or somebody wanted it before.
  public func wantSecond(_ order: Order, person: String, who: String, note: String) async throws -> Bool {
    try await pool.run(
      Statements.wantSecond,
      [
        .text(order.id.description), .int(order.version), .text(person), .text(who), .text(note),
        .int(SecondAsk.life.milliseconds),
      ]
    ).count == 1
  }

  /// For more than what a second person is needed, by the names of those of the providers that have such a limit.
  public func secondPersonLimits(_ providers: [String]) async throws -> [String: (above: Money, currency: String?)] {
    var limits: [String: (above: Money, currency: String?)] = [:]
    let rows = try await pool.run(
      PostgresStatement(
        name: "second_person_limits",
        sql: "SELECT name, second_person_above::text, currency FROM providers"
          + " WHERE name = ANY ($1::text[]) AND second_person_above IS NOT NULL"),
      [.textArray(providers)])
    for row in rows {
      guard let above = try row.textOrNil(1).flatMap({ Money(parsing: $0) }) else { continue }
      limits[try row.text(0)] = (above, try row.textOrNil(2))
    }
    return limits
  }
}
