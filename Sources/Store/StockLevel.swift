internal import EventLoop
public import Orders
internal import Postgres

/// What a stock has of one product.
public struct StockLevel: Sendable {
  public let providerID: Int64
  public let provider: String
  public let product: String
  /// Fewer free codes than this are too few; nil where nobody said.
  public let low: Int?
  public let free: Int
  /// Set aside for orders that are not completed.
  public let reserved: Int
  /// Orders got them.
  public let given: Int
  /// Not given to anybody, and too late for that.
  public let expired: Int
  public let writtenOff: Int
  /// When the next of the free ones expires: RFC 3339, UTC.
  public let nextExpiry: String?
  /// What the free ones cost, as far as that is known.
  public let worth: Money?

  public var isLow: Bool { low.map { free < $0 } ?? false }

  /// Numbers by the names of metrics and JSON.
  public var counts: [(state: String, count: Int)] {
    [
      ("free", free), ("reserved", reserved), ("given", given), ("expired", expired), ("written_off", writtenOff),
    ]
  }
}

extension StockStore {
  /// Every product of every stock, or of one.
  public func levels(provider: Int64? = nil) async throws -> [StockLevel] {
    try await store.pool.run(Statements.stockLevels, [.int(provider)]).map { row in
      try StockLevel(
        providerID: row.int(10), provider: row.text(0), product: row.text(1), low: row.intOrNil(2).map { Int($0) },
        free: Int(row.int(3)), reserved: Int(row.int(5)), given: Int(row.int(6)), expired: Int(row.int(4)),
        writtenOff: Int(row.int(7)), nextExpiry: row.textOrNil(8),
        worth: row.textOrNil(9).flatMap { Money(parsing: $0, decimalMark: .point) })
    }
  }

  /// Says how few free codes of a product are too few; nil: nobody is told.
  public func setLow(_ low: Int?, product: String, provider: Int64) async throws {
    let statement = PostgresStatement(
      name: "stock_low",
      sql: """
        INSERT INTO stock_products (provider_id, product, low) VALUES ($1::bigint, $2::text, $3::int)
        ON CONFLICT (provider_id, product) DO UPDATE SET low = excluded.low
        """)
    _ = try await store.pool.run(statement, [.int(provider), .text(product), .int(low.map(Int64.init))])
  }
}
