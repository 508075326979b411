import Adapters
import CommandLine
import EventLoop
import Notify
import Process
import Store

/// `dispatcher notify add|list|remove|text`: who is told what, by which channel, and in which words.
enum NotifyCommands {
  private static let audiences = NotifyAudience.allCases.map(\.rawValue)
  private static let languages = NoticeLanguage.allCases.map(\.rawValue)

  static let add = Command(
    "notify add",
    usage:
      "--tenant NAME --on TYPE … --to customer|partner|ops --channel NAME [--address ADDRESS] [--language LANGUAGE]",
    "Has somebody told of events of a tenant's orders, from now on. A customer is reached where the order's fields phone,"
      + " email and telegram say; with --to ops, --address says where.",
    grammar: .init(
      values: ["--tenant", "--on", "--to", "--channel", "--address", "--language"],
      choices: ["--to": audiences, "--language": languages, "--on": NoticeWords.types(for: .ops)]),
    settings: SetupCommands.needed,
    details: ["--on       the type of an event: \(NoticeWords.types(for: .ops).joined(separator: " "))"],
    example: "dispatcher notify add --tenant shop --on sevk.order.completed --to customer --channel bot"
  ) { arguments, settings in
    let tenant = try arguments.required("--tenant", "whose orders")
    let audience = try audience(arguments)
    let types = try types(arguments, audience)
    guard !types.isEmpty else {
      throw UsageError("--on is missing: the type of an event, such as sevk.order.completed")
    }
    let channelName = try arguments.required("--channel", "see: dispatcher channel list")
    let language = try language(arguments)
    try await SetupCommands.withSetup(settings) { setup, _ in
      let id = try await setup.tenantID(tenant)
      guard audience == .ops || !SandboxTenant.isOne(tenant) else {
        throw UsageError(
          "--to \(audience.rawValue): nothing of a sandbox reaches customers or partners; --to ops can be told")
      }
      let channel = try await ChannelCommands.channel(channelName, setup)
      let address = try address(arguments, audience, channel)
      try await setup.channels.tell(
        tenant: id, audience: audience, channel: channel, address: address, language: language?.rawValue, types: types)
    }
    print("\(audience.rawValue) of \(tenant) is told of \(types.joined(separator: ", ")) by \(channelName)")
  }

  static let list = Command(
    "notify list", usage: "[--tenant NAME] [--json]", "Lists who is told what, and in which words of their own.",
    grammar: .init(values: ["--tenant"], switches: ["--json"]), settings: SetupCommands.needed,
    example: "dispatcher notify list"
  ) { arguments, settings in
    try await SetupCommands.withSetup(settings) { setup, _ in
      let tenant = arguments.value("--tenant")
      let targets = try await setup.channels.targets(tenant: tenant)
      let texts = try await setup.channels.texts(tenant: tenant)
      if arguments.has("--json") { return print(json(targets, texts)) }
      if targets.isEmpty { print("nobody is told anything yet; begin with: dispatcher notify add") }
      var table = TextTable((0..<6).map { _ in .init() })
      for target in targets {
        table.add([
          target.tenant, target.audience.rawValue, target.channel, target.address, target.language ?? "",
          target.types.joined(separator: ","),
        ])
      }
      if !table.isEmpty { print(table.text()) }
      for text in texts {
        let subject = text.words.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
        print("\(text.tenant) \(text.audience.rawValue) \(text.type) \(text.language): \(subject)")
      }
    }
  }

  private static func json(_ targets: [NotifyTarget], _ texts: [NotifyText]) -> String {
    JSONText.object([
      "targets": JSONText.array(
        targets.map { target in
          JSONText.object([
            "tenant": JSONText.quote(target.tenant), "to": JSONText.quote(target.audience.rawValue),
            "channel": JSONText.quote(target.channel), "adapter": JSONText.quote(target.adapter),
            "address": target.address.isEmpty ? nil : JSONText.quote(target.address),
            "language": target.language.map { JSONText.quote($0) },
            "types": JSONText.array(target.types.map { JSONText.quote($0) }),
          ])
        }),
      "texts": JSONText.array(
        texts.map { text in
          JSONText.object([
            "tenant": JSONText.quote(text.tenant), "to": JSONText.quote(text.audience.rawValue),
            "type": JSONText.quote(text.type), "language": JSONText.quote(text.language),
            "words": JSONText.quote(text.words),
          ])
        }),
    ])
  }

  static let remove = Command(
    "notify remove",
    usage: "--tenant NAME --to customer|partner|ops --channel NAME [--address ADDRESS] [--on TYPE …]",
    "Has somebody told no longer: of the types that are named, or of anything; then what was in line goes too.",
    grammar: .init(
      values: ["--tenant", "--on", "--to", "--channel", "--address"],
      choices: ["--to": audiences, "--on": NoticeWords.types(for: .ops)]), settings: SetupCommands.needed,
    example: "dispatcher notify remove --tenant shop --to customer --channel bot"
  ) { arguments, settings in
    let tenant = try arguments.required("--tenant", "whose orders")
    let audience = try audience(arguments)
    let channel = try arguments.required("--channel", "see: dispatcher notify list")
    let types = try types(arguments, audience)
    try await SetupCommands.withSetup(settings) { setup, _ in
      let address = arguments.value("--address")
      let found = try await setup.channels.targets(tenant: tenant).filter {
        $0.audience == audience && $0.channel == channel && (address == nil || $0.address == address)
      }
      guard !found.isEmpty else { throw UsageError("nobody is told that; see: dispatcher notify list") }
      guard found.count == 1 else {
        throw UsageError(
          "several are told by \(channel): name one with --address \(found.map(\.address).joined(separator: "|"))")
      }
      try await setup.channels.untell(found[0], types: types.isEmpty ? found[0].types : types)
    }
    print("\(audience.rawValue) of \(tenant) is told no longer by \(channel)")
  }

