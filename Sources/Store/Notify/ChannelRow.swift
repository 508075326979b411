internal import Postgres

/// An account at a service that carries messages to people.
public struct ChannelRow: Sendable {
  public let id: Int64
  public let name: String
  /// As `ChannelRegistry` in `Adapters` knows it.
  public let adapter: String
  public let baseURL: String
  /// RFC 3339, UTC.
  public let createdAt: String
  /// Why nobody is told anything by it, and since when; nil while it works.
  public let trouble: String?
  public let troubleSince: String?
  let credentials: [UInt8]

  init(_ row: PostgresRow) throws {
    id = try row.int(0)
    name = try row.text(1)
    adapter = try row.text(2)
    baseURL = try row.text(3)
    createdAt = try row.text(4)
    trouble = try row.textOrNil(5)
    troubleSince = try row.textOrNil(6)
    credentials = try row.bytes(7)
  }
}

/// Whom something is told.
public enum NotifyAudience: String, Sendable, CaseIterable {
  /// Whom the order is for: reached where its fields `phone`, `email` and `telegram` say.
  case customer
  /// Who fulfils it.
  case partner
  /// Who runs things: reached where the rule says.
  case ops
}

/// Who is told what, by which channel.
public struct NotifyTarget: Sendable {
  public let id: Int64
  public let tenant: String
  public let audience: NotifyAudience
  public let channel: String
  public let adapter: String
  /// Empty but for ``NotifyAudience/ops``.
  public let address: String
  /// nil: the one that the order says.
  public let language: String?
  /// Types of events.
  public let types: [String]

  init(_ row: PostgresRow) throws {
    id = try row.int(0)
    tenant = try row.text(1)
    guard let audience = NotifyAudience(rawValue: try row.text(2)) else { throw row.unreadable(2, "is no audience") }
    self.audience = audience
    channel = try row.text(3)
    adapter = try row.text(4)
    address = try row.text(5)
    language = try row.textOrNil(6)
    types = try row.text(7).split(separator: ",").map(String.init)
  }
}

/// A tenant's own words for a type of event.
public struct NotifyText: Sendable {
  public let tenant: String
  public let audience: NotifyAudience
  public let type: String
  public let language: String
  /// The first line is the subject.
  public let words: String

  init(_ row: PostgresRow) throws {
    tenant = try row.text(0)
    guard let audience = NotifyAudience(rawValue: try row.text(1)) else { throw row.unreadable(1, "is no audience") }
    self.audience = audience
    type = try row.text(2)
    language = try row.text(3)
    words = try row.text(4)
  }
}
