import CommandLine
import EventLoop
import Orders
import Store
import Support

/// `dispatcher route set`.
enum RouteSet {
  static let command = Command(
    "route set",
    usage:
      "--tenant NAME --product CODE [--position N] [--failover-after 30s|off] [--share N|off] [--cost-max AMOUNT|off]"
      + " [--order-by position|cost] \(SetupNote.usage)",
    "Changes when orders take a route; running dispatchers follow within two seconds. --failover-after: when its provider has"
      + " been down, paused, out of money or refusing the account for so long, orders go on to the next route that is open,"
      + " and back when it opens. --share: routes that follow each other and have one share the orders by it. --cost-max: it"
      + " takes no order whose known price is above. --order-by, for all routes of the product: cost takes the cheapest first.",
    grammar: .init(
      values: ["--tenant", "--product", "--position"] + RouteOptions.flags + SetupNote.flags,
      choices: RouteOptions.choices),
    settings: SetupCommands.needed, details: SetupNote.details,
    example: "dispatcher route set --tenant shop --product pubg-60 --position 1 --failover-after 30s"
  ) { arguments, settings in
    let tenant = try arguments.required("--tenant", "whose orders")
    let product = try arguments.required("--product", "the code that orders name")
    let change = try RouteOptions.read(arguments)
    guard change.isOfOne || change.isByCost != nil else {
      throw UsageError("nothing to change; give what is to be: \(RouteOptions.flags.joined(separator: ", "))")
    }
    try SetupNote.person(arguments)
    guard !SandboxTenant.isOne(tenant) else {
      throw UsageError("--tenant \(tenant) is a sandbox, which has the routes of its tenant")
    }
    try await SetupCommands.withSetup(settings) { setup, _ in
      let routes = try await setup.routes(tenant: tenant).filter { $0.product.isExactly(product) }
      let positions = routes.map { String($0.position) }
      guard !routes.isEmpty else {
        throw UsageError("\(tenant) has no route for \(product); see: dispatcher route list")
      }
      let wanted = arguments.value("--position") ?? (positions.count == 1 ? positions[0] : nil)
      if let wanted, !positions.contains(wanted) {
        throw UsageError("--position \(wanted): \(tenant) has no such route for \(product); see: dispatcher route list")
      }
      guard wanted != nil || !change.isOfOne else {
        throw UsageError(
          "\(tenant) has several routes for \(product): name one with --position \(positions.joined(separator: "|"))")
      }
      let changes = routes.flatMap { route -> [String] in
        let old = SetupSnapshot.asNew(route)
        let new = changed(old, change, isOne: wanted == String(route.position))
        let differences = SetupPlan.differences(.route(old), .route(new))
        return differences.isEmpty
          ? [] : SetupPlan.Change(act: .change, thing: .route(new), differences: differences).lines
      }
      guard
        try await setup.noted(try SetupNote.audit(arguments, changes)).changeRoute(
          tenant: tenant, product: product, position: wanted.flatMap { Int($0) }, change)
      else {
        throw UsageError("the route was removed by somebody else meanwhile")
      }
      print("changed \(tenant)'s \(change.isOfOne ? "route \(wanted ?? "1")" : "routes") for \(product)")
      let now = try await setup.routes(tenant: tenant).filter { $0.product.isExactly(product) }
      for note in notes(now) { print(note) }
    }
  }

  /// A route as it is to be.
  ///
  /// - Parameter isOne: whether it is the one that is meant; what all have in common changes otherwise too.
  private static func changed(_ route: NewRoute, _ change: RouteChange, isOne: Bool) -> NewRoute {
    var route = route
    if isOne {
      if let after = change.failoverAfter { route.terms.failoverAfter = after }
      if let share = change.share { route.terms.share = share }
      if let costMax = change.costMax { route.terms.costMax = costMax }
    }
    if let isByCost = change.isByCost { route.terms.isByCost = isByCost }
    return route
  }

  /// What of the routes of one product has no effect as it is.
  static func notes(_ routes: [Setup.ListedRoute]) -> [String] {
    var notes: [String] = []
    for (index, route) in routes.enumerated() where route.terms.share != nil {
      let hasNeighbour =
        index > 0 && routes[index - 1].terms.share != nil
        || index + 1 < routes.count && routes[index + 1].terms.share != nil
      if !hasNeighbour {
        notes.append(
          "--share of \(route.product)'s route \(route.position) has no effect yet: neither the route before nor the one after"
            + " has a share")
      }
    }
    if routes.count == 1, routes[0].terms.failoverAfter != nil {
      notes.append("--failover-after has no effect yet: \(routes[0].product) has no other route")
    }
    return notes
  }
}
