internal import Postgres

/// An address that a shop wants its events posted to.
public struct EndpointRow: Sendable {
  public enum State: String, Sendable {
    case active, paused
    /// Given up after days of nothing but failures.
    case disabled
    /// It said itself (410) that nobody is there any more.
    case gone
  }

  public let id: Int64
  public let tenantID: Int64
  public let tenant: String
  public let name: String
  public let url: String
  /// Of events; `*` is every one.
  public let types: [String]
  /// Requests a second; nil: no limit.
  public let ratePerSecond: Int?
  /// A newer version of an order takes the place of older ones that are not delivered yet.
  public let latestOnly: Bool
  /// An X25519 key in base64.
  public let sealedTo: String?
  public let state: State
  /// For how long there were nothing but failures.
  public let failingFor: Duration?
  /// For how long answers were slow.
  public let slowFor: Duration?
  public let warnedPercent: Int
  /// For how much longer the secret before signs as well.
  public let previousSecretFor: Duration?
  /// RFC 3339, UTC; so is ``updatedAt``.
  public let createdAt: String
  public let updatedAt: String
  /// Deliveries in line, counted up to ``waitingMax``.
  public let waiting: Int
  /// For how much longer it is not posted to, since it asked for that.
  public let heldFor: Duration?

  public static let waitingMax = 10_000

  init(_ row: PostgresRow) throws {
    id = try row.int(0)
    tenantID = try row.int(1)
    tenant = try row.text(2)
    name = try row.text(3)
    url = try row.text(4)
    types = try row.text(5).split(separator: ",").map(String.init)
    ratePerSecond = try row.intOrNil(6).map { Int($0) }
    latestOnly = try row.bool(7)
    sealedTo = try row.textOrNil(8)
    guard let state = State(rawValue: try row.text(9)) else { throw row.unreadable(9, "is no state of an endpoint") }
    self.state = state
    failingFor = try row.intOrNil(10).map { .milliseconds($0) }
    slowFor = try row.intOrNil(11).map { .milliseconds($0) }
    warnedPercent = Int(try row.int(12))
    previousSecretFor = try row.intOrNil(13).flatMap { $0 > 0 ? .milliseconds($0) : nil }
    createdAt = try row.text(14)
    updatedAt = try row.text(15)
    waiting = Int(try row.int(16))
    heldFor = try row.intOrNil(17).flatMap { $0 > 0 ? .milliseconds($0) : nil }
  }
}
