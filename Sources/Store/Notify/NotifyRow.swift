internal import Postgres

/// One thing that somebody was told, or is to be, and what became of it.
public struct NotifyRow: Sendable {
  public enum State: String, Sendable, CaseIterable {
    /// In line, or tried and to be tried again.
    case waiting
    /// The service has it.
    case sent
    /// A newer change was told instead, or it came too late.
    case dropped
    /// The service takes nothing for this person, or not this.
    case refused
    /// Nobody knows how to reach them.
    case nobody
    /// Not within a day.
    case failed
    /// It may have come.
    case unknown
  }

  public let id: Int64
  public let tenant: String
  public let audience: String
  public let channel: String
  public let adapter: String
  public let orderID: String
  public let version: Int
  public let isEdit: Bool
  public let type: String
  public let state: State
  public let why: String?
  public let attempts: Int
  /// Of these, as many may have arrived.
  public let doubts: Int
  /// RFC 3339, UTC; so are the next two.
  public let happenedAt: String
  public let sentAt: String?
  public let nextAt: String?
  /// Where it went.
  public let address: String?
  public let messageID: String?

  init(_ row: PostgresRow) throws {
    id = try row.int(0)
    tenant = try row.text(1)
    audience = try row.text(2)
    channel = try row.text(3)
    adapter = try row.text(4)
    orderID = try row.text(5)
    version = Int(try row.int(6))
    isEdit = try row.text(7) == "edit"
    type = try row.text(8)
    guard let state = State(rawValue: try row.text(9)) else { throw row.unreadable(9, "is no state of a notice") }
    self.state = state
    why = try row.textOrNil(10)
    attempts = Int(try row.int(11))
    doubts = Int(try row.int(12))
    happenedAt = try row.text(13)
    sentAt = try row.textOrNil(14)
    nextAt = try row.textOrNil(15)
    address = try row.textOrNil(16)
    messageID = try row.textOrNil(17)
  }
}
