import CommandLine
import EventLoop
import Orders
import Store

/// `dispatcher route remove`, `provider remove` and `tenant remove`.
enum RemoveCommands {
  static let routeRemove = Command(
    "route remove", usage: "--tenant NAME --product CODE [--position N] \(SetupNote.usage) [--yes]",
    "Removes a route; without another, new orders for the product are refused and waiting ones fail.",
    grammar: .init(values: ["--tenant", "--product", "--position"] + SetupNote.flags, switches: ["--yes"]),
    settings: SetupCommands.needed, details: SetupNote.details,
    example: "dispatcher route remove --tenant shop --product pubg-60"
  ) { arguments, settings in
    let tenant = try arguments.required("--tenant", "whose orders")
    let product = try arguments.required("--product", "the code that orders name")
    try SetupNote.person(arguments)
    try await SetupCommands.withSetup(settings) { setup, _ in
      let routes = try await setup.routes(tenant: tenant).filter { $0.product.isExactly(product) }
      let positions = routes.map { String($0.position) }
      let wanted = arguments.value("--position") ?? (positions.count == 1 ? positions[0] : nil)
      guard let wanted else {
        throw UsageError(
          positions.isEmpty
            ? "\(tenant) has no route for \(product); see: dispatcher route list"
            : "\(tenant) has several routes for \(product): name one with --position \(positions.joined(separator: "|"))"
        )
      }
      guard positions.contains(wanted), let position = Int(wanted) else {
        throw UsageError("\(tenant) has no route for \(product) at position \(wanted); see: dispatcher route list")
      }
      let open = routes.count == 1 ? try await setup.unsettledOrders(tenant: tenant, product: product) : 0
      guard open == 0 || arguments.has("--yes") else {
        throw UsageError(refusal(unsettled: open, product) + "; if that is meant, add --yes")
      }
      let removed = routes.filter { $0.position == position }.map { SetupThing.route(SetupSnapshot.asNew($0)) }
      let audit = try SetupNote.audit(arguments, removed.map { "- \($0.title)" })
      guard try await setup.noted(audit).removeRoute(tenant: tenant, product: product, position: position) else {
        throw UsageError("the route was removed by somebody else meanwhile")
      }
      print("removed \(tenant)'s route \(position) for \(product)")
    }
  }

  static func refusal(unsettled open: Int, _ product: String) -> String {
    "\(open) orders for \(product) are not settled, and this is its last route: those that must still be sent, now or"
      + " again, would fail"
  }
}
