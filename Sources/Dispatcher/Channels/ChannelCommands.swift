import Adapters
import Cipher
import CommandLine
import EventLoop
import HTTPClient
import Process
import ProviderGate
import Store

/// `dispatcher channel add|set|list|remove`: accounts at services that carry messages to people.
enum ChannelCommands {
  private static let secretBytes = 24

  static let add = Command(
    "channel add", usage: "NAME --adapter NAME [--base-url URL] --credential NAME=VALUE …",
    "Adds a channel: an account by which people are told things. A credential as NAME=@FILE is read from a file, so it shows"
      + " in no process list.",
    grammar: .init(
      values: ["--adapter", "--base-url", "--credential"], wordsMax: 1, choices: ["--adapter": ChannelRegistry.names]),
    settings: SetupCommands.sealing + [.providerPrivateHosts], details: adapterNotes,
    example: "dispatcher channel add bot --adapter telegram --credential token=@token.txt"
  ) { arguments, settings in
    let name = try arguments.word("NAME")
    let adapterName = try arguments.required("--adapter", "one of \(ChannelRegistry.names.joined(separator: ", "))")
    guard let adapter = ChannelRegistry.adapter(named: adapterName) else {
      throw UsageError(
        "--adapter \(adapterName) is not known; it can be \(ChannelRegistry.names.joined(separator: ", "))")
    }
    let url = try baseURL(arguments, adapter, known: nil, try settings.providerAddresses())
    var credentials = try arguments.pairs("--credential")
    if adapter is Telegram, credentials[Telegram.webhookSecret] == nil {
      // Known to Telegram and to gateways, and to nobody else.
      credentials[Telegram.webhookSecret] = Hexadecimal.encode(RandomBytes.make(secretBytes))
    }
    try judge(credentials, adapter)
    try await SetupCommands.withSetup(settings, key: .needed) { setup, _ in
      try await setup.channels.add(name: name, adapter: adapterName, baseURL: url, credentials: credentials)
    }
    print("added the channel \(name); next: dispatcher channel test \(name) --to ADDRESS")
  }

  static let set = Command(
    "channel set", usage: "NAME [--base-url URL] [--credential NAME=VALUE] …",
    "Changes a channel. What was wrong with it is forgotten, and what waits is tried again.",
    grammar: .init(values: ["--base-url", "--credential"], wordsMax: 1),
    settings: SetupCommands.sealing + [.providerPrivateHosts],
    example: "dispatcher channel set bot --credential token=@token.txt"
  ) { arguments, settings in
    let given = try arguments.pairs("--credential")
    guard arguments.value("--base-url") != nil || !given.isEmpty else {
      throw UsageError("nothing to change; give what is to be: --base-url, --credential")
    }
    let addresses = try settings.providerAddresses()
    try await with(arguments, settings, key: .needed) { setup, channel, adapter in
      let url = try baseURL(arguments, adapter, known: channel.baseURL, addresses)
      // Those that can't be read may be replaced, where all that are needed are given.
      let old: [String: String]
      do { old = try setup.channels.credentials(of: channel) } catch {
        guard type(of: adapter).credentialNames.allSatisfy({ given[$0] != nil }) else { throw UsageError("\(error)") }
        old = [:]
      }
      let credentials = old.merging(given) { $1 }.filter { !$0.value.isEmpty }
      try judge(credentials, adapter)
      try await setup.channels.set(channel, baseURL: url, credentials: credentials)
      print("changed the channel \(channel.name)")
    }
  }

  static let list = Command(
    "channel list", usage: "[--json]", "Lists the channels, and what is wrong with them.",
    grammar: .init(switches: ["--json"]), settings: SetupCommands.needed, example: "dispatcher channel list"
  ) { arguments, settings in
    try await SetupCommands.withSetup(settings) { setup, _ in
      let channels = try await setup.channels.channels()
      let waiting = Dictionary(
        try await setup.channels.tallies().map { ($0.channel, $0.waiting) }, uniquingKeysWith: { first, _ in first })
      if arguments.has("--json") {
        return print(
          JSONText.array(
            channels.map { channel in
              JSONText.object([
                "name": JSONText.quote(channel.name), "adapter": JSONText.quote(channel.adapter),
                "base_url": JSONText.quote(channel.baseURL), "created_at": JSONText.quote(channel.createdAt),
                "waiting": "\(waiting[channel.name] ?? 0)", "trouble": channel.trouble.map { JSONText.quote($0) },
                "trouble_since": channel.troubleSince.map { JSONText.quote($0) },
              ])
            }))
      }
      if channels.isEmpty { print("there is no channel yet; add one with: dispatcher channel add") }
      var table = TextTable((0..<5).map { _ in .init() })
      for channel in channels {
        table.add([
          channel.name, channel.adapter, channel.baseURL, "\(waiting[channel.name] ?? 0) waiting",
          channel.trouble.map { "tells nobody anything: \($0)" } ?? "",
        ])
      }
      if !table.isEmpty { print(table.text()) }
    }
  }

