import Adapters
import Calls
import CommandLine
import EventLoop
import HTTPClient
import Orders
import Process
import ProviderGate
import Store

/// `dispatcher provider add|test|list`.
enum ProviderCommands {
  static let add = Command(
    "provider add", usage: "NAME --adapter NAME --base-url URL --credential NAME=VALUE …",
    "Adds a provider account. A credential as NAME=@FILE is read from a file, so it shows in no process list. A stock has"
      + " neither address nor credentials.",
    grammar: .init(
      values: [
        "--adapter", "--base-url", "--credential", "--timeout", "--concurrency", "--rate", "--trust-not-found-after",
        "--check-first-delay", "--check-backoff", "--check-backoff-max", "--check-deadline", "--decimal-mark",
        ProviderCurrency.flag, ProviderFailover.flag,
      ] + ProviderSecondLook.flags + [ProviderSecondPerson.flag], wordsMax: 1,
      choices: ["--adapter": AdapterRegistry.sevk.names, "--decimal-mark": Money.DecimalMark.allCases.map(\.rawValue)]),
    settings: SetupCommands.needed + [.providerPrivateHosts], details: adapterNotes,
    example: "dispatcher provider add panel --adapter znet --base-url http://bayi.example"
      + " --credential kod=5550000000 --credential sifre=@sifre.txt"
  ) { arguments, settings in
    let provider = try read(arguments, try settings.providerAddresses())
    try ProviderCurrency.judge(arguments)
    try ProviderFailover.judge(arguments)
    try ProviderSecondLook.judge(arguments)
    try ProviderSecondPerson.judge(arguments)
    try await SetupCommands.withSetup(settings) { setup, _ in
      try await setup.addProvider(provider)
      if provider.adapter == Stock.name {
        try await setup.noteKnownSend(Stock.knownReference, provider: provider.name)
      }
      try await ProviderCurrency.note(arguments, provider: provider.name, setup)
      try await ProviderFailover.note(arguments, provider: provider.name, setup)
      try await ProviderSecondLook.note(arguments, provider: provider.name, setup)
      try await ProviderSecondPerson.note(arguments, provider: provider.name, setup)
    }
    print(
      "added the provider \(provider.name); next: "
        + (provider.adapter == Stock.name
          ? "worker stock add PRODUCT --file codes.csv --provider \(provider.name)"
          : "dispatcher provider test \(provider.name)"))
  }

  /// What each adapter wants: its credentials, and what its routes send.
  private static let adapterNotes: [String] = AdapterRegistry.sevk.names.flatMap { name -> [String] in
    guard let adapter = AdapterRegistry.sevk.adapter(named: name) else { return [] }
    let type = type(of: adapter)
    let credentials =
      type.credentialNames.map { " --credential \($0)=…" }
      + type.optionalCredentialNames.map { " [--credential \($0)=…]" }
    return ["--adapter \(name)\(credentials.isEmpty ? "" : ":")\(credentials.joined())"]
      + type.parameterNotes.map { "  route add … --param \($0)" }
  }

  static let test = Command(
    "provider test", usage: "NAME", "Asks a provider for its balance and catalogue; sends no order.",
    grammar: .init(wordsMax: 1), settings: SetupCommands.needed + [.providerPrivateHosts],
    example: "dispatcher provider test panel"
  ) { arguments, settings in
    let name = try arguments.word("NAME")
    let addresses = try settings.providerAddresses()
    try await SetupCommands.withSetup(settings) { setup, directory in
      let provider = try await SetupCommands.provider(name, directory)
      guard AdapterRegistry.sevk.names.contains(provider.adapter), provider.adapter != Stock.name else {
        return print("\(name) is inside the programs: there is nothing to test")
      }
      let http = HTTPClient(addresses: addresses)
      defer { http.close() }
      let client = ProviderClient(http: http)
      let account = ProviderAccount(provider)
      guard client.canProbe(account) else {
        return print("the adapter \(provider.adapter) has nothing to test: its first order shows whether it works")
      }
      let (outcome, exchange) = await client.probe(account: account)
      switch outcome {
      case .notWorking(let why): throw StartError("the provider \(name) does not work: \(exchange.error ?? why)")
      case .working(let balance):
        if let balance {
          print("balance: \(balance)")
          try await setup.recordProbe(provider: provider.id, balance: balance)
        } else {
          print(
            "the login works, but the balance reads in two ways: dispatcher provider set \(name) --decimal-mark"
              + " point|comma says which mark stands before the decimals")
        }
      }
      guard AdapterRegistry.sevk.adapter(named: provider.adapter) is any CatalogueAdapter else { return }
      switch await client.catalog(account: account).0 {
      case .failure(let error): throw StartError("the catalogue can't be read: \(error)")
      case .success(let items):
        try await setup.saveCatalog(
          provider: provider.id,
          items.map { Setup.CatalogRow(name: $0.name, game: $0.game, cost: $0.cost, parameters: $0.parameters) })
        var table = TextTable([.init(), .init(isRight: true), .init()])
        for item in items {
          let parameters = item.parameters.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
          let text = parameters.joined(separator: " ")
          table.add([
            item.name, item.cost?.description ?? "?",
            item.isAmbiguous ? "ambiguous: another product has the same \(text)" : text,
          ])
        }
        if !table.isEmpty { print(table.text()) }
      }
    }
  }

