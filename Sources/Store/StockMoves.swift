internal import EventLoop
public import Orders
internal import Postgres

/// What people do to codes of a stock: take them back, or write them off.
extension StockStore {
  public enum Move: String, Sendable, CaseIterable {
    /// It can be given out again.
    case available = "free"
    case writtenOff = "written_off"

    /// By the name that an order's audits have.
    init?(audit name: String) {
      guard let move = Self.allCases.first(where: { $0.auditName == name }) else { return nil }
      self = move
    }

    /// In an order's audits.
    public var auditName: String {
      switch self {
      case .available: "stock_returned"
      case .writtenOff: "stock_written_off"
      }
    }
  }

  /// What became of one code.
  public struct Moved: Sendable {
    public let id: Int64
    public let orderID: OrderID?
    /// As stored.
    public let orderStatus: String?
    /// Of before, as stored.
    public let state: String
    /// False where the facts don't allow it.
    public let isDone: Bool
  }

  /// Moves codes, each with who did it and why, in the history of its order as well.
  ///
  /// - Parameter order: whose codes; beside those that are named.
  public func move(
    _ codes: [Int64], order: OrderID? = nil, to move: Move, who: String, note: String
  ) async throws -> [Moved] {
    try await store.pool.run(
      Statements.moveStock,
      [.intArray(codes), .text(order?.description), .text(move.rawValue), .text(who), .text(note)]
    ).map { row in
      try Moved(
        id: row.int(0), orderID: row.textOrNil(1).flatMap { OrderID($0) }, orderStatus: row.textOrNil(2),
        state: row.text(3), isDone: row.bool(4))
    }
  }

  /// A code as people see it: never the code itself.
  public struct Row: Sendable {
    public let id: Int64
    public let state: String
    public let serial: String?
    public let cost: Money?
    /// RFC 3339, UTC.
    public let expiresAt: String?
    public let isExpired: Bool
    public let orderID: String?
    public let line: Int
  }

  /// The codes of a product, in the order in which they are given out.
  ///
  /// - Parameters:
  ///   - state: `free`, `expired`, `reserved`, `given` or `written_off`.
  ///   - after: the last code of the page before.
  public func rows(
    product: String, provider: Int64, state: String, after: Int64, limit: Int
  ) async throws -> [Row] {
    let statement = PostgresStatement(
      name: "stock_rows",
      sql: """
        SELECT c.id, c.state, c.serial, c.cost, to_char(c.expires_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
          coalesce(c.expires_at <= now(), false), c.order_id::text, c.line::bigint
        FROM stock_codes c
        WHERE c.provider_id = $1::bigint AND c.product = $2::text AND c.id > $4::bigint
          AND CASE $3::text
            WHEN 'free' THEN c.state = 'free' AND coalesce(c.expires_at > now(), true)
            WHEN 'expired' THEN c.state = 'free' AND c.expires_at <= now()
            ELSE c.state = $3::text END
        ORDER BY c.id LIMIT $5
        """)
    return try await store.pool.run(
      statement, [.int(provider), .text(product), .text(state), .int(after), .int(limit)]
    ).map { row in
      try Row(
        id: row.int(0), state: row.text(1), serial: row.textOrNil(2),
        cost: row.textOrNil(3).flatMap { Money(parsing: $0, decimalMark: .point) }, expiresAt: row.textOrNil(4),
        isExpired: row.bool(5), orderID: row.textOrNil(6), line: Int(row.int(7)))
    }
  }

  /// The numbers of the codes of a product that expired and were not given to anybody.
  public func expired(product: String, provider: Int64, limit: Int) async throws -> [Int64] {
    try await rows(product: product, provider: provider, state: "expired", after: 0, limit: limit).map(\.id)
  }
}
