internal import EventLoop
public import Orders
internal import Postgres

/// Figures of PostgreSQL that tell whether the processes keep up.
public struct Diagnosis: Sendable {
  public let openOrders: Int
  public let heldOrders: Int
  /// Events that every sink should have by now.
  public let lateEvents: Int
  /// Age of the oldest event that some sink lacks; nil when there is none.
  public let oldestEvent: Duration?
}

extension Store {
  /// Counts what is open and what is late by `late`.
  public func diagnosis(late: Duration) async throws -> Diagnosis {
    let row = try await pool.run(Statements.doctor, [.int(late.milliseconds)]).single()
    return try Diagnosis(
      openOrders: Int(row.int(0)), heldOrders: Int(row.int(1)), lateEvents: Int(row.int(2)),
      oldestEvent: row.intOrNil(3).map { .milliseconds($0) })
  }

  /// Those of `ids` whose order is open.
  public func open(among ids: [OrderID]) async throws -> Set<OrderID> {
    let rows = try await pool.run(Statements.openAmong, [.textArray(ids.map(\.description))])
    return Set(try rows.compactMap { OrderID(try $0.text(0)) })
  }

  /// Those of `ids` whose order waits for a person.
  public func held(among ids: [OrderID]) async throws -> Set<OrderID> {
    let rows = try await pool.run(Statements.heldAmong, [.textArray(ids.map(\.description))])
    return Set(try rows.compactMap { OrderID(try $0.text(0)) })
  }
}
