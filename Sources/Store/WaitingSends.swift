internal import Postgres

/// Orders of one product of a tenant that wait to be sent.
public struct WaitingSends: Sendable {
  public let tenantID: Int64
  public let product: String
  /// Who had them last; nil before their first send.
  public let providerID: Int64?
  public let count: Int

  /// So many of each tenant are looked at, the oldest: it is asked while somebody looks at the dashboard.
  public static let lookedAtMax = 10_000
}

extension Store {
  /// Counts the orders that wait to be sent by what they want, ``WaitingSends/lookedAtMax`` of each tenant at most.
  public func waitingSends() async throws -> [WaitingSends] {
    try await pool.run(Statements.waitingSends, [.int(WaitingSends.lookedAtMax)]).map { row in
      try WaitingSends(
        tenantID: row.int(0), product: row.text(1), providerID: row.intOrNil(2), count: Int(row.int(3)))
    }
  }
}
