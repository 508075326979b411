import CommandLine
import EventLoop
import Process
import Store
import Support

/// `dispatcher export`.
enum ExportCommand {
  static let command = Command(
    "export", usage: "--setup [--format json|yaml]",
    "Prints the set-up as a file for dispatcher apply: tenants, partners, providers, routes, tokens, endpoints. No secret is in it: a"
      + " credential becomes the name of a variable to read it from, a token its name.",
    grammar: .init(values: ["--format"], switches: ["--setup"], choices: ["--format": ["json", "yaml"]]),
    settings: SetupCommands.sealing, example: "dispatcher export --setup --format yaml"
  ) { arguments, settings in
    guard arguments.has("--setup") else { throw UsageError("--setup is missing: what is to be exported") }
    let format = arguments.value("--format") ?? "json"
    guard ["json", "yaml"].contains(format) else { throw UsageError("--format must be json or yaml") }
    try await SetupCommands.withSetup(settings, key: .needed) { setup, directory in
      let snapshot = try await setup.snapshot(directory)
      if let (name, reason) = snapshot.unreadable.min(by: { $0.key < $1.key }) {
        throw StartError(SetupCommands.unreadable(name, reason))
      }
      let things = things(snapshot)
      print(format == "yaml" ? SetupWriting.yaml(things) : SetupWriting.json(things))
      let nameless = snapshot.workingTokens.count { $0.name.isEmpty }
      if nameless > 0 {
        StandardError.shared.write("\(nameless) working tokens have no name, so they are left out\n")
      }
    }
  }

  static func things(_ snapshot: SetupSnapshot) -> [SetupThing] {
    var things = snapshot.namedTenants.map(SetupThing.tenant)
    things += snapshot.partners.compactMap(SetupSnapshot.thing)
    things += snapshot.namedProviders.sorted { $0.name < $1.name }.map { provider in
      let names = provider.credentials.keys.map { ($0, variable(provider.name, $0)) }
      return .provider(
        SetupSnapshot.asNew(provider), snapshot.terms(of: provider),
        credentials: names.isEmpty ? nil : Dictionary(names, uniquingKeysWith: { first, _ in first }))
    }
    things += snapshot.routes.map { .route(SetupSnapshot.asNew($0)) }
    var seen: Set<String> = []
    things += snapshot.workingTokens.filter { !$0.name.isEmpty }.map(SetupSnapshot.thing)
      .filter { seen.insert($0.title).inserted }
    things += snapshot.endpoints.filter { !SandboxTenant.isOne($0.tenant) }
      .map { .endpoint(tenant: $0.tenant, SetupSnapshot.asWanted($0)) }
    return things
  }

  /// Such as `PANEL_SIFRE`.
  static func variable(_ provider: String, _ credential: String) -> String {
    "\(provider)_\(credential)".uppercased().replacing("-", with: "_")
  }
}

/// Writes a set-up file.
enum SetupWriting {
  static func json(_ things: [SetupThing]) -> String {
    var text = "{\n  \"\(SetupFile.versionMember)\": \(SetupFile.version)"
    for kind in SetupThing.Kind.allCases {
      let own = things.filter { $0.kind == kind }.map { thing in
        "    {"
          + (thing.key + thing.fields).map { "\(JSONText.quote($0.name)): \($0.value.json)" }.joined(separator: ", ")
          + "}"
      }
      text += ",\n  \"\(kind.section)\": [" + (own.isEmpty ? "]" : "\n\(own.joined(separator: ",\n"))\n  ]")
    }
    return text + "\n}"
  }

  /// Texts stand in quotes as JSON has them, which YAML reads alike.
  static func yaml(_ things: [SetupThing]) -> String {
    var lines = ["\(SetupFile.versionMember): \(SetupFile.version)"]
    for kind in SetupThing.Kind.allCases {
      let own = things.filter { $0.kind == kind }
      lines.append(own.isEmpty ? "\(kind.section): []" : "\(kind.section):")
      for thing in own {
        for (index, field) in (thing.key + thing.fields).enumerated() {
          lines.append("\(index == 0 ? "  - " : "    ")\(field.name): \(inner(field.value))")
        }
      }
    }
    return lines.joined(separator: "\n")
  }

  private static func inner(_ value: SetupValue) -> String {
    switch value {
    case .map(let map) where !map.isEmpty:
      map.sorted { $0.key < $1.key }.map { "\n      \(JSONText.quote($0.key)): \(JSONText.quote($0.value))" }.joined()
    case .references(let names):
      names.sorted { $0.key < $1.key }.map { "\n      \(JSONText.quote($0.key)): {env: \(JSONText.quote($0.value))}" }
        .joined()
    default: value.json
    }
  }
}
