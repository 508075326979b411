import Orders
import Store
import Support

/// What is in the database, in the words of a set-up file.
extension SetupSnapshot {
  /// Those that a file can name: sandboxes follow their tenants.
  var namedTenants: [String] { tenants.map(\.name).filter { !SandboxTenant.isOne($0) } }
  var namedProviders: [Provider] { providers.filter { $0.adapter != Setup.sandboxAdapter } }

  func provider(named name: String) -> Provider? { providers.first { $0.name == name } }

  /// As `provider add` would want it.
  static func asNew(_ provider: Provider) -> Setup.NewProvider {
    Setup.NewProvider(
      name: provider.name, adapter: provider.adapter, baseURL: provider.baseURL, credentials: provider.credentials,
      timeout: provider.timeout, concurrencyMax: provider.concurrencyMax, ratePerSecond: provider.ratePerSecond,
      trustNotFoundAfter: provider.trustNotFoundAfter, checkFirst: provider.checkFirst,
      checkBackoff: provider.checkBackoff, checkBackoffMax: provider.checkBackoffMax,
      checkDeadline: provider.checkDeadline, decimalMark: provider.decimalMark)
  }

  func terms(of provider: Provider) -> ProviderTerms {
    ProviderTerms(
      currency: provider.currency, failoverAfter: provider.failoverAfter, secondLooks: provider.secondLooks,
      secondLookShare: secondLookShares[provider.name], secondPersonAbove: provider.secondPersonAbove,
      desk: desks[provider.name])
  }

  static func thing(_ partner: Partner) -> SetupThing? {
    guard let phone = PhoneNumber(partner.phone) else { return nil }
    return .partner(
      .init(
        tenant: partner.tenant, name: partner.name, phone: phone, telegram: partner.telegram, language: partner.language
      ),
      partner.state)
  }

  static func asNew(_ route: Setup.ListedRoute) -> NewRoute {
    NewRoute(
      tenant: route.tenant, product: route.product, provider: route.provider, parameters: route.parameters,
      position: route.position, isPinRequired: route.isPinRequired, fieldRules: route.fieldRules,
      playerField: route.playerField, terms: route.terms)
  }

  static func asWanted(_ endpoint: EndpointRow) -> EndpointStore.Wanted {
    var wanted = EndpointStore.Wanted(
      tenantID: endpoint.tenantID, name: endpoint.name, url: endpoint.url, types: endpoint.types)
    wanted.ratePerSecond = endpoint.ratePerSecond
    wanted.latestOnly = endpoint.latestOnly
    wanted.sealedTo = endpoint.sealedTo
    return wanted
  }

  /// Tokens that work and were not rotated to another one.
  var workingTokens: [Setup.ListedToken] {
    tokens.filter { $0.revokedAt == nil && !$0.isExpired && $0.replacedBy == nil && !SandboxTenant.isOne($0.tenant) }
  }

  static func thing(_ token: Setup.ListedToken) -> SetupThing {
    .token(
      tenant: token.isOfDashboard ? nil : token.tenant, name: token.name,
      scopes: token.scopes.split(separator: ",").map(String.init), ratePerSecond: token.ratePerSecond,
      rateBurst: token.rateBurst)
  }
}

extension Setup.ListedToken {
  /// No tenant can be called so.
  var isOfDashboard: Bool { tenant.hasPrefix("(") }
}