  static let list = Command(
    "provider list", "Lists the provider accounts.", settings: SetupCommands.needed, example: "dispatcher provider list"
  ) { _, settings in
    try await SetupCommands.withSetup(settings) { _, directory in
      let providers = try await directory.providers()
      let unreadable = directory.unreadable.sorted { $0.key < $1.key }
      if providers.isEmpty, unreadable.isEmpty {
        print("there is no provider yet; add one with: dispatcher provider add")
      }
      var table = TextTable((0..<9).map { _ in .init() })
      for provider in providers {
        table.add([
          provider.name, provider.adapter, provider.baseURL, "timeout \(provider.timeout.inWords)",
          "concurrency \(provider.concurrencyMax)", provider.ratePerSecond.map { "rate \($0)/s" } ?? "",
          provider.trustNotFoundAfter.map { "trusts not-found after \($0.inWords)" } ?? "",
          provider.failoverAfter.map { "failover after \($0.inWords)" } ?? "",
          provider.balance.map { "balance \($0)" + (provider.currency.map { " \($0)" } ?? "") } ?? "",
        ])
      }
      if !table.isEmpty { print(table.text()) }
      for (name, reason) in unreadable { print(SetupCommands.unreadable(name, reason)) }
    }
  }

  private static func read(
    _ arguments: Arguments, _ addresses: AddressRule
  ) throws(UsageError) -> Setup.NewProvider {
    let adapterName = try arguments.required(
      "--adapter", "one of \(AdapterRegistry.sevk.names.joined(separator: ", "))")
    guard AdapterRegistry.sevk.names.contains(adapterName),
      let adapter = AdapterRegistry.sevk.adapter(named: adapterName)
    else {
      throw UsageError(
        "--adapter \(adapterName) is not known; it can be \(AdapterRegistry.sevk.names.joined(separator: ", "))")
    }
    var url = "stock:"
    if type(of: adapter).channel == .stock {
      guard arguments.value("--base-url") == nil else {
        throw UsageError("--base-url does not go with --adapter \(adapterName): its codes are in the database")
      }
    } else {
      url = try arguments.required("--base-url", "where the provider's panel is, such as http://bayi.example")
      try ProviderURL.judge(url, addresses)
    }
    let credentials = try arguments.pairs("--credential")
    let needed = type(of: adapter).credentialNames
    for name in needed where credentials[name]?.isEmpty ?? true {
      throw UsageError("--credential \(name)=… is missing; \(adapterName) needs \(needed.joined(separator: ", "))")
    }
    let taken = needed + type(of: adapter).optionalCredentialNames
    for name in credentials.keys.sorted() where !taken.contains(name) {
      throw UsageError(
        "--credential \(name) is not known; \(adapterName) takes \(taken.isEmpty ? "none" : taken.joined(separator: ", "))"
      )
    }
    if let problem = type(of: adapter).validate(credentials: credentials).first {
      throw UsageError("--credential \(problem.parameter) \(problem.message)")
    }
    func duration(_ flag: String) throws(UsageError) -> Duration? {
      guard let text = arguments.value(flag) else { return nil }
      guard let duration = Duration(words: text), duration > .zero else {
        throw UsageError("\(flag) is \"\(text)\", but must be a duration such as 250ms, 30s, 10m or 24h")
      }
      return duration
    }
    func number(_ flag: String, _ text: String?) throws(UsageError) -> Int? {
      guard let text else { return nil }
      guard let number = Int(text), (1...10_000).contains(number) else {
        throw UsageError("\(flag) must be a number from 1 to 10000")
      }
      return number
    }
    var rate = arguments.value("--rate")
    if let text = rate {
      guard text.hasSuffix("/s") else { throw UsageError("--rate must be such as 10/s") }
      rate = String(text.dropLast(2))
    }
    let timeout = try duration("--timeout") ?? .seconds(20)
    let trust = try duration("--trust-not-found-after")
    try ProviderSet.judge(trust: trust, timeout: timeout)
    return Setup.NewProvider(
      name: try arguments.word("NAME"), adapter: adapterName, baseURL: url, credentials: credentials,
      timeout: timeout,
      concurrencyMax: try number("--concurrency", arguments.value("--concurrency")) ?? 16,
      ratePerSecond: try number("--rate", rate), trustNotFoundAfter: trust,
      checkFirst: try duration("--check-first-delay"), checkBackoff: try duration("--check-backoff"),
      checkBackoffMax: try duration("--check-backoff-max"), checkDeadline: try duration("--check-deadline"),
      decimalMark: try ProviderSet.decimalMark(arguments.value("--decimal-mark")))
  }
}
