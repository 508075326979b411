public import Orders
internal import Postgres

/// One step in the story of an order.
public struct TimelineStep: Sendable {
  public enum Kind: Sendable {
    /// It reached a status, with the reason if there was one.
    case status(Status, reason: String?)
    /// A send was begun under a reference at a provider.
    case send(number: Int, sendReference: String, provider: String)
    /// A question and answer on the wire.
    case exchange(Exchange, send: Int)
    /// Its PIN was shown on the customer's page.
    case pinShown
    /// The customer rated it, with so many stars.
    case rated(Int)
  }
  /// RFC 3339, UTC.
  public let time: String
  public let kind: Kind
  /// Of a status it reached.
  public let reasonCode: ReasonCode?
  /// Of a status it reached: how far a person was with it; nil where it was at no desk.
  public var stage: Stage?
  /// Of a send: the provider's own name for the order, where it said one.
  public let providerOrderID: String?
  /// Of a send: why the order took this route, where there was another, and what is told of its price.
  public var choice: (code: String, words: String)?
  /// Of a send: what it cost, and what the provider's catalogue said, where that is not the same.
  public var costOffCatalog: (cost: Money, catalog: Money)?

  public init(time: String, kind: Kind, reasonCode: ReasonCode? = nil, providerOrderID: String? = nil) {
    self.time = time
    self.kind = kind
    self.reasonCode = reasonCode
    self.providerOrderID = providerOrderID
  }
}

extension Store {
  /// Everything that happened to an order, oldest first; empty when there is no such order.
  public func timeline(of id: OrderID) async throws -> [TimelineStep] {
    try await pool.run(Statements.timeline, [.text(id.description)]).compactMap { row in
      let kind: TimelineStep.Kind
      switch try row.text(1) {
      case "status":
        guard let status = Status(rawValue: try row.text(2)) else { return nil }
        kind = .status(status, reason: try row.textOrNil(3))
      case "attempt":
        kind = .send(number: Int(try row.int(4)), sendReference: try row.text(11), provider: try row.text(12))
      case "pin_shown": kind = .pinShown
      case "rated": kind = .rated(try row.textOrNil(3).flatMap { Int($0) } ?? 0)
      default:
        guard let what = Exchange.Kind(rawValue: try row.text(5)) else { return nil }
        kind = .exchange(
          try Exchange(
            kind: what, request: row.text(6), status: row.intOrNil(7).map { Int($0) }, reply: row.bytes(8),
            error: row.textOrNil(9), duration: .milliseconds(row.int(10))),
          send: Int(try row.int(4)))
      }
      var step = try TimelineStep(
        time: row.text(13), kind: kind,
        reasonCode: row.textOrNil(14).map { ReasonCode(rawValue: $0) ?? .other },
        providerOrderID: row.textOrNil(15))
      step.stage = try row.textOrNil(20).flatMap { Stage(rawValue: $0) }
      if let code = try row.textOrNil(16) { step.choice = (code, try row.textOrNil(17) ?? code) }
      if let cost = try row.textOrNil(18).flatMap({ Money(parsing: $0) }),
        let catalog = try row.textOrNil(19).flatMap({ Money(parsing: $0) }), cost != catalog
      {
        step.costOffCatalog = (cost, catalog)
      }
      return step
    }
  }
}
