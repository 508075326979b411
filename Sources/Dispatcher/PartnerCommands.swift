import CommandLine
import EventLoop
import Orders
import Store

/// `dispatcher partner add|list|set|remove`: people who fulfil a tenant's orders.
enum PartnerCommands {
  private static let states = [Partner.State.active, .away]
  private static let off = "off"

  static let add = Command(
    "partner add", usage: "NAME --tenant T --phone +905551234567 [--telegram CHAT] [--language tr]",
    "Adds somebody who fulfils orders of a tenant: a seller, a cook, a courier, a technician.",
    grammar: .init(
      values: ["--tenant", "--phone", "--telegram", "--language"], wordsMax: 1,
      choices: ["--language": Partner.languages]),
    settings: SetupCommands.needed,
    example: "dispatcher partner add ali --tenant shop --phone +905551234567 --language tr"
  ) { arguments, settings in
    let name = try arguments.word("NAME")
    let tenant = try arguments.required("--tenant", "whose orders they fulfil")
    guard let phone = try phone(arguments) else { throw UsageError("--phone is missing: \(PhoneNumber.form)") }
    var partner = Setup.NewPartner(tenant: tenant, name: name, phone: phone, telegram: arguments.id("--telegram"))
    if let language = try language(arguments) { partner.language = language }
    try await SetupCommands.withSetup(settings) { setup, _ in try await setup.addPartner(partner) }
    print(
      "added the partner \(name); next: dispatcher provider add kitchen --adapter desk --partner \(name), and for what they"
        + " log in with: dispatcher partner token create \(name) --tenant \(tenant)")
  }

  static let list = Command(
    "partner list", usage: "[--tenant T] [--json]", "Lists the partners.",
    grammar: .init(values: ["--tenant"], switches: ["--json"]), settings: SetupCommands.needed,
    example: "dispatcher partner list --tenant shop"
  ) { arguments, settings in
    try await SetupCommands.withSetup(settings) { setup, _ in
      let partners = try await setup.partners(tenant: arguments.value("--tenant"))
      if arguments.has("--json") { return print(JSONText.array(partners.map(json))) }
      if partners.isEmpty { print("there is no partner yet; add one with: dispatcher partner add") }
      var table = TextTable((0..<6).map { _ in .init() })
      for partner in partners {
        table.add([
          partner.tenant, partner.name, partner.phone, partner.telegram.map { "telegram \($0)" } ?? "",
          partner.language,
          partner.state == .active ? "" : partner.state.rawValue.uppercased(),
        ])
      }
      if !table.isEmpty { print(table.text()) }
    }
  }

  static let set = Command(
    "partner set",
    usage: "NAME --tenant T [--phone +905551234567] [--telegram CHAT|off] [--language tr] [--state active|away]",
    "Changes a partner. Nothing new is offered to one who is away; what they have they go on with.",
    grammar: .init(
      values: ["--tenant", "--phone", "--telegram", "--language", "--state"], wordsMax: 1,
      choices: ["--language": Partner.languages, "--state": states.map(\.rawValue)]),
    settings: SetupCommands.needed, example: "dispatcher partner set ali --tenant shop --state away"
  ) { arguments, settings in
    let name = try arguments.word("NAME")
    let tenant = try arguments.required("--tenant", "whose partner")
    let change = try change(arguments)
    guard change.phone != nil || change.language != nil || change.telegram != nil || change.state != nil else {
      throw UsageError("nothing to change; give what is to be: --phone, --telegram, --language, --state")
    }
    try await SetupCommands.withSetup(settings) { setup, _ in
      guard try await setup.changePartner(name, tenant: tenant, change) else { throw unknown(name, tenant) }
    }
    print("changed the partner \(name)")
  }

  static let remove = Command(
    "partner remove", usage: "NAME --tenant T",
    "Takes a partner out of every desk and ends their tokens; what they did stays written. Refused while they have an order.",
    grammar: .init(values: ["--tenant"], wordsMax: 1), settings: SetupCommands.needed,
    example: "dispatcher partner remove ali --tenant shop"
  ) { arguments, settings in
    let name = try arguments.word("NAME")
    let tenant = try arguments.required("--tenant", "whose partner")
    try await SetupCommands.withSetup(settings) { setup, _ in
      guard try await setup.removePartner(name, tenant: tenant) else { throw unknown(name, tenant) }
    }
    print("removed the partner \(name)")
  }

  // MARK: Parts

  /// What `partner set` and a set-up file say of one.
  static func change(_ arguments: Arguments) throws(UsageError) -> Setup.PartnerChange {
    var change = Setup.PartnerChange()
    change.phone = try phone(arguments)
    change.language = try language(arguments)
    change.telegram = arguments.id("--telegram").map { $0 == off ? nil : $0 }
    if let text = arguments.value("--state") {
      guard let state = states.first(where: { $0.rawValue == text }) else {
        throw UsageError("--state is \"\(text)\", but must be active or away")
      }
      change.state = state
    }
    return change
  }

  static func unknown(_ name: String, _ tenant: String) -> UsageError {
    UsageError("the tenant \(tenant) has no partner named \(name); see: dispatcher partner list")
  }

  static func phone(_ arguments: Arguments) throws(UsageError) -> PhoneNumber? {
    guard let text = arguments.value("--phone") else { return nil }
    guard let phone = PhoneNumber(text) else {
      throw UsageError("--phone is \"\(text)\", but must be \(PhoneNumber.form)")
    }
    return phone
  }

  private static func language(_ arguments: Arguments) throws(UsageError) -> String? {
    guard let text = arguments.value("--language") else { return nil }
    guard Partner.languages.contains(text) else {
      throw UsageError("--language is \"\(text)\", but must be one of \(Partner.languages.joined(separator: ", "))")
    }
    return text
  }

  private static func json(_ partner: Partner) -> String {
    JSONText.object([
      "tenant": JSONText.quote(partner.tenant), "name": JSONText.quote(partner.name),
      "phone": JSONText.quote(partner.phone), "telegram": partner.telegram.map { JSONText.quote($0) },
      "language": JSONText.quote(partner.language), "state": JSONText.quote(partner.state.rawValue),
    ])
  }
}
