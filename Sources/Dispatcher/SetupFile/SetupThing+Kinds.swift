import Adapters
import Orders
import Store

/// What each kind of thing is in a set-up file. Whatever is at its usual value is left out, so that the same set-up is always the
/// same file.
extension SetupThing {
  private static func words(_ duration: Duration?) -> SetupValue? { duration.map { .text($0.inWords) } }

  static func tenant(_ name: String) -> SetupThing { SetupThing(.tenant, key: [("name", .text(name))]) }

  /// - Parameter credentials: variables by credential; nil where they are not shown.
  static func provider(
    _ provider: Setup.NewProvider, _ terms: ProviderTerms, credentials: [String: String]? = nil
  ) -> SetupThing {
    SetupThing(
      .provider, key: [("name", .text(provider.name))],
      [
        ("adapter", .text(provider.adapter)),
        ("base_url", InnerProviders.baseURL(provider.adapter) != nil ? nil : .text(provider.baseURL)),
        ("credentials", credentials.map { .references($0) }),
        ("timeout", words(provider.timeout)), ("concurrency", .number(provider.concurrencyMax)),
        ("rate", provider.ratePerSecond.map { .text("\($0)/s") }),
        ("trust_not_found_after", words(provider.trustNotFoundAfter)),
        ("check_first_delay", words(provider.checkFirst)), ("check_backoff", words(provider.checkBackoff)),
        ("check_backoff_max", words(provider.checkBackoffMax)), ("check_deadline", words(provider.checkDeadline)),
        ("decimal_mark", provider.decimalMark.map { .text($0.rawValue) }),
        ("currency", terms.currency.map { .text($0) }), ("failover_after", words(terms.failoverAfter)),
        ("second_look", terms.secondLooks.map { $0.isEmpty ? .text("off") : .list($0.map(\.inWords)) }),
        ("second_look_share", terms.secondLookShare.map { .text("\($0)") }),
        ("second_person_above", terms.secondPersonAbove.map { .text($0.description) }),
        ("partners", terms.desk.map { .list($0.partners) }), ("offer", terms.desk.map { .text($0.rule.rawValue) }),
        ("accept_within", words(terms.desk?.acceptWithin)),
        ("when_nobody", terms.desk.map { .text($0.whenNobody.rawValue) }),
      ])
  }

  static func partner(_ partner: Setup.NewPartner, _ state: Partner.State) -> SetupThing {
    SetupThing(
      .partner, key: [("tenant", .text(partner.tenant)), ("name", .text(partner.name))],
      [
        ("phone", .text(partner.phone.text)), ("telegram", partner.telegram.map { .text($0) }),
        ("language", .text(partner.language)), ("state", state == .active ? nil : .text(state.rawValue)),
      ])
  }

  static func route(_ route: NewRoute) -> SetupThing {
    SetupThing(
      .route,
      key: [
        ("tenant", .text(route.tenant)), ("product", .text(route.product)), ("position", .number(route.position ?? 1)),
      ],
      [
        ("provider", .text(route.provider)), ("params", .map(route.parameters)),
        ("fields", route.fieldRules.isEmpty ? nil : .map(route.fieldRules.mapValues(\.words))),
        (
          "player_field",
          route.playerField.isExactly(Route.playerFieldUsual) ? nil : .text(route.playerField)
        ),
        ("pin", route.isPinRequired ? .text("required") : nil),
        ("failover_after", words(route.terms.failoverAfter)), ("share", route.terms.share.map { .number($0) }),
        ("cost_max", route.terms.costMax.map { .text($0.description) }),
        ("order_by", route.terms.isByCost ? .text("cost") : nil),
      ])
  }

  /// - Parameter tenant: nil for one that opens the dashboard.
  static func token(
    tenant: String?, name: String, scopes: [String], ratePerSecond: Int?, rateBurst: Int?
  ) -> SetupThing {
    SetupThing(
      .token, key: [tenant.map { ("tenant", .text($0)) } ?? ("dashboard", .flag(true)), ("name", .text(name))],
      tenant == nil
        ? [("roles", roles(scopes))]
        : [
          ("scopes", .list(scopes.sorted())),
          ("rate", ratePerSecond.map { .text($0 == 0 ? "off" : "\($0)/s") }),
          ("burst", rateBurst.map { .number($0) }),
        ])
  }

  /// What a token of the dashboard may do beside looking, which all may.
  private static func roles(_ scopes: [String]) -> SetupValue? {
    let roles = DashboardRole.allCases.filter { $0 != .look && scopes.contains($0.scope) }
    return roles.isEmpty ? nil : .list(roles.map(\.rawValue).sorted())
  }

  static func endpoint(tenant: String, _ wanted: EndpointStore.Wanted) -> SetupThing {
    SetupThing(
      .endpoint, key: [("tenant", .text(tenant)), ("name", .text(wanted.name))],
      [
        ("url", .text(wanted.url)), ("types", .list(wanted.types)),
        ("rate", wanted.ratePerSecond.map { .text("\($0)/s") }),
        ("latest_only", wanted.latestOnly ? .flag(true) : nil), ("sealed_to", wanted.sealedTo.map { .text($0) }),
      ])
  }
}
