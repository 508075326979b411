public import Orders
internal import Postgres

/// How long a product's orders took lately, from being recorded to being completed.
public struct DeliveryTimes: Sendable {
  /// How many orders it was seen from.
  public let orders: Int
  public let median: Duration
  /// What 95 of 100 stayed below.
  public let p95: Duration
}

extension Store {
  /// Most orders of an hour that are looked at.
  private nonisolated static let deliveriesOfHourMax = 200

  /// Of a tenant's products that were delivered in the last 24 hours.
  ///
  /// - Parameter nowMilliseconds: Unix time.
  public func deliveryTimes(tenant: Int64, nowMilliseconds: Int64) async throws -> [ExactText: DeliveryTimes] {
    let rows = try await pool.run(
      Statements.deliveryTimes, [.int(tenant), .int(nowMilliseconds), .int(Self.deliveriesOfHourMax)])
    var times: [ExactText: DeliveryTimes] = [:]
    for row in rows {
      times[ExactText(try row.text(0))] = try DeliveryTimes(
        orders: Int(row.int(1)), median: .milliseconds(row.int(2)), p95: .milliseconds(row.int(3)))
    }
    return times
  }
}
