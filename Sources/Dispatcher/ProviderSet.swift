import Adapters
import CommandLine
import EventLoop
import HTTPClient
import Orders
import Process
import ProviderGate
import Store

/// `dispatcher provider set`.
enum ProviderSet {
  /// Takes a setting back to none, or to the process's own.
  private static let off = "off"

  private static let changeable =
    [
      "--base-url", "--credential", "--timeout", "--concurrency", "--rate", "--trust-not-found-after",
      "--check-first-delay", "--check-backoff", "--check-backoff-max", "--check-deadline",
      "--decimal-mark",
      ProviderCurrency.flag, ProviderFailover.flag,
    ] + ProviderSecondLook.flags + [ProviderSecondPerson.flag] + ProviderDesk.flags

  static let command = Command(
    "provider set",
    usage: "NAME [--base-url URL] [--credential NAME=VALUE] [--timeout 20s] [--rate N/s|off] …",
    "Changes a provider account; running processes follow within two seconds. off takes a limit or schedule back.",
    grammar: .init(
      values: changeable + SetupNote.flags, switches: ["--yes"], wordsMax: 1, choices: ProviderDesk.choices),
    settings: SetupCommands.sealing + [.providerPrivateHosts], details: SetupNote.details,
    example: "dispatcher provider set panel --timeout 30s --rate 20/s"
  ) { arguments, settings in
    let name = try arguments.word("NAME")
    _ = try ProviderRequest.terms(arguments)
    try SetupNote.person(arguments)
    let addresses = try settings.providerAddresses()
    guard changeable.contains(where: { arguments.value($0) != nil }) else {
      throw UsageError("nothing to change; give what is to be: \(changeable.joined(separator: ", "))")
    }
    try await SetupCommands.withSetup(settings, key: .needed) { setup, directory in
      let old = try await old(name, arguments, directory)
      let new = try changed(old, arguments, addresses)
      let oldDesk = try await setup.desk(name)
      var desk = try ProviderDesk.read(arguments, adapter: old.adapter, over: oldDesk)
      if let given = desk { desk = try await setup.whole(given) }
      let isOther = isOther(new, than: old)
      // After the rest: what changes in between is another version of the provider, and refused.
      let oldTerms = ProviderTerms(
        currency: old.currency, failoverAfter: old.failoverAfter, secondLooks: old.secondLooks,
        secondLookShare: try await setup.secondLookShare(of: name), secondPersonAbove: old.secondPersonAbove,
        desk: oldDesk)
      var terms = try ProviderRequest.terms(arguments, over: oldTerms)
      if let desk { terms.desk = desk }
      let differences = SetupPlan.differences(old, oldTerms, new, terms)
      let change = SetupPlan.Change(act: .change, thing: .provider(new, terms), differences: differences)
      switch try await setup.noted(try SetupNote.audit(arguments, change.lines))
        .replaceProvider(new, over: old, toOtherAccount: isOther && !arguments.has("--yes"), terms)
      {
      case .done:
        if let desk { try await setup.note(desk, provider: name) }
        print(
          "changed the provider \(name)"
            + (InnerProviders.baseURL(old.adapter) == nil ? "; next: dispatcher provider test \(name)" : ""))
      case .outdated: throw UsageError("somebody else has just changed \(name); look at it and say it again")
      case .ordersThere(let open):
        throw UsageError(refusal(ordersThere: open, name))
      }
    }
  }

  /// The provider as it is; without its credentials where they can't be read and all of them are given anew.
  @LoopActor
  private static func old(_ name: String, _ arguments: Arguments, _ directory: Directory) async throws -> Provider {
    _ = try await directory.providers()
    guard let old = directory.unreadableProvider(name) else { return try await SetupCommands.provider(name, directory) }
    let given = try arguments.pairs("--credential")
    let needed = AdapterRegistry.sevk.adapter(named: old.adapter).map { type(of: $0).credentialNames } ?? []
    let missing = needed.filter { given[$0]?.isEmpty ?? true }
    guard missing.isEmpty else {
      throw UsageError(
        SetupCommands.unreadable(name, directory.unreadable[name] ?? "") + "; to replace them, give all: --credential "
          + missing.map { "\($0)=…" }.joined(separator: " --credential ") + " is missing")
    }
    return old
  }

  /// Whether the orders of one would be asked about at another account.
  static func isOther(_ new: Setup.NewProvider, than old: Provider) -> Bool {
    new.baseURL != old.baseURL || new.credentials != old.credentials
  }

  static func refusal(ordersThere open: Int, _ name: String) -> String {
    "\(open) orders are open at \(name) or held, and would be asked about with the new address or login; another"
      + " account does not know them, and an order it does not find may be sent and paid again. If it is the same"
      + " account, say so with: dispatcher provider set \(name) … --yes; otherwise add the new account with: dispatcher"
      + " provider add"
  }