  static let remove = Command(
    "channel remove", usage: "NAME", "Removes a channel by which nobody is told anything, with its credentials.",
    grammar: .init(wordsMax: 1), settings: SetupCommands.needed, example: "dispatcher channel remove bot"
  ) { arguments, settings in
    try await with(arguments, settings) { setup, channel, _ in
      guard try await setup.channels.remove(channel) else {
        let users = try await setup.channels.targets().filter { $0.channel == channel.name }
        let named = users.prefix(5).map { "\($0.tenant) \($0.audience.rawValue)" }.joined(separator: ", ")
        throw ExitError(
          "\(channel.name) stays: by it are told \(named). Remove that first: dispatcher notify remove", code: 1)
      }
      print("removed the channel \(channel.name)")
    }
  }

  // MARK: Judging

  private static func baseURL(
    _ arguments: Arguments, _ adapter: any MessagingAdapter, known: String?, _ addresses: AddressRule
  ) throws(UsageError) -> String {
    guard let url = arguments.value("--base-url") else {
      guard let url = known ?? type(of: adapter).baseURL else {
        throw UsageError("--base-url is missing: where the service is, such as smtp://mail.shop.example:587")
      }
      return url
    }
    try ChannelURL.judge(url, adapter: adapter, addresses)
    return url
  }

  private static func judge(_ credentials: [String: String], _ adapter: any MessagingAdapter) throws(UsageError) {
    let needed = type(of: adapter).credentialNames
    let name = type(of: adapter).name
    for credential in needed where credentials[credential]?.isEmpty ?? true {
      throw UsageError("--credential \(credential)=… is missing; \(name) needs \(needed.joined(separator: ", "))")
    }
    let taken = needed + type(of: adapter).optionalCredentialNames
    for credential in credentials.keys.sorted() where !taken.contains(credential) {
      throw UsageError("--credential \(credential) is not known; \(name) takes \(taken.joined(separator: ", "))")
    }
    if let problem = type(of: adapter).validate(credentials: credentials).first {
      throw UsageError("--credential \(problem.parameter) \(problem.message)")
    }
  }

  /// What each adapter wants.
  private static let adapterNotes: [String] = ChannelRegistry.names.compactMap { name in
    guard let adapter = ChannelRegistry.adapter(named: name) else { return nil }
    let type = type(of: adapter)
    return "--adapter \(name):" + type.credentialNames.map { " --credential \($0)=…" }.joined()
      + type.optionalCredentialNames.map { " [--credential \($0)=…]" }.joined()
      + (type.baseURL.map { "; --base-url, if not \($0)" } ?? "; --base-url smtp://HOST:587 or smtps://HOST:465")
  }

  /// Runs a step with the channel that the command names.
  @LoopActor
  static func with(
    _ arguments: Arguments, _ settings: Settings, key: ProcessFrame.KeyNeed = .never,
    _ body: @LoopActor (Setup, ChannelRow, any MessagingAdapter) async throws -> Void
  ) async throws {
    let name = try arguments.word("NAME")
    try await SetupCommands.withSetup(settings, key: key) { setup, _ in
      let channel = try await Self.channel(name, setup)
      guard let adapter = ChannelRegistry.adapter(named: channel.adapter) else {
        throw UsageError("\(name) has the adapter \(channel.adapter), which this version does not know")
      }
      try await body(setup, channel, adapter)
    }
  }

  @LoopActor
  static func channel(_ name: String, _ setup: Setup) async throws -> ChannelRow {
    guard let channel = try await setup.channels.channels(name: name).first else {
      throw UsageError("there is no channel named \(name); see: dispatcher channel list")
    }
    return channel
  }
}
