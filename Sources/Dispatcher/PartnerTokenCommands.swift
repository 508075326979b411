import CommandLine
import EventLoop
import Store

/// `dispatcher partner token create|list|revoke`: what partners log in with.
enum PartnerTokenCommands {
  static let create = Command(
    "partner token create", usage: "NAME --tenant T [--name LABEL]",
    "Makes a token for a partner and prints it, once; what else it says goes to standard error.",
    grammar: .init(values: ["--tenant", "--name"], wordsMax: 1), settings: SetupCommands.needed,
    example: "dispatcher partner token create ali --tenant shop"
  ) { arguments, settings in
    let partner = try arguments.word("NAME")
    let tenant = try arguments.required("--tenant", "whose partner")
    let label = try TokenCommands.name(arguments)
    try await SetupCommands.withSetup(settings) { setup, _ in
      let made = try await setup.createPartnerToken(of: partner, tenant: tenant, called: label)
      if let trouble = StandardOutput.write(made.secret + "\n") {
        throw ExitError(
          "token \(made.id) was made, but can't be shown: \(trouble); take it back with: dispatcher partner token revoke"
            + " \(made.id)", code: 1)
      }
      StandardError.shared.write(
        "token \(made.id) (\(made.prefix)…) for the partner \(partner); it is shown this once\n")
    }
  }

  static let list = Command(
    "partner token list", usage: "[--tenant T] [--partner NAME] [--json]",
    "Lists partners' tokens by number; the tokens themselves are not kept.",
    grammar: .init(values: ["--tenant", "--partner"], switches: ["--json"]), settings: SetupCommands.needed,
    example: "dispatcher partner token list --tenant shop"
  ) { arguments, settings in
    try await SetupCommands.withSetup(settings) { setup, _ in
      let tokens = try await setup.partnerTokens(
        tenant: arguments.value("--tenant"), partner: arguments.value("--partner"))
      if arguments.has("--json") { return print(JSONText.array(tokens.map(json))) }
      if tokens.isEmpty { print("there is no partner's token yet; make one with: dispatcher partner token create") }
      var table = TextTable([.init(isRight: true)] + (0..<7).map { _ in .init() })
      for token in tokens {
        table.add([
          "\(token.id)", token.tenant, token.partner, token.name, "\(token.prefix)…", "made \(token.createdAt)",
          token.lastUsedAt.map { "used \($0)" } ?? "not used", token.revokedAt.map { "REVOKED \($0)" } ?? "",
        ])
      }
      if !table.isEmpty { print(table.text()) }
    }
  }

  static let revoke = Command(
    "partner token revoke", usage: "NUMBER", "Takes a partner's token back at once.",
    grammar: .init(wordsMax: 1), settings: SetupCommands.needed, example: "dispatcher partner token revoke 3"
  ) { arguments, settings in
    guard let id = Int64(try arguments.word("NUMBER")) else {
      throw UsageError("NUMBER is the one that dispatcher partner token list shows, not the token")
    }
    try await SetupCommands.withSetup(settings) { setup, _ in
      guard try await setup.revokePartnerToken(id) else {
        throw UsageError("there is no working token \(id) of a partner; see: dispatcher partner token list")
      }
      print("revoked token \(id)")
    }
  }

  private static func json(_ token: Setup.PartnerToken) -> String {
    JSONText.object([
      "id": "\(token.id)", "tenant": JSONText.quote(token.tenant), "partner": JSONText.quote(token.partner),
      "name": JSONText.quote(token.name), "prefix": JSONText.quote(token.prefix),
      "created_at": JSONText.quote(token.createdAt), "last_used_at": token.lastUsedAt.map { JSONText.quote($0) },
      "revoked_at": token.revokedAt.map { JSONText.quote($0) },
    ])
  }
}
