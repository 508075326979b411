import Adapters
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
      + " [--player-field NAME] [--pin required] [--position N] [--failover-after 30s] [--share N] [--cost-max AMOUNT]"
      + " [--order-by position|cost]",
    "Sends a tenant's product to a provider. {field} in a template stands for the order's field of that name."
      + " --field says what a field must be: digits (other scripts' digits become 0-9, blanks around and unseen marks go),"
      + " trim (blanks and marks around it go) or pattern:REGEX (the whole value matches)."
      + " --player-field says which field of an order names whom it is for (player_id, if nothing is said): support finds the"
      + " order by it."
      + " With --pin required, an order is not completed before the provider shows a PIN."
      + " When orders take it rather than another route: see dispatcher route set --help.",
    grammar: .init(
      values: ["--tenant", "--product", "--provider", "--param", "--field", "--player-field", "--position", "--pin"]
        + RouteOptions.flags,
      choices: RouteOptions.choices.merging(["--pin": ["required"]]) { $1 }),
    settings: SetupCommands.needed,
    example: "dispatcher route add --tenant shop --product pubg-60 --provider panel --param oyun=1 --param kupur=60"
      + " --param 'oyuncu_bilgi={player_id}' --param 'musteri_tel={phone}' --field player_id=digits"
  ) { arguments, settings in
    let tenant = try arguments.required("--tenant", "whose orders")
    let product = try arguments.required("--product", "the code that orders name")
    if let mistake = OrderText.mistake(in: product, bytesMax: OrderRequest.productBytesMax) {
      throw UsageError("--product \(mistake); no order could name it")
    }
    let provider = try arguments.required("--provider", "where they go")
    let parameters = try arguments.pairs("--param")
    var position: Int?
    if let text = arguments.value("--position") {
      guard let number = Int(text), number > 0 else { throw UsageError("--position must be a number from 1") }
      position = number
    }
    let pin = arguments.value("--pin")
    guard pin == nil || pin == "required" else { throw UsageError("--pin must be required, or be left out") }
    for (name, template) in parameters.sorted(by: { $0.key < $1.key }) {
      if let mistake = ParameterTemplate.mistake(in: template) { throw UsageError("--param \(name): \(mistake)") }
    }
    guard !SandboxTenant.isOne(tenant) else {
      throw UsageError("--tenant \(tenant) is a sandbox, which has the routes of its tenant")
    }
    let given = try RouteOptions.read(arguments)
    let terms = RouteTerms(
      failoverAfter: given.failoverAfter.flatMap { $0 }, share: given.share.flatMap { $0 },
      costMax: given.costMax.flatMap { $0 }, isByCost: given.isByCost ?? false)
    let rules = try fieldRules(arguments, parameters)
    let player = try playerField(arguments, parameters)
    try await SetupCommands.withSetup(settings) { setup, directory in
      if let known = try await directory.providers().first(where: { $0.name == provider }),
        let adapter = AdapterRegistry.sevk.adapter(named: known.adapter)
      {
        guard AdapterRegistry.sevk.names.contains(known.adapter) else {
          throw UsageError("--provider \(provider) is the sandbox's panel; no real order may go there")
        }
        let facts = adapter.facts
        let needed = facts.requiredParameters
        for name in parameters.keys.sorted() where !facts.takes(name) {
          var taken = needed
          if case .these(let names) = facts.otherParameters { taken += names }
          throw UsageError(
            "--param \(name) is not one that \(known.adapter) takes: \(taken.joined(separator: ", "))")
        }
        for name in needed where parameters[name]?.isEmpty ?? true {
          throw UsageError("--param \(name)=… is missing; \(known.adapter) needs it in every order")
        }
      }
      // A command repeated by mistake: a refused order would go to the same account again.
      if position == nil,
        let same = try await setup.routes(tenant: tenant).first(where: {
          $0.product.isExactly(product) && $0.provider == provider
        })
      {
        throw UsageError(
          "that route exists already, as choice \(same.position); to try the same provider twice give --position")
      }
      let at = try await setup.addRoute(
        tenant: tenant, product: product, provider: provider, parameters: parameters, position: position,
        isPinRequired: pin != nil, fieldRules: rules, playerField: player, terms: terms)
      // Of all its routes.
      if let isByCost = given.isByCost {
        _ = try await setup.changeRoute(
          tenant: tenant, product: product, position: nil, RouteChange(isByCost: isByCost))
      }
      print("\(tenant)'s \(product) goes to \(provider)" + (at == 1 ? "" : " as choice \(at)"))
      if terms != RouteTerms() {
        let now = try await setup.routes(tenant: tenant).filter { $0.product.isExactly(product) }
        for note in RouteSet.notes(now) { print(note) }
      }
    }
  }

  /// What `--field` says, each of a field that a parameter uses.
  private static func fieldRules(
    _ arguments: Arguments, _ parameters: [String: String]
  ) throws(UsageError) -> [String: FieldRule] {
    let used = ParameterTemplate.fields(in: parameters)
    var rules: [String: FieldRule] = [:]
    for (name, words) in try arguments.pairs("--field").sorted(by: { $0.key < $1.key }) {
      guard used.contains(where: { $0.isExactly(name) }) else {
        throw UsageError("--field \(name): no --param uses {\(name)}")
      }
      do throws(FieldPattern.Mistake) { rules[name] = try FieldRule(words: words) } catch {
        throw UsageError("--field \(name): \(error)")
      }
    }
    return rules
  }

  /// What `--player-field` says: a field that a parameter uses, since others need not be there.
  private static func playerField(
    _ arguments: Arguments, _ parameters: [String: String]
  ) throws(UsageError) -> String {
    guard let name = arguments.value("--player-field") else { return Route.playerFieldUsual }
    guard ParameterTemplate.fields(in: parameters).contains(where: { $0.isExactly(name) }) else {
      throw UsageError("--player-field \(name): no --param uses {\(name)}")
    }
    return name
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
