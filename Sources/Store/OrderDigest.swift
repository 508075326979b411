public import Orders
internal import Postgres

/// What a tenant's orders of a span of time come to: who has the same orders in the same versions has the same digest.
public struct OrderDigest: Sendable {
  public let count: Int
  /// SHA-256 in hexadecimal; of what, `order_digest.sql` says.
  public let hash: String
}

extension Store {
  /// - Parameters:
  ///   - from: the first id that belongs to it.
  ///   - end: the first that does not.
  public func digest(tenant: Int64, from: OrderID, to end: OrderID) async throws -> OrderDigest {
    let row = try await pool.run(
      Statements.orderDigest, [.int(tenant), .text(from.description), .text(end.description)]
    ).single()
    return try OrderDigest(count: Int(row.int(0)), hash: row.text(1))
  }
}
