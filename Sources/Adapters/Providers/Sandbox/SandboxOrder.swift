/// One send to the sandbox, as its panel knows it.
public struct SandboxOrder: Sendable, Equatable {
  /// Whom the order is for.
  public var player: String?
  /// 1 for the order's first send.
  public var attempt: Int
  /// Since it was sent.
  public var age: Duration
  /// Whether an answer has said that it is delivered, which nothing has borne out yet.
  public var isDeliverySaid: Bool

  public init(player: String?, attempt: Int, age: Duration, isDeliverySaid: Bool) {
    self.player = player
    self.attempt = attempt
    self.age = age
    self.isDeliverySaid = isDeliverySaid
  }
}
