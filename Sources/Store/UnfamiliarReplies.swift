public import EventLoop
public import Orders
internal import Postgres

/// Answers of providers that no row of their contract explains, as they are kept: one for each that differs.
public struct UnfamiliarReply: Sendable {
  public let kind: String
  /// Of HTTP.
  public let status: Int?
  /// Without PINs and credentials.
  public let reply: [UInt8]
  public let seen: Int
  /// The first order that got it.
  public let orderID: OrderID?
  /// In RFC 3339.
  public let firstAt: String
  public let lastAt: String
}

/// Those answers in PostgreSQL.
@LoopActor
public struct UnfamiliarReplies {
  /// Most distinct answers that are kept of a provider; a hash of numbers it can't read would fill the table otherwise.
  public nonisolated static let distinctMax = 200

  private let store: Store
  public nonisolated init(_ store: Store) { self.store = store }

  /// Counts an answer.
  ///
  /// - Parameters:
  ///   - shape: what must be the same for two answers to be counted as one.
  ///   - count: how often it came since it was last counted.
  /// - Returns: whether it is the first of its shape; nil when so many are kept that it is not.
  public func note(
    provider: Int64, _ exchange: Exchange, shape: [UInt8], count: Int, order: OrderID?
  ) async throws -> Bool? {
    let rows = try await store.pool.run(
      Statements.noteUnfamiliar,
      [
        .int(provider), .text(exchange.kind.rawValue), .int(exchange.status), .bytea(exchange.reply), .bytea(shape),
        .int(count), .text(order?.description), .int(Self.distinctMax),
      ])
    return try rows.first.map { try $0.int(0) == 1 }
  }

  /// Those of a provider, the last seen first.
  public func all(provider: Int64) async throws -> [UnfamiliarReply] {
    let statement = PostgresStatement(
      name: "unfamiliar_replies",
      sql: """
        SELECT kind, status, reply, seen, order_id::text,
          to_char(first_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
          to_char(last_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
        FROM unfamiliar_replies WHERE provider_id = $1::bigint ORDER BY last_at DESC, print
        """)
    return try await store.pool.run(statement, [.int(provider)]).map { row in
      try UnfamiliarReply(
        kind: row.text(0), status: row.intOrNil(1).map { Int($0) }, reply: row.bytesOrNil(2) ?? [],
        seen: Int(row.int(3)), orderID: row.textOrNil(4).flatMap { OrderID($0) }, firstAt: row.text(5),
        lastAt: row.text(6))
    }
  }
}
