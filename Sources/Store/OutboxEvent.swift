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
  public let shopReference: String?
  public let provider: String?
  public let trace: String?
  /// Its place among all events: gapless, in the order in which they could be seen.
  public let position: Int64
  /// A scheduler that knew no positions brought it to the streams.
  public let wasStreamed: Bool
  /// How far a person was with the order, as in `Orders/Fulfilment/Stage.swift`, or newer; nil where no desk has, or had, it.
  public var stage: String?
  /// What it tells where it is no order's: then ``orderID`` stands for its subject, and ``status`` and ``product`` for nothing.
  public var notice: Notice?
  /// Of the customer's rating of the order.
  public var stars: Int?

  /// An event for operators: of a provider, or of an endpoint.
  public struct Notice: Sendable {
    public let name: String
    /// Such as `provider/panel`.
    public let subject: String
    /// JSON.
    public let data: String
  }

  /// By which it is known outside, among those of its tenant.
  public var name: String { notice?.name ?? "\(orderID)/\(version)" }
}
