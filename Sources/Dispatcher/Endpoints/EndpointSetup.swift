import API
import CommandLine
import EventLoop
import Process
import ProviderGate
import Store
import Webhooks

/// `dispatcher endpoint put|list|rotate-secret|remove`: what shops do with `/v1/endpoints`, for ops.
enum EndpointSetup {
  private static let named = Arguments.Grammar(values: ["--tenant"] + SetupNote.flags, wordsMax: 1)

  static let put = Command(
    "endpoint put",
    usage: "NAME --tenant NAME --url URL [--type TYPE]… [--rate 50/s] [--latest-only] [--sealed-to KEY]"
      + " \(SetupNote.usage)",
    "Makes an endpoint that events are posted to, or changes it to just what is said; prints its secret if that is new."
      + " --sealed-to is an X25519 public key in base64: completed orders then bring their PIN, sealed to it.",
    grammar: .init(
      values: ["--tenant", "--url", "--rate", "--type", "--sealed-to"] + SetupNote.flags, switches: ["--latest-only"],
      wordsMax: 1),
    settings: SetupCommands.sealing + [.providerPrivateHosts], details: SetupNote.details,
    example: "dispatcher endpoint put books --tenant shop --url https://shop.example/sevk --type sevk.order.completed"
  ) { arguments, settings in
    let name = try arguments.word("NAME")
    let tenant = try arguments.required("--tenant", "whose events are posted")
    let addresses = try settings.providerAddresses()
    var members: [String: JSONValue] = ["latest_only": .bool(arguments.has("--latest-only"))]
    members["url"] = arguments.value("--url").map { .string($0) }
    members["rate"] = arguments.value("--rate").map { .string($0) }
    members["sealed_to"] = arguments.value("--sealed-to").map { .string($0) }
    let types = arguments.all("--type")
    members["types"] = .array((types.isEmpty ? ["*"] : types).map { .string($0) })
    let wanted = JSONValue.object(members)
    try SetupNote.person(arguments)
    try await SetupCommands.withSetup(settings, key: .needed) { setup, _ in
      let id = try await setup.tenantID(tenant)
      let request: EndpointRequest
      do throws(Problem) {
        request = try EndpointRequest(wanted, tenant: id, name: name, addresses, isOperator: true)
      } catch {
        throw UsageError(
          error.errors.map {
            "\(flag($0.field)) \($0.message)"
          }
          .joined(separator: "; "))
      }
      let known = try await setup.endpoints.list(tenant: id, name: name).first
      let thing = SetupThing.endpoint(tenant: tenant, request.wanted)
      let change =
        known.map { known in
          SetupPlan.Change(
            act: .change, thing: thing,
            differences: SetupPlan.differences(
              .endpoint(tenant: tenant, SetupSnapshot.asWanted(known)), thing))
        } ?? SetupPlan.addition(thing)
      let made = try await setup.noted(SetupNote.audit(arguments, change.lines)).endpoints.put(request.wanted)
      guard let secret = made.secret else { return print("changed the endpoint \(name)") }
      print(WebhookSecret.text(secret))
    }
  }

  /// What a field of the API is here.
  private static func flag(_ field: String) -> String {
    switch field {
    case "name": "NAME"
    case "types": "--type"
    default: "--" + field.replacing("_", with: "-")
    }
  }

  static let list = Command(
    "endpoint list", usage: "[--tenant NAME] [--json]", "Lists the endpoints.",
    grammar: .init(values: ["--tenant"], switches: ["--json"]),
    settings: SetupCommands.needed, example: "dispatcher endpoint list"
  ) { arguments, settings in
    try await SetupCommands.withSetup(settings) { setup, _ in
      let tenant = arguments.value("--tenant")
      let all = try await setup.endpoints.list(tenant: nil).filter { tenant == nil || $0.tenant == tenant }
      if arguments.has("--json") { return print(JSONText.array(all.map(ListJSON.endpoint))) }
      if all.isEmpty { print("there is no endpoint yet; make one with: dispatcher endpoint put") }
      var table = TextTable((0..<5).map { _ in .init() })
      for endpoint in all {
        table.add([
          endpoint.tenant, endpoint.name, endpoint.health.condition.rawValue, endpoint.types.joined(separator: ","),
          endpoint.url,
        ])
      }
      if !table.isEmpty { print(table.text()) }
    }
  }

  static let rotate = Command(
    "endpoint rotate-secret", usage: "NAME --tenant NAME \(SetupNote.usage)",
    "Gives an endpoint another secret and prints it, once; the old one signs as well for 24 hours.", grammar: named,
    settings: SetupCommands.sealing, details: SetupNote.details,
    example: "dispatcher endpoint rotate-secret books --tenant shop"
  ) { arguments, settings in
    try await with(arguments, settings, key: .needed) { setup, endpoint in
      let audit = try SetupNote.audit(arguments, ["~ endpoint \(endpoint.tenant) \(endpoint.name): another secret"])
      print(WebhookSecret.text(try await setup.noted(audit).endpoints.rotate(endpoint)))
    }
  }

  static let remove = Command(
    "endpoint remove", usage: "NAME --tenant NAME \(SetupNote.usage)",
    "Removes an endpoint with what is in line for it and what it was told.", grammar: named,
    settings: SetupCommands.needed, details: SetupNote.details,
    example: "dispatcher endpoint remove books --tenant shop"
  ) { arguments, settings in
    try await with(arguments, settings) { setup, endpoint in
      let audit = try SetupNote.audit(arguments, ["- endpoint \(endpoint.tenant) \(endpoint.name)"])
      try await setup.noted(audit).endpoints.remove(endpoint)
      print("removed the endpoint \(endpoint.name)")
    }
  }

  @LoopActor
  private static func with(
    _ arguments: Arguments, _ settings: Settings, key: ProcessFrame.KeyNeed = .never,
    _ body: @LoopActor (Setup, EndpointRow) async throws -> Void
  ) async throws {
    let name = try arguments.word("NAME")
    let tenant = try arguments.required("--tenant", "whose endpoint it is")
    try SetupNote.person(arguments)
    try await SetupCommands.withSetup(settings, key: key) { setup, _ in
      let id = try await setup.tenantID(tenant)
      guard let endpoint = try await setup.endpoints.list(tenant: id, name: name).first else {
        throw UsageError("\(tenant) has no endpoint \(name); see: dispatcher endpoint list")
      }
      try await body(setup, endpoint)
    }
  }
}
