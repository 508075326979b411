import Adapters
import Calls
import CommandLine
import EventLoop
import HTTPClient
import Orders
import Process
import ProviderGate
import Store
import Support

/// `dispatcher provider add|test|list`.
enum ProviderCommands {
  static let add = Command(
    "provider add", usage: "NAME --adapter NAME --base-url URL --credential NAME=VALUE …",
    "Adds a provider account. A credential as NAME=@FILE is read from a file, so it shows in no process list. A stock has"
      + " neither address nor credentials, nor has a desk: it names partners, to whom orders are offered.",
    grammar: .init(
      values: [
        "--adapter", "--base-url", "--credential", "--timeout", "--concurrency", "--rate", "--trust-not-found-after",
        "--check-first-delay", "--check-backoff", "--check-backoff-max", "--check-deadline", "--decimal-mark",
        ProviderCurrency.flag, ProviderFailover.flag,
      ] + ProviderSecondLook.flags + [ProviderSecondPerson.flag] + ProviderDesk.flags + SetupNote.flags, wordsMax: 1,
      choices: [
        "--adapter": AdapterRegistry.sevk.names, "--decimal-mark": Money.DecimalMark.allCases.map(\.rawValue),
      ].merging(ProviderDesk.choices) { $1 }),
    settings: SetupCommands.sealing + [.providerPrivateHosts], details: SetupNote.details + adapterNotes,
    example: "dispatcher provider add panel --adapter znet --base-url http://bayi.example"
      + " --credential kod=5550000000 --credential sifre=@sifre.txt"
  ) { arguments, settings in
    let provider = try ProviderRequest.read(
      name: try arguments.word("NAME"), arguments, credentials: try arguments.pairs("--credential"),
      try settings.providerAddresses())
    var terms = try ProviderRequest.terms(arguments)
    let desk = try ProviderDesk.read(arguments, adapter: provider.adapter)
    try SetupNote.person(arguments)
    var shared: [String] = []
    try await SetupCommands.withSetup(settings, key: .needed) { setup, directory in
      if let desk { terms.desk = try await setup.whole(desk) }
      let audit = try SetupNote.audit(arguments, SetupPlan.addition(.provider(provider, terms)).lines)
      shared = SharedAccounts.others(
        provider.adapter, at: provider.baseURL, provider.credentials, among: try await directory.providers())
      try await setup.noted(audit).addProvider(
        provider, terms, knownSend: InnerProviders.knownSend(provider.adapter))
    }
    if !shared.isEmpty {
      print(
        "WARNING: \(provider.name) is the same account as \(shared.joined(separator: ", ")) (adapter, address and login): each"
          + " lowers a balance that the other can't explain, which raises false alarms of double debits; their limits add up"
      )
    }
    print(
      "added the provider \(provider.name); next: "
        + next(provider))
  }

  private static func next(_ provider: Setup.NewProvider) -> String {
    switch provider.adapter {
    case Stock.name: "worker stock add PRODUCT --file codes.csv --provider \(provider.name)"
    case Desk.name:
      "dispatcher route add --tenant T --product CODE --provider \(provider.name) --flow pickup --handover code"
    default: "dispatcher provider test \(provider.name)"
    }
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
    grammar: .init(wordsMax: 1), settings: SetupCommands.sealing + [.providerPrivateHosts],
    example: "dispatcher provider test panel"
  ) { arguments, settings in
    let name = try arguments.word("NAME")
    let addresses = try settings.providerAddresses()
    try await SetupCommands.withSetup(settings, key: .needed) { setup, directory in
      let provider = try await SetupCommands.provider(name, directory)
      guard AdapterRegistry.sevk.names.contains(provider.adapter), InnerProviders.baseURL(provider.adapter) == nil
      else {
        return print("\(name) is inside the programs: there is nothing to test")
      }
      let http = HTTPClient(addresses: addresses, agent: Program.agent)
      defer { http.close() }
      let client = ProviderClient(http: http)
      let account = ProviderAccount(provider)
      guard client.canProbe(account) else {
        return print("the adapter \(provider.adapter) has nothing to test: its first order shows whether it works")
      }
      let (outcome, exchange) = await client.probe(account: account)
      switch outcome {
      case .notWorking(let why):
        // Where a redirect leads stands before what else it says.
        let isMoved = exchange.status.map { (300...399).contains($0) } ?? false
        let moved =
          isMoved ? String(decoding: exchange.reply.prefix { $0 != UInt8(ascii: "]") }.dropFirst(), as: UTF8.self) : nil
        throw StartError("the provider \(name) does not work: \(exchange.error ?? moved ?? why)")
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
    "provider list", usage: "[--json]", "Lists the provider accounts.", grammar: .init(switches: ["--json"]),
    settings: SetupCommands.sealing, example: "dispatcher provider list"
  ) { arguments, settings in
    // With the key it also says which credentials can't be read.
    try await SetupCommands.withSetup(settings, key: .ifGiven) { setup, directory in
      let providers = try await directory.providers()
      let unreadable = directory.unreadable.sorted { $0.key < $1.key }
      if arguments.has("--json") {
        var shown: [String] = []
        for provider in providers {
          shown.append(ListJSON.provider(provider, desk: try await setup.desk(provider.name)))
        }
        return print(JSONText.array(shown + unreadable.map(ListJSON.unreadable)))
      }
      if providers.isEmpty, unreadable.isEmpty {
        print("there is no provider yet; add one with: dispatcher provider add")
      }
      var table = TextTable((0..<10).map { _ in .init() })
      for provider in providers {
        let desk = provider.adapter == Desk.name ? try await setup.desk(provider.name) : nil
        table.add([
          provider.name, provider.adapter, provider.baseURL, "timeout \(provider.timeout.inWords)",
          "concurrency \(provider.concurrencyMax)", provider.ratePerSecond.map { "rate \($0)/s" } ?? "",
          provider.trustNotFoundAfter.map { "trusts not-found after \($0.inWords)" } ?? "",
          provider.failoverAfter.map { "failover after \($0.inWords)" } ?? "",
          provider.balance.map { "balance \($0)" + (provider.currency.map { " \($0)" } ?? "") } ?? "",
          desk.map { ProviderDesk.words($0) } ?? "",
        ])
      }
      if !table.isEmpty { print(table.text()) }
      for (name, reason) in unreadable { print(SetupCommands.unreadable(name, reason)) }
    }
  }
}
