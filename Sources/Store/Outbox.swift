public import EventLoop
internal import Orders
public import Postgres

/// An event that is to be published.
public struct OutboxEvent: Sendable {
  public let id: Int64
  public let orderID: String
  /// The order's version: grows with each change, and may skip numbers.
  public let version: Int
  /// Such as `sevk.order.sent`.
  public let type: String
  public let status: String
  public let reason: String?
  /// As in `Orders/ReasonCode.swift`, or newer.
  public let reasonCode: String?
  /// RFC 3339, UTC.
  public let time: String
  public let tenant: String
  public let product: String
  public let reference: String?
  public let provider: String?
  public let trace: String?
}

/// Which transactions were over at a moment, and how far events went.
public struct OutboxHorizon: Sendable, Equatable {
  /// The oldest transaction that still writes: all before it are over.
  public let oldestWriting: Int64
  /// The first transaction that has not begun.
  public let firstToCome: Int64
  /// The last event that can be seen.
  public let lastEvent: Int64

  public init(oldestWriting: Int64, firstToCome: Int64, lastEvent: Int64) {
    self.oldestWriting = oldestWriting
    self.firstToCome = firstToCome
    self.lastEvent = lastEvent
  }
}

/// The change events that PostgreSQL owes the stream.
@LoopActor
public struct Outbox {
  private let pool: PostgresPool

  public nonisolated init(pool: PostgresPool) { self.pool = pool }

  /// The oldest unpublished events. Those of one order come in the order of its changes: each change starts from the
  /// version that the one before it committed, so its row is younger.
  ///
  /// - Parameter after: an id up to which everything is published; see ``OutboxMark``.
  public func unpublished(limit: Int, after: Int64 = 0) async throws -> [OutboxEvent] {
    try await pool.run(Statements.unpublishedEvents, [.int(limit), .int(after)]).map { row in
      try OutboxEvent(
        id: row.int(0), orderID: row.text(1), version: Int(row.int(2)), type: row.text(3), status: row.text(4),
        reason: row.textOrNil(5), reasonCode: row.textOrNil(12), time: row.text(6), tenant: row.text(7),
        product: row.text(8),
        reference: row.textOrNil(9), provider: row.textOrNil(10), trace: row.textOrNil(11))
    }
  }

  /// How things stand now.
  public func horizon() async throws -> OutboxHorizon {
    let row = try await pool.run(Statements.outboxHorizon, []).single()
    return try OutboxHorizon(oldestWriting: row.int(0), firstToCome: row.int(1), lastEvent: row.int(2))
  }

  /// Notes that the events are in the stream.
  public func markPublished(_ ids: [Int64]) async throws {
    _ = try await pool.run(Statements.markPublished, [.intArray(ids)])
  }
}
