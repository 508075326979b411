import Adapters
import CommandLine
import EventLoop
import Orders
import Process
import Store
import Support

/// `dispatcher token create|rotate|list|revoke`.
enum TokenCommands {
  static let create = Command(
    "token create",
    usage:
      "--tenant NAME --scope SCOPES [--rate 100/s [--burst N]] | --dashboard [--role ROLES], [--name LABEL]"
      + " [--expires 2160h] [--sandbox] \(SetupNote.usage)",
    "Makes an API token and prints it, once; what else it says goes to standard error. With --sandbox, orders of that token"
      + " are not real: they never reach a provider, and the last digit of the player chooses what becomes of them.",
    grammar: .init(
      values: ["--tenant", "--scope", "--name", "--expires", "--rate", "--burst", DashboardRoles.flag]
        + SetupNote.flags,
      switches: ["--dashboard", "--sandbox"]),
    settings: SetupCommands.sealing,
    details: DashboardRoles.details + SetupNote.details,
    example: "dispatcher token create --tenant shop --name checkout --scope orders:write,orders:read,pins:read"
  ) { arguments, settings in
    if arguments.has("--dashboard") {
      if arguments.has("--sandbox") { throw UsageError("--sandbox does not go with --dashboard") }
      for flag in ["--tenant", "--scope", "--rate", "--burst"] where arguments.value(flag) != nil {
        throw UsageError("\(flag) does not go with --dashboard: that token sees all tenants and can do nothing else")
      }
      let (label, lifetime) = (try name(arguments), try duration("--expires", arguments))
      let roles = try DashboardRoles.read(arguments, name: label)
      let address = try settings.string(.dashboardAddress)
      let thing = SetupThing.token(
        tenant: nil, name: label, scopes: DashboardRole.scopes(of: roles), ratePerSecond: nil, rateBurst: nil)
      let audit = try SetupNote.audit(arguments, SetupPlan.addition(thing).lines)
      return try await SetupCommands.withSetup(settings) { setup, _ in
        let made = try await setup.noted(audit).createDashboardToken(name: label, roles: roles, lifetime: lifetime)
        try show(made, for: "the dashboard, to \(DashboardRoles.words(roles))")
        say("open http://\(address == "off" ? "ADDRESS" : address)/ (\(Setting.dashboardAddress.variable))")
      }
    }
    if arguments.value(DashboardRoles.flag) != nil { throw UsageError("\(DashboardRoles.flag) goes with --dashboard") }
    let wanted = try request(arguments)
    let scopes = wanted.scopes
    try SetupNote.person(arguments)
    // The first token of a sandbox adds a provider, whose credentials are sealed though there are none.
    try await SetupCommands.withSetup(settings, key: arguments.has("--sandbox") ? .needed : .never) { setup, _ in
      var wanted = wanted
      if arguments.has("--sandbox") {
        wanted.tenant = try await setup.noted(SetupNote.audit(arguments, []))
          .addSandbox(of: wanted.tenant, knownSend: SandboxScript.knownReference)
      }
      let thing = SetupThing.token(
        tenant: wanted.tenant, name: wanted.name, scopes: scopes, ratePerSecond: wanted.ratePerSecond,
        rateBurst: wanted.rateBurst)
      let made = try await setup.noted(SetupNote.audit(arguments, SetupPlan.addition(thing).lines)).createToken(wanted)
      try show(made, for: "\(wanted.tenant), \(scopes.joined(separator: ","))")
    }
  }

  /// A token of a tenant as the flags want it, judged.
  static func request(_ arguments: Arguments) throws(UsageError) -> Setup.NewToken {
    let tenant = try arguments.required("--tenant", "whose token it is")
    let scopes = try arguments.required("--scope", "what it may do: \(Setup.scopes.joined(separator: ", "))")
      .split(separator: ",").map(String.init)
    for scope in scopes where !Setup.scopes.contains(scope) {
      throw UsageError("--scope \(scope) is not known; it can be \(Setup.scopes.joined(separator: ", "))")
    }
    var new = Setup.NewToken(tenant: tenant, scopes: scopes)
    new.name = try name(arguments)
    new.lifetime = try duration("--expires", arguments)
    new.ratePerSecond = try rate(arguments)
    new.rateBurst = try burst(arguments, new.ratePerSecond)
    return new
  }

  static let rotate = Command(
    "token rotate", usage: "NUMBER [--overlap 24h] [--expires 2160h] \(SetupNote.usage)",
    "Makes a token in place of another and prints it, once; the old one works until the overlap ends.",
    grammar: .init(values: ["--overlap", "--expires"] + SetupNote.flags, wordsMax: 1), settings: SetupCommands.needed,
    details: SetupNote.details,
    example: "dispatcher token rotate 3 --overlap 24h"
  ) { arguments, settings in
    let id = try number(arguments)
    let overlap = try duration("--overlap", arguments, atLeast: .zero) ?? .seconds(86_400)
    let lifetime = try duration("--expires", arguments)
    let audit = try SetupNote.audit(
      arguments, ["~ token \(id): another one in its place; it ends in \(overlap.inWords)"])
    try await SetupCommands.withSetup(settings) { setup, _ in
      guard
        let (made, tenant, scopes, oldEndsAt) = try await setup.noted(audit).rotateToken(
          id, overlap: overlap, lifetime: lifetime)
      else {
        throw UsageError("there is no token \(id) that works and was not rotated yet; see: dispatcher token list")
      }
      try show(made, for: tenant.isEmpty ? "the dashboard" : "\(tenant), \(scopes)")
      say("token \(id) works until \(oldEndsAt); to end it at once: dispatcher token revoke \(id)")
    }
  }

