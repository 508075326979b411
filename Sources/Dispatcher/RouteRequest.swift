import Adapters
import CommandLine
import Orders
import Store

/// A route as `route add` and a set-up file want it, judged.
enum RouteRequest {
  /// - Parameters:
  ///   - parameters: templates by parameter.
  ///   - rules: what fields must be, by field.
  static func read(
    _ arguments: Arguments, parameters: [String: String], rules given: [String: String]
  ) throws(UsageError) -> NewRoute {
    let tenant = try arguments.required("--tenant", "whose orders")
    let product = try arguments.required("--product", "the code that orders name")
    if let mistake = OrderText.mistake(in: product, bytesMax: OrderRequest.productBytesMax) {
      throw UsageError("--product \(mistake); no order could name it")
    }
    let provider = try arguments.required("--provider", "where they go")
    var position: Int?
    if let text = arguments.value("--position") {
      guard let number = Int(text), number > 0, number <= Int(Int32.max) else {
        throw UsageError("--position must be a number from 1")
      }
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
    let terms = try RouteOptions.read(arguments)
    return NewRoute(
      tenant: tenant, product: product, provider: provider, parameters: parameters, position: position,
      isPinRequired: pin != nil, fieldRules: try fieldRules(given, parameters),
      playerField: try playerField(arguments, parameters),
      terms: RouteTerms(
        failoverAfter: terms.failoverAfter.flatMap { $0 }, share: terms.share.flatMap { $0 },
        costMax: terms.costMax.flatMap { $0 }, isByCost: terms.isByCost ?? false))
  }

  /// Whether its provider can be asked for it so.
  static func judge(_ route: NewRoute, adapter name: String) throws(UsageError) {
    guard AdapterRegistry.sevk.names.contains(name) else {
      guard AdapterRegistry.sevk.adapter(named: name) != nil else { return }
      throw UsageError("--provider \(route.provider) is the sandbox's panel; no real order may go there")
    }
    guard let facts = AdapterRegistry.sevk.adapter(named: name)?.facts else { return }
    let needed = facts.requiredParameters
    for parameter in route.parameters.keys.sorted() where !facts.takes(parameter) {
      var taken = needed
      if case .these(let names) = facts.otherParameters { taken += names }
      throw UsageError("--param \(parameter) is not one that \(name) takes: \(taken.joined(separator: ", "))")
    }
    if name == Desk.name {
      try RouteDesk.judge(route)
    }
    for parameter in needed where route.parameters[parameter]?.isEmpty ?? true {
      throw UsageError("--param \(parameter)=… is missing; \(name) needs it in every order")
    }
  }

  /// What `--field` says, each of a field that a parameter uses.
  private static func fieldRules(
    _ given: [String: String], _ parameters: [String: String]
  ) throws(UsageError) -> [String: FieldRule] {
    let used = ParameterTemplate.fields(in: parameters)
    var rules: [String: FieldRule] = [:]
    for (name, words) in given.sorted(by: { $0.key < $1.key }) {
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
}
