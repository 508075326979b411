public import Orders

/// One step of a change of the set-up; see ``Setup/apply(_:seen:by:as:)``.
public enum SetupStep: Sendable {
  case addTenant(String)
  case removeTenant(String)
  case addProvider(Setup.NewProvider, ProviderTerms)
  case changeProvider(Setup.NewProvider, ProviderTerms, over: Provider, toOtherAccount: Bool)
  case removeProvider(String)
  /// See ``Setup/noteKnownSend(_:provider:)``.
  case noteKnownSend(String, provider: String)
  /// Over the one at its position, if there is one.
  case putRoute(NewRoute)
  /// - Parameter isLast: of its product; then it stays while an order may need it.
  case removeRoute(tenant: String, product: String, position: Int, isLast: Bool)
  case addToken(Setup.NewToken, secret: String)
  /// One that opens the dashboard.
  case addDashboardToken(name: String, roles: Set<DashboardRole>, lifetime: Duration?, secret: String)
  case changeToken(Int64, scopes: [String], ratePerSecond: Int?, rateBurst: Int?)
  case revokeToken(Int64)
  /// The number of its tenant is looked up.
  case putEndpoint(EndpointStore.Wanted, tenant: String)
  case removeEndpoint(EndpointRow)
  /// Added, or changed to be so.
  case putPartner(Setup.NewPartner, Partner.State)
  case removePartner(String, tenant: String)
}

/// What of a provider is set beside ``Setup/NewProvider``.
public struct ProviderTerms: Sendable, Equatable {
  /// ISO 4217.
  public var currency: String?
  public var failoverAfter: Duration?
  /// nil: as usual; empty: never.
  public var secondLooks: [Duration]?
  public var secondLookShare: Double?
  /// To send again for more than this what may be there takes two people, in the provider's currency; nil: one.
  public var secondPersonAbove: Money?
  /// Whom it offers orders to, where it is a desk.
  public var desk: Setup.Desk?

  public init(
    currency: String? = nil, failoverAfter: Duration? = nil, secondLooks: [Duration]? = nil,
    secondLookShare: Double? = nil, secondPersonAbove: Money? = nil, desk: Setup.Desk? = nil
  ) {
    self.currency = currency
    self.failoverAfter = failoverAfter
    self.secondLooks = secondLooks
    self.secondLookShare = secondLookShare
    self.secondPersonAbove = secondPersonAbove
    self.desk = desk
  }
}

/// A route as it is to be.
public struct NewRoute: Sendable {
  public var tenant: String
  public var product: String
  public var provider: String
  public var parameters: [String: String]
  /// nil: the first that is free, where that is allowed.
  public var position: Int?
  public var isPinRequired: Bool
  public var fieldRules: [String: FieldRule]
  public var playerField: String
  public var terms: RouteTerms

  public init(
    tenant: String, product: String, provider: String, parameters: [String: String], position: Int?,
    isPinRequired: Bool, fieldRules: [String: FieldRule], playerField: String, terms: RouteTerms
  ) {
    self.tenant = tenant
    self.product = product
    self.provider = provider
    self.parameters = parameters
    self.position = position
    self.isPinRequired = isPinRequired
    self.fieldRules = fieldRules
    self.playerField = playerField
    self.terms = terms
  }
}