  static let list = Command(
    "token list", usage: "[--tenant NAME] [--json]", "Lists API tokens by number; the tokens themselves are not kept.",
    grammar: .init(values: ["--tenant"], switches: ["--json"]), settings: SetupCommands.needed,
    example: "dispatcher token list"
  ) { arguments, settings in
    try await SetupCommands.withSetup(settings) { setup, _ in
      let tokens = try await setup.tokens(tenant: arguments.value("--tenant"))
      if arguments.has("--json") { return print(JSONText.array(tokens.map(ListJSON.token))) }
      if tokens.isEmpty { print("there is no token yet; make one with: dispatcher token create") }
      var table = TextTable([.init(isRight: true)] + (0..<10).map { _ in .init() })
      for token in tokens { table.add(row(token)) }
      if !table.isEmpty { print(table.text()) }
    }
  }

  static let revoke = Command(
    "token revoke", usage: "NUMBER \(SetupNote.usage)", "Takes a token back; it stops working within two seconds.",
    grammar: .init(values: SetupNote.flags, wordsMax: 1), settings: SetupCommands.needed, details: SetupNote.details,
    example: "dispatcher token revoke 3"
  ) { arguments, settings in
    let id = try number(arguments)
    try SetupNote.person(arguments)
    try await SetupCommands.withSetup(settings) { setup, _ in
      let known = try await setup.tokens(tenant: nil).first { $0.id == id }
      let named = known.map { " (\($0.tenant)\($0.name.isEmpty ? "" : " \($0.name)"))" } ?? ""
      guard try await setup.noted(SetupNote.audit(arguments, ["- token \(id)\(named)"])).revokeToken(id) else {
        throw UsageError("there is no working token \(id); see: dispatcher token list")
      }
      print("revoked token \(id)")
    }
  }

  private static func row(_ token: Setup.ListedToken) -> [String] {
    [
      "\(token.id)", token.tenant, token.name, token.prefix.isEmpty ? "" : "\(token.prefix)…", token.scopes,
      "made \(token.createdAt)", token.lastUsedAt.map { "used \($0)" } ?? "not used",
      token.ratePerSecond.map { $0 == 0 ? "rate off" : "rate \($0)/s burst \(token.rateBurst ?? $0)" } ?? "",
      token.expiresAt.map { "\(token.isExpired ? "EXPIRED" : "expires") \($0)" } ?? "",
      token.replacedBy.map { "rotated to \($0)" } ?? "", token.revokedAt.map { "REVOKED \($0)" } ?? "",
    ]
  }

  /// The token alone on standard output, for scripts; beside it, on standard error, what people want to know.
  private static func show(_ made: Setup.MadeToken, for whom: String) throws(ExitError) {
    if let trouble = StandardOutput.write(made.secret + "\n") {
      throw ExitError(
        "token \(made.id) was made, but can't be shown: \(trouble); take it back with: dispatcher token revoke \(made.id)",
        code: 1)
    }
    say(
      "token \(made.id) (\(made.prefix)…) for \(whom), "
        + (made.expiresAt.map { "expires \($0)" } ?? "does not expire") + "; it is shown this once")
  }

  private static func say(_ text: String) { StandardError.shared.write(text + "\n") }

  static func name(_ arguments: Arguments) throws(UsageError) -> String {
    let name = arguments.value("--name") ?? ""
    if let mistake = OrderText.mistake(in: name, bytesMin: 0, bytesMax: Setup.tokenNameBytesMax) {
      throw UsageError("--name \(mistake)")
    }
    return name
  }

  private static func number(_ arguments: Arguments) throws(UsageError) -> Int64 {
    guard let id = Int64(try arguments.word("NUMBER")) else {
      throw UsageError("NUMBER is the one that dispatcher token list shows, not the token")
    }
    return id
  }

  static func duration(
    _ flag: String, _ arguments: Arguments, atLeast least: Duration = .seconds(1)
  ) throws(UsageError) -> Duration? {
    guard let text = arguments.value(flag) else { return nil }
    guard let duration = Duration(words: text), duration >= least else {
      throw UsageError("\(flag) is \"\(text)\", but must be a duration such as 24h or 2160h (90 days)")
    }
    return duration
  }

  private static func rate(_ arguments: Arguments) throws(UsageError) -> Int? {
    guard let text = arguments.value("--rate") else { return nil }
    guard let rate = Settings.rate(text) else {
      throw UsageError("--rate is \"\(text)\", but must be such as 100/s, or off")
    }
    return rate
  }

  private static func burst(_ arguments: Arguments, _ rate: Int?) throws(UsageError) -> Int? {
    guard let text = arguments.value("--burst") else { return nil }
    guard rate ?? 0 > 0 else { throw UsageError("--burst goes with --rate, such as --rate 100/s --burst 500") }
    guard let burst = Int(text), (1...1_000_000).contains(burst) else {
      throw UsageError("--burst must be a number from 1 to 1000000")
    }
    return burst
  }
}
