internal import Cipher
public import Orders
internal import Postgres

/// One step of an order's past as its page tells it.
public struct PageStep: Sendable, Equatable {
  public enum Kind: Sendable, Equatable {
    case status(Status)
    case pinShown
    case rated
  }
  public let kind: Kind
  /// RFC 3339, UTC.
  public let time: String

  public init(_ kind: Kind, time: String) { (self.kind, self.time) = (kind, time) }
}

/// What a customer said of an order.
public struct OrderRating: Sendable, Equatable {
  public static let textCharactersMax = 1000
  public let stars: Int
  /// May be empty.
  public let text: String

  public init(stars: Int, text: String) { (self.stars, self.text) = (stars, text) }
}

extension Store {
  /// What an order's page tells of its past, oldest first.
  public func pageStory(of id: OrderID) async throws -> [PageStep] {
    try await pool.run(Statements.pageStory, [.text(id.description)]).compactMap { row in
      let time = try row.text(2)
      switch try row.text(0) {
      case "pin_shown": return PageStep(.pinShown, time: time)
      case "rated": return PageStep(.rated, time: time)
      default: return try row.textOrNil(1).flatMap { Status(rawValue: $0) }.map { PageStep(.status($0), time: time) }
      }
    }
  }

  /// The PIN of an order, for its page; that it was shown is written down before this returns.
  ///
  /// - Returns: nil when the order is not completed, or has no PIN.
  /// - Throws: `VaultError` when it was sealed under a key that this process does not have; nothing is written then.
  public func revealPin(of id: OrderID) async throws -> Pin? {
    // What can't be opened is not noted as shown.
    _ = try await pin(of: id)
    guard let row = try await pool.run(Statements.revealPin, [.text(id.description)]).first else { return nil }
    return try open(pin: row.bytes(0), of: id)
  }

  /// What the customer said of an order; nil when nothing was said.
  public func rating(of id: OrderID) async throws -> OrderRating? {
    let statement = PostgresStatement(
      name: "order_rating", sql: "SELECT stars, text FROM order_ratings WHERE order_id = $1::uuid")
    return try await pool.run(statement, [.text(id.description)]).first.map {
      try OrderRating(stars: Int($0.int(0)), text: $0.text(1))
    }
  }

  /// Notes what the customer says of a completed order, with an event; once.
  ///
  /// - Returns: false when it was rated already, or is not completed.
  public func rate(_ id: OrderID, _ rating: OrderRating) async throws -> Bool {
    let rows = try await pool.run(
      Statements.rateOrder,
      [.text(id.description), .int(rating.stars), .text(rating.text), .text(OrderEvent.rated)])
    guard rows.count == 1 else { return false }
    announceEvents()
    return true
  }
}
