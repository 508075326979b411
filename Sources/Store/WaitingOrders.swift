internal import EventLoop
public import Orders
internal import Postgres

/// The orders of one status that something must still happen to.
public struct WaitingOrders: Sendable, Equatable {
  public let status: Status
  public let count: Int
  /// The first that was recorded of them, and how long ago; nil when there is none.
  public let oldest: OrderID?
  public let oldestAge: Duration?

  public init(status: Status, count: Int, oldest: OrderID?, oldestAge: Duration?) {
    self.status = status
    self.count = count
    self.oldest = oldest
    self.oldestAge = oldestAge
  }
}

extension Store {
  /// Counts the orders that are not settled, a status a row; by index, so that finished orders cost nothing.
  public func waitingOrders() async throws -> [WaitingOrders] {
    let statuses = Status.unsettled
    let rows = try await pool.run(Statements.overviewOrders, [.textArray(statuses.map(\.rawValue))])
    var found: [Status: WaitingOrders] = [:]
    for row in rows {
      guard let status = Status(rawValue: try row.text(0)) else { continue }
      found[status] = try WaitingOrders(
        status: status, count: Int(row.int(1)), oldest: row.textOrNil(2).flatMap { OrderID($0) },
        oldestAge: row.intOrNil(3).map { .milliseconds($0) })
    }
    return statuses.map { found[$0] ?? WaitingOrders(status: $0, count: 0, oldest: nil, oldestAge: nil) }
  }
}
