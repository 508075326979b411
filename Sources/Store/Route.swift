public import Orders

/// Where a tenant's product goes.
public struct Route: Sendable {
  public let id: Int64
  public let tenantID: Int64
  public let product: String
  public let providerID: Int64
  /// Parameter name to template.
  public let parameters: [String: String]
  /// 1 is tried first.
  public let position: Int
  /// Whether the product is a code, so that a completion without one is not believed.
  public let isPinRequired: Bool
  /// What its fields have to be, by the field's name.
  public let fieldRules: [String: FieldRule]
  /// The order's field that names the player it is for.
  public let playerField: String
  /// What of it hangs on the product's other routes.
  public let terms: RouteTerms

  /// In a sandbox: the provider that the order would go to in life, whose rules it is held against; nil in life.
  public private(set) var standsFor: Int64?
  /// Whose route it is in life: the sandbox's tenant.
  public private(set) var tenantInLife: Int64
  /// The fields of an order that the parameters are made of, in their order.
  public var fieldNames: [String] { templates.fields }

  /// What ``playerField`` is where nobody said otherwise.
  public static let playerFieldUsual = "player_id"

  /// The same for the sandbox of its tenant.
  func inSandbox(tenant: Int64, provider: Int64) -> Route {
    var route = Route(
      id: id, tenantID: tenant, product: product, providerID: provider, parameters: parameters, position: 1,
      isPinRequired: isPinRequired, fieldRules: fieldRules, playerField: playerField, terms: RouteTerms())
    route.standsFor = providerID
    route.tenantInLife = tenantID
    return route
  }

  /// ``parameters``, ready to be filled.
  let templates: ParameterTemplates

  init(
    id: Int64, tenantID: Int64, product: String, providerID: Int64, parameters: [String: String], position: Int,
    isPinRequired: Bool, fieldRules: [String: FieldRule], playerField: String, terms: RouteTerms
  ) {
    self.id = id
    self.tenantID = tenantID
    self.product = product
    self.providerID = providerID
    self.parameters = parameters
    self.position = position
    self.isPinRequired = isPinRequired
    self.fieldRules = fieldRules
    self.playerField = playerField
    self.terms = terms
    templates = ParameterTemplates(parameters)
    tenantInLife = tenantID
  }
}
