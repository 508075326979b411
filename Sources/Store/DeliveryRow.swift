internal import Postgres

/// One event for one endpoint, and what became of it.
public struct DeliveryRow: Sendable {
  public enum State: String, Sendable, CaseIterable {
    /// In line, or tried and to be tried again.
    case waiting
    case delivered
    /// A newer version of its order took its place.
    case dropped
    /// Not posted any more unless somebody asks for it.
    case kept
  }

  public let id: DeliveryID
  /// As the event's body has it.
  public let eventID: String
  public let type: String
  public let orderID: String
  public let orderVersion: Int64
  public let state: State
  /// Since it was put in line last.
  public let attempts: Int
  /// RFC 3339, UTC; so is ``deliveredAt``.
  public let nextAt: String?
  public let deliveredAt: String?
  /// Which version of the order the receiver says it has applied.
  public let appliedVersion: Int64?
  public let httpStatus: Int?
  public let duration: Duration?
  public let endpoint: String

  init(_ row: PostgresRow) throws {
    id = DeliveryID(endpoint: try row.int(0), position: try row.int(1))
    eventID = try row.text(2)
    type = try row.text(3)
    orderID = try row.text(4)
    orderVersion = try row.int(5)
    guard let state = State(rawValue: try row.text(6)) else { throw row.unreadable(6, "is no state of a delivery") }
    self.state = state
    attempts = Int(try row.int(7))
    nextAt = try row.textOrNil(8)
    deliveredAt = try row.textOrNil(9)
    appliedVersion = try row.intOrNil(10)
    httpStatus = try row.intOrNil(11).map { Int($0) }
    duration = try row.intOrNil(12).map { .milliseconds($0) }
    endpoint = try row.textOrNil(13) ?? ""
  }
}

/// Names a delivery: its endpoint and the position of its event, as `7.1042`.
public struct DeliveryID: Sendable, Hashable, CustomStringConvertible {
  public let endpoint: Int64
  public let position: Int64
  public var description: String { "\(endpoint).\(position)" }

  public init(endpoint: Int64, position: Int64) { (self.endpoint, self.position) = (endpoint, position) }

  public init?(_ text: some StringProtocol) {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 2, let endpoint = Int64(parts[0]), let position = Int64(parts[1]) else { return nil }
    self.init(endpoint: endpoint, position: position)
  }
}

/// An attempt that failed.
public struct DeliveryAttempt: Sendable {
  public let position: Int64
  /// RFC 3339, UTC; so is ``nextAt``.
  public let at: String
  public let cause: String
  public let error: String
  public let httpStatus: Int?
  public let duration: Duration
  /// The first bytes of the answer.
  public let answer: [UInt8]?
  public let nextAt: String?

  init(_ row: PostgresRow) throws {
    position = try row.int(0)
    at = try row.text(1)
    cause = try row.text(2)
    error = try row.text(3)
    httpStatus = try row.intOrNil(4).map { Int($0) }
    duration = .milliseconds(try row.int(5))
    answer = try row.bytesOrNil(6)
    nextAt = try row.textOrNil(7)
  }
}