  private static func changed(
    _ old: Provider, _ arguments: Arguments, _ addresses: AddressRule
  ) throws(UsageError) -> Setup.NewProvider {
    // An address that stays is not judged again: whoever only changes the timeout has no say in it.
    if let url = arguments.value("--base-url") {
      guard InnerProviders.baseURL(old.adapter) == nil else {
        throw UsageError("--base-url does not go with the adapter \(old.adapter): what it has is in the database")
      }
      try ProviderURL.judge(url, addresses)
    }
    let url = arguments.value("--base-url") ?? old.baseURL
    let given = try arguments.pairs("--credential")
    let adapter = AdapterRegistry.sevk.adapter(named: old.adapter).map { type(of: $0) }
    let known = adapter.map { $0.credentialNames + $0.optionalCredentialNames } ?? []
    for name in given.keys.sorted() where !known.contains(name) || given[name]?.isEmpty == true {
      throw UsageError(
        "--credential \(name) is empty or not known; \(old.adapter) needs \(known.joined(separator: ", "))")
    }
    let credentials = old.credentials.merging(given) { $1 }
    if let problem = given.isEmpty ? nil : adapter?.validate(credentials: credentials).first {
      throw UsageError("--credential \(problem.parameter) \(problem.message)")
    }
    let timeout = try duration("--timeout", arguments, old.timeout) ?? .seconds(20)
    let trust = try duration("--trust-not-found-after", arguments, old.trustNotFoundAfter)
    // What stays is not judged again, as with the address.
    if timeout != old.timeout { try judge(timeout: timeout) }
    if timeout != old.timeout || trust != old.trustNotFoundAfter { try judge(trust: trust, timeout: timeout) }
    return Setup.NewProvider(
      name: old.name, adapter: old.adapter, baseURL: url, credentials: credentials,
      timeout: timeout,
      concurrencyMax: try number("--concurrency", arguments.value("--concurrency")) ?? old.concurrencyMax,
      ratePerSecond: try rate(arguments, old.ratePerSecond),
      trustNotFoundAfter: trust,
      checkFirst: try duration("--check-first-delay", arguments, old.checkFirst),
      checkBackoff: try duration("--check-backoff", arguments, old.checkBackoff),
      checkBackoffMax: try duration("--check-backoff-max", arguments, old.checkBackoffMax),
      checkDeadline: try duration("--check-deadline", arguments, old.checkDeadline),
      decimalMark: arguments.value("--decimal-mark") == off
        ? nil : try decimalMark(arguments.value("--decimal-mark")) ?? old.decimalMark)
  }

  /// - Returns: nil when the flag was not given.
  static func decimalMark(_ text: String?) throws(UsageError) -> Money.DecimalMark? {
    guard let text else { return nil }
    guard let mark = Money.DecimalMark(rawValue: text) else {
      throw UsageError("--decimal-mark is \"\(text)\", but must be point (1250.50) or comma (1250,50)")
    }
    return mark
  }

  private static let timeouts = Duration.milliseconds(100)...Duration.seconds(600)

  /// In less than that no provider answers, so that each order would be unknown.
  static func judge(timeout: Duration) throws(UsageError) {
    guard !timeouts.contains(timeout) else { return }
    throw UsageError(
      "--timeout is \(timeout.inWords), but must be from \(timeouts.lowerBound.inWords) to \(timeouts.upperBound.inWords),"
        + " such as 20s")
  }

  /// Trust in "not found" lets an order be sent again, so it may not begin while the first send is still under way.
  static func judge(trust: Duration?, timeout: Duration) throws(UsageError) {
    guard let trust, trust < timeout else { return }
    throw UsageError(
      "--trust-not-found-after \(trust.inWords) is shorter than the provider's timeout of \(timeout.inWords): an order"
        + " still on its way would be sent and paid again; give at least the timeout, better 5m")
  }

  private static func duration(
    _ flag: String, _ arguments: Arguments, _ old: Duration?
  ) throws(UsageError) -> Duration? {
    guard let text = arguments.value(flag) else { return old }
    if text == off { return nil }
    guard let duration = Duration(words: text), duration > .zero else {
      throw UsageError("\(flag) is \"\(text)\", but must be off or a duration such as 250ms, 30s, 10m or 24h")
    }
    return duration
  }

  private static func rate(_ arguments: Arguments, _ old: Int?) throws(UsageError) -> Int? {
    guard let text = arguments.value("--rate") else { return old }
    if text == off { return nil }
    guard text.hasSuffix("/s") else { throw UsageError("--rate must be off or such as 10/s") }
    return try number("--rate", String(text.dropLast(2)))
  }

  private static func number(_ flag: String, _ text: String?) throws(UsageError) -> Int? {
    guard let text else { return nil }
    guard let number = Int(text), (1...10_000).contains(number) else {
      throw UsageError("\(flag) must be a number from 1 to 10000")
    }
    return number
  }
}
