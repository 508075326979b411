public import Orders

/// When an order takes a route rather than another of its product, as ops set it; see `RouteChoice`.
public struct RouteTerms: Sendable, Equatable {
  /// An order goes on to another route when this one's provider has been shut for so long; nil: the provider's own.
  public var failoverAfter: Duration?
  /// Of the orders, among routes that follow each other and have one; 1 to 100.
  public var share: Int?
  /// It takes no order whose known price is above.
  public var costMax: Money?
  /// The cheapest of the product's routes is taken first. All routes of a product have the same.
  public var isByCost: Bool

  public static let shares = 1...100

  public init(failoverAfter: Duration? = nil, share: Int? = nil, costMax: Money? = nil, isByCost: Bool = false) {
    self.failoverAfter = failoverAfter
    self.share = share
    self.costMax = costMax
    self.isByCost = isByCost
  }
}

/// What ops change of a route: nil leaves it, `.some(nil)` takes it back.
public struct RouteChange: Sendable {
  public var failoverAfter: Duration??
  public var share: Int??
  public var costMax: Money??
  /// Of all routes of the product.
  public var isByCost: Bool?

  public init(
    failoverAfter: Duration?? = nil, share: Int?? = nil, costMax: Money?? = nil, isByCost: Bool? = nil
  ) {
    self.failoverAfter = failoverAfter
    self.share = share
    self.costMax = costMax
    self.isByCost = isByCost
  }

  /// Whether something of one route is to change.
  public var isOfOne: Bool { failoverAfter != nil || share != nil || costMax != nil }
}
