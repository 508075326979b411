import CommandLine
import EventLoop
import Store
import Support

/// `dispatcher provider remove` and `tenant remove`: only what nothing ever came of, since the story of an order names both.
extension RemoveCommands {
  static let providerRemove = Command(
    "provider remove", usage: "NAME [--by NAME] [--note TEXT] [--yes]",
    "Removes a provider that no order was ever sent to, with its credentials and what was learned of it.",
    grammar: .init(values: ["--by", "--note"], switches: ["--yes"], wordsMax: 1), settings: SetupCommands.needed,
    example: "dispatcher provider remove panel"
  ) { arguments, settings in
    let name = try arguments.word("NAME")
    try await SetupCommands.withSetup(settings) { setup, directory in
      // One whose credentials can't be read may go as well.
      let known = try await directory.providers().first { $0.name == name }
      guard known != nil || directory.unreadable[name] != nil else {
        throw UsageError("there is no provider named \(name); see: dispatcher provider list")
      }
      guard known?.adapter != Setup.sandboxAdapter else {
        throw UsageError("\(name) is the panel of the sandboxes and stays")
      }
      let routes = try await setup.routes(tenant: nil).filter { $0.provider == name }
        .map { SetupThing.route(SetupSnapshot.asNew($0)).title }
      let use = try await setup.use(ofProvider: name)
      if let why = hindrance(provider: name, use, routes: routes) { throw ExitError(why, code: 1) }
      try await remove(.removeProvider(name), "provider \(name)", "provider remove", arguments, setup)
    }
  }

  static let tenantRemove = Command(
    "tenant remove", usage: "NAME [--by NAME] [--note TEXT] [--yes]",
    "Removes a tenant that never had an order.",
    grammar: .init(values: ["--by", "--note"], switches: ["--yes"], wordsMax: 1), settings: SetupCommands.needed,
    example: "dispatcher tenant remove shop"
  ) { arguments, settings in
    let name = try arguments.word("NAME")
    try await SetupCommands.withSetup(settings) { setup, directory in
      let snapshot = try await setup.snapshot(directory)
      guard snapshot.tenants.contains(where: { $0.name == name }) else {
        throw UsageError("there is no tenant named \(name); see: dispatcher tenant list")
      }
      let tokens = snapshot.tokens.filter { $0.tenant == name && $0.revokedAt == nil && !$0.isExpired }
      let staying =
        snapshot.routes.filter { $0.tenant == name }.map { SetupThing.route(SetupSnapshot.asNew($0)).title }
        + tokens.map { "token \($0.id)" }
        + snapshot.endpoints.filter { $0.tenant == name }.map { "endpoint \($0.name)" }
        + (try await setup.channels.targets(tenant: name)).map { "notify \($0.audience.rawValue) by \($0.channel)" }
        + snapshot.partners.filter { $0.tenant == name }.map { "partner \($0.name)" }
      if let why = hindrance(tenant: name, try await setup.use(ofTenant: name), staying: staying) {
        throw ExitError(why, code: 1)
      }
      try await remove(.removeTenant(name), "tenant \(name)", "tenant remove", arguments, setup)
    }
  }

  @LoopActor
  private static func remove(
    _ step: SetupStep, _ what: String, _ command: String, _ arguments: Arguments, _ setup: Setup
  ) async throws {
    let person = try Person(arguments, noteFallback: "dispatcher \(command)")
    try Confirmation.ask("This removes the \(what).", arguments)
    switch try await setup.apply(
      [step], seen: nil, by: person.name, as: command, lines: ["note: \(person.note)", "- \(what)"])
    {
    case .done: print("removed the \(what)")
    case .outdated, .refused:
      throw ExitError("nothing was changed: something has just begun to use the \(what)", code: 1)
    }
  }

  private static let namedMax = 5

  private static func listed(_ names: [String]) -> String {
    names.prefix(namedMax).joined(separator: ", ") + (names.count > namedMax ? ", …" : "")
  }

  /// What keeps a provider from being removed, and what to do instead; nil when nothing does.
  ///
  /// - Parameter routes: that lead to it and stay.
  static func hindrance(provider name: String, _ use: Setup.ProviderUse, routes: [String]) -> String? {
    if use.openOrders > 0 {
      return "\(name) stays: \(use.openOrders) orders are open there or held. Settle them first (worker order list)"
    }
    if !routes.isEmpty {
      return "\(name) stays: routes lead to it (\(listed(routes))). Remove them first: dispatcher route remove"
    }
    if use.hasHistory {
      return
        "\(name) stays: orders were sent to it or codes given to it, and their story needs it. Without a route it gets no"
        + " order; to make sure: worker provider pause \(name)"
    }
    return nil
  }

  /// What keeps a tenant from being removed, and what to do instead; nil when nothing does.
  ///
  /// - Parameter staying: of its routes, tokens and endpoints.
  static func hindrance(tenant name: String, _ use: Setup.TenantUse, staying: [String]) -> String? {
    if use.hasOrders {
      return "\(name) stays: it has orders, and their story needs it. To let it order no more, revoke its tokens:"
        + " dispatcher token revoke"
    }
    if !staying.isEmpty {
      return "\(name) stays: it still has \(listed(staying)). Remove them first: dispatcher route remove, token revoke,"
        + " endpoint remove, notify remove"
    }
    if use.hasSandbox { return "\(name) stays: it has a sandbox, \(SandboxTenant.name(of: name))" }
    return nil
  }
}
