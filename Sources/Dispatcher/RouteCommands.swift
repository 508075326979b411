import CommandLine
import EventLoop
import Orders
import Process
import Store
import Support

/// `dispatcher route add|list`.
enum RouteCommands {
  static let add = Command(
    "route add",
    usage:
      "--tenant NAME --product CODE --provider NAME --param NAME=TEMPLATE … [--field NAME=digits|trim|pattern:REGEX] …"
      + " [--player-field NAME] [--pin required] [--flow pickup|delivery|work] [--handover code|none] [--position N]"
      + " [--failover-after 30s] [--share N] [--cost-max AMOUNT] [--order-by position|cost] \(SetupNote.usage)",
    "Sends a tenant's product to a provider. {field} in a template stands for the order's field of that name."
      + " --field says what a field must be: digits (other scripts' digits become 0-9, blanks around and unseen marks go),"
      + " trim (blanks and marks around it go) or pattern:REGEX (the whole value matches)."
      + " --player-field says which field of an order names whom it is for (player_id, if nothing is said): support finds the"
      + " order by it."
      + " With --pin required, an order is not completed before the provider shows a PIN."
      + " At a desk, --flow says what its partners do, and --handover code that the customer's code completes the order."
      + " When orders take it rather than another route: see dispatcher route set --help.",
    grammar: .init(
      values: ["--tenant", "--product", "--provider", "--param", "--field", "--player-field", "--position", "--pin"]
        + RouteDesk.flags + RouteOptions.flags + SetupNote.flags,
      choices: RouteOptions.choices.merging(["--pin": ["required"]]) { $1 }.merging(RouteDesk.choices) { $1 }),
    settings: SetupCommands.needed, details: SetupNote.details,
    example: "dispatcher route add --tenant shop --product pubg-60 --provider panel --param oyun=1 --param kupur=60"
      + " --param 'oyuncu_bilgi={player_id}' --param 'musteri_tel={phone}' --field player_id=digits"
  ) { arguments, settings in
    let route = try RouteRequest.read(
      arguments, parameters: try RouteDesk.parameters(arguments, try arguments.pairs("--param")),
      rules: try arguments.pairs("--field"))
    let isByCost = try RouteOptions.read(arguments).isByCost
    try SetupNote.person(arguments)
    let (tenant, product, provider) = (route.tenant, route.product, route.provider)
    try await SetupCommands.withSetup(settings) { setup, directory in
      if let known = try await directory.providers().first(where: { $0.name == provider }) {
        try RouteDesk.judge(arguments, adapter: known.adapter)
        try RouteRequest.judge(route, adapter: known.adapter)
      }
      let known = try await setup.routes(tenant: tenant).filter { $0.product.isExactly(product) }
      // A command repeated by mistake: a refused order would go to the same account again.
      if route.position == nil, let same = known.first(where: { $0.provider == provider }) {
        throw UsageError(
          "that route exists already, as choice \(same.position); to try the same provider twice give --position")
      }
      var placed = route
      placed.position = route.position ?? (known.map(\.position).max() ?? 0) + 1
      let audit = try SetupNote.audit(arguments, SetupPlan.addition(.route(placed)).lines)
      let at = try await setup.noted(audit).addRoute(
        tenant: tenant, product: product, provider: provider, parameters: route.parameters, position: placed.position,
        isPinRequired: route.isPinRequired, fieldRules: route.fieldRules, playerField: route.playerField,
        terms: route.terms, isByCost: isByCost)
      print("\(tenant)'s \(product) goes to \(provider)" + (at == 1 ? "" : " as choice \(at)"))
      if route.terms != RouteTerms() {
        let now = try await setup.routes(tenant: tenant).filter { $0.product.isExactly(product) }
        for note in RouteSet.notes(now) { print(note) }
      }
    }
  }

  static let list = Command(
    "route list", usage: "[--tenant NAME] [--json]", "Lists which product goes where, and when.",
    grammar: .init(values: ["--tenant"], switches: ["--json"]), settings: SetupCommands.needed,
    example: "dispatcher route list"
  ) { arguments, settings in
    try await SetupCommands.withSetup(settings) { setup, _ in
      let routes = try await setup.routes(tenant: arguments.value("--tenant"))
      if arguments.has("--json") {
        return print(JSONText.array(routes.map(json)))
      }
      if routes.isEmpty { print("there is no route yet; add one with: dispatcher route add") }
      var table = TextTable((0..<12).map { _ in .init() })
      for route in routes {
        let parameters = route.parameters.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        table.add(
          [
            route.tenant, route.product, "\(route.position)", route.provider, parameters.joined(separator: " "),
            route.fieldRules.sorted { $0.key < $1.key }.map { "{\($0.key)} \($0.value.words)" }.joined(separator: " "),
            route.playerField.isExactly(Route.playerFieldUsual) ? "" : "for {\(route.playerField)}",
            route.isPinRequired ? "PIN required" : "",
          ] + terms(route))
      }
      if !table.isEmpty { print(table.text()) }
    }
  }

  private static func terms(_ route: Setup.ListedRoute) -> [String] {
    let failover =
      route.terms.failoverAfter.map { "failover after \($0.inWords)" }
      ?? route.providerFailoverAfter.map { "failover after \($0.inWords) (its provider's)" }
    return [
      failover ?? "", route.terms.share.map { "share \($0)" } ?? "",
      route.terms.costMax.map { "cost at most \($0)" } ?? "",
      route.terms.isByCost ? "the cheapest first" : "",
    ]
  }

  private static func json(_ route: Setup.ListedRoute) -> String {
    JSONText.object([
      "tenant": JSONText.quote(route.tenant), "product": JSONText.quote(route.product),
      "position": "\(route.position)", "provider": JSONText.quote(route.provider),
      "parameters": JSONText.map(route.parameters), "fields": JSONText.map(route.fieldRules.mapValues(\.words)),
      "player_field": JSONText.quote(route.playerField), "pin_required": "\(route.isPinRequired)",
      "failover_after_ms": (route.terms.failoverAfter ?? route.providerFailoverAfter).map { "\($0.milliseconds)" },
      "share": route.terms.share.map { "\($0)" },
      "cost_max": route.terms.costMax.map { JSONText.quote($0.description) },
      "order_by": JSONText.quote(route.terms.isByCost ? "cost" : "position"),
    ])
  }
}
