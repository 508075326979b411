import API
import CommandLine
import HTTPClient
import Orders
import Store

/// A route of a set-up file.
struct RouteEntry {
  let object: SetupObject
  var route: NewRoute
  var thing: SetupThing { .route(route) }

  init(_ value: JSONValue, _ path: String) throws(UsageError) {
    let texts = ["tenant", "product", "provider", "player_field", "pin", "failover_after", "cost_max", "order_by"]
    let numbers = ["position", "share"]
    let object = try SetupObject(value, path, known: texts + numbers + ["params", "fields"])
    self.object = object
    let arguments = try object.arguments(texts: texts, numbers: numbers, RouteCommands.add.grammar)
    let parameters = try object.map("params")
    let rules = try object.map("fields")
    route = try object.asCommand { () throws(UsageError) in
      try RouteRequest.read(arguments, parameters: parameters, rules: rules)
    }
  }

  /// The routes with their positions: of each product either all say theirs, or they come in the order of the file.
  static func placed(_ entries: [RouteEntry]) throws(UsageError) -> [RouteEntry] {
    struct Product: Hashable {
      let tenant: String
      let product: ExactText
    }
    var seen: [Product: [RouteEntry]] = [:]
    var placed: [RouteEntry] = []
    for var entry in entries {
      let key = Product(tenant: entry.route.tenant, product: ExactText(entry.route.product))
      let before = seen[key] ?? []
      if let first = before.first {
        guard (first.route.position == nil) == (entry.route.position == nil) else {
          throw entry.object.complaint("position", "is said by some routes of \(entry.route.product) and not by others")
        }
        guard first.route.terms.isByCost == entry.route.terms.isByCost else {
          throw entry.object.complaint(
            "order_by", "is another one than that of \(first.object.path), for the same product")
        }
      }
      // Written twice by mistake, a refused order would go to the same account again.
      if entry.route.position == nil, let same = before.first(where: { $0.route.provider == entry.route.provider }) {
        throw entry.object.complaint(
          "provider", "is that of \(same.object.path) too; to try the same provider twice give each a position")
      }
      seen[key, default: []].append(entry)
      if entry.route.position == nil { entry.route.position = before.count + 1 }
      placed.append(entry)
    }
    return placed
  }
}

/// A token of a set-up file, known by its name.
struct TokenEntry {
  let object: SetupObject
  /// nil for one that opens the dashboard.
  let new: Setup.NewToken?
  /// What one that opens the dashboard may do there.
  let roles: Set<DashboardRole>
  let name: String
  let lifetime: Duration?

  var thing: SetupThing {
    .token(
      tenant: new?.tenant, name: name, scopes: new?.scopes ?? DashboardRole.scopes(of: roles),
      ratePerSecond: new?.ratePerSecond,
      rateBurst: new?.rateBurst)
  }

  init(_ value: JSONValue, _ path: String) throws(UsageError) {
    let object = try SetupObject(
      value, path, known: ["tenant", "dashboard", "name", "roles", "scopes", "rate", "burst", "expires"])
    self.object = object
    name = try object.required("name")
    let scopes = try object.list("scopes")
    let roles = try object.list("roles")
    let arguments = try object.arguments(
      texts: ["tenant", "name", "rate", "expires"], numbers: ["burst"],
      more: ["--scope": scopes?.joined(separator: ","), DashboardRoles.flag: roles?.joined(separator: ",")],
      TokenCommands.create.grammar)
    let isOfDashboard = try object.flag("dashboard") ?? false
    if isOfDashboard, let odd = ["tenant", "scopes", "rate", "burst"].first(where: { object[$0] != nil }) {
      throw object.complaint(odd, "does not go with dashboard")
    }
    guard isOfDashboard || roles == nil else { throw object.complaint("roles", "goes with dashboard: true") }
    let named = name
    self.roles = try object.asCommand { () throws(UsageError) in try DashboardRoles.read(arguments, name: named) }
    new = try object.asCommand { () throws(UsageError) in
      _ = try TokenCommands.name(arguments)
      return isOfDashboard ? nil : try TokenCommands.request(arguments)
    }
    lifetime = try object.asCommand { () throws(UsageError) in try TokenCommands.duration("--expires", arguments) }
    if let tenant = new?.tenant, SandboxTenant.isOne(tenant) {
      throw object.complaint("tenant", "is a sandbox: make its tokens with dispatcher token create --sandbox")
    }
  }
}

/// An endpoint of a set-up file.
struct EndpointEntry {
  let object: SetupObject
  let tenant: String
  let wanted: EndpointStore.Wanted
  var thing: SetupThing { .endpoint(tenant: tenant, wanted) }

  init(_ value: JSONValue, _ path: String, _ addresses: AddressRule) throws(UsageError) {
    let known = ["url", "types", "rate", "latest_only", "sealed_to"]
    let object = try SetupObject(value, path, known: ["tenant", "name"] + known)
    self.object = object
    tenant = try object.required("tenant")
    let name = try object.required("name")
    var members: [String: JSONValue] = [:]
    for member in known { members[member] = object[member] }
    if members["types"] == nil { members["types"] = .array([.string("*")]) }
    do throws(Problem) {
      // The tenant's number is looked up when it is written.
      wanted = try EndpointRequest(.object(members), tenant: 0, name: name, addresses, isOperator: true).wanted
    } catch {
      guard let first = error.errors.first else { throw UsageError("\(path): \(error.detail)") }
      throw object.complaint(first.field, first.message)
    }
  }
}