  static let text = Command(
    "notify text",
    usage: "--tenant NAME --on TYPE --to customer|partner|ops --language LANGUAGE --text TEXT|@FILE | --remove",
    "Gives a tenant words of its own for a type of event; the first line is the subject. --remove takes them back.",
    grammar: .init(
      values: ["--tenant", "--on", "--to", "--language", "--text"], switches: ["--remove"],
      choices: ["--to": audiences, "--language": languages, "--on": NoticeWords.types(for: .ops)]),
    settings: SetupCommands.needed,
    details: [
      "--text  places: " + NoticeTemplate.Place.allCases.map { "{\($0.rawValue)}" }.joined(separator: " ")
        + "; never a PIN"
    ],
    example: "dispatcher notify text --tenant shop --on sevk.order.completed --to customer --language en"
      + " --text 'Your {product} is there'"
  ) { arguments, settings in
    let tenant = try arguments.required("--tenant", "whose words")
    let audience = try audience(arguments)
    let types = try types(arguments, audience)
    guard types.count == 1, let type = types.first else {
      throw UsageError("--on must be given once: the type of an event, such as sevk.order.completed")
    }
    guard let language = try language(arguments) else {
      throw UsageError("--language is missing: one of \(languages.joined(separator: ", "))")
    }
    let words = try words(arguments)
    try await SetupCommands.withSetup(settings) { setup, _ in
      try await setup.channels.set(
        words: words, tenant: try await setup.tenantID(tenant), audience: audience, type: type,
        language: language.rawValue)
    }
    print(words == nil ? "\(tenant) has Sevk's words again" : "\(tenant) has words of its own")
  }

  // MARK: Flags

  private static func words(_ arguments: Arguments) throws(UsageError) -> String? {
    guard var text = arguments.value("--text") else {
      guard arguments.has("--remove") else { throw UsageError("--text is missing, or --remove") }
      return nil
    }
    guard !arguments.has("--remove") else { throw UsageError("--text and --remove don't go together") }
    if text.hasPrefix("@") {
      guard let file = readTextFile(String(text.dropFirst())) else {
        throw UsageError("--text: \(text.dropFirst()): \(FileTrouble(String(text.dropFirst())).reason)")
      }
      text = String(file.reversed().drop(while: \.isNewline).reversed())
    }
    do { return try NoticeTemplate(text).text } catch { throw UsageError("--text \(error)") }
  }

  private static func audience(_ arguments: Arguments) throws(UsageError) -> NotifyAudience {
    let text = try arguments.required("--to", "one of \(audiences.joined(separator: ", "))")
    guard let audience = NotifyAudience(rawValue: text) else {
      throw UsageError("--to \(text) is not known; it can be \(audiences.joined(separator: ", "))")
    }
    return audience
  }

  private static func types(_ arguments: Arguments, _ audience: NotifyAudience) throws(UsageError) -> [String] {
    let known = NoticeWords.types(for: audience)
    return try arguments.all("--on").map { text throws(UsageError) in
      let type = text.hasPrefix("sevk.") ? text : "sevk." + text
      guard known.contains(type) else {
        let near = Nearest.of(type, among: known).map { "; did you mean \($0)?" } ?? ""
        throw UsageError(
          NoticeWords.types(for: .ops).contains(type)
            ? "--on \(type) is for people who run things: --to ops"
            : "--on \(text) is no type of an event\(near); --help lists them")
      }
      return type
    }
  }

  private static func address(
    _ arguments: Arguments, _ audience: NotifyAudience, _ channel: ChannelRow
  ) throws(UsageError) -> String {
    let text = arguments.id("--address")
    guard audience == .ops else {
      guard text == nil else {
        throw UsageError("--address goes with --to ops alone: others are reached where they say")
      }
      return ""
    }
    guard let text, !text.isEmpty else {
      throw UsageError("--address is missing: where people who run things are reached by \(channel.name)")
    }
    guard let adapter = ChannelRegistry.adapter(named: channel.adapter) else { return text }
    if let mistake = type(of: adapter).mistake(inAddress: text) { throw UsageError("--address \(text) \(mistake)") }
    return text
  }

  static func language(_ arguments: Arguments) throws(UsageError) -> NoticeLanguage? {
    guard let text = arguments.value("--language") else { return nil }
    guard let language = NoticeLanguage(rawValue: text) else {
      throw UsageError("--language \(text) is not known; it can be \(languages.joined(separator: ", "))")
    }
    return language
  }
}
