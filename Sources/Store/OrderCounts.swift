public import Orders
internal import Postgres

/// How many orders something must still happen to, and how old they are.
public struct OrderCounts: Sendable {
  /// Of ``Status/unsettled``; one that is missing has none.
  public let counts: [Status: Int]
  /// The age of the oldest order in each of them.
  public let oldest: [Status: Duration]
  /// For how long the order has been in `sending` that is there longest.
  public let longestSending: Duration?
  /// Events that some sink does not have yet.
  public let unpublished: Int
  /// The age of the first of them.
  public let oldestUnpublished: Duration?
}

extension Store {
  /// Counts, at a cost that grows with the orders that are not final: a million take about a second.
  public func orderCounts() async throws -> OrderCounts {
    let answers = try await pool.transaction([(Statements.orderCounts, []), (Statements.outboxLag, [])])
    var counts: [Status: Int] = [:]
    var oldest: [Status: Duration] = [:]
    var longestSending: Duration?
    for row in answers[0] {
      guard let status = Status(rawValue: try row.text(0)) else { continue }
      counts[status] = Int(try row.int(1))
      oldest[status] = try row.intOrNil(2).map { .milliseconds($0) }
      if status == .sending { longestSending = try row.intOrNil(3).map { .milliseconds($0) } }
    }
    let outbox = answers[1].first
    return OrderCounts(
      counts: counts, oldest: oldest,
      longestSending: longestSending,
      unpublished: Int(try outbox?.int(0) ?? 0),
      oldestUnpublished: try outbox.flatMap { try $0.intOrNil(1) }.map { .milliseconds($0) })
  }
}
