internal import Orders

/// Which of its tenant's events somebody sees.
public struct EventReach: Sendable, Equatable {
  /// The scope of tokens that see what is for operators.
  public static let operatorScope = "operator"
  /// The scope of tokens that see orders.
  public static let orderScope = "orders:read"

  /// Those of orders.
  public let hasOrders: Bool
  /// Those for operators: of providers that the tenant's products go to, and of its endpoints.
  public let hasNotices: Bool

  public init(hasOrders: Bool, hasNotices: Bool) { (self.hasOrders, self.hasNotices) = (hasOrders, hasNotices) }

  /// What a token with these scopes sees.
  public init(scopes: Set<String>) {
    self.init(hasOrders: scopes.contains(Self.orderScope), hasNotices: scopes.contains(Self.operatorScope))
  }

  /// Whether events of a type are among them.
  public func has(_ type: String) -> Bool { OperatorEvent.isOne(type) ? hasNotices : hasOrders }

  public static let orders = EventReach(hasOrders: true, hasNotices: false)
  public static let all = EventReach(hasOrders: true, hasNotices: true)
}
