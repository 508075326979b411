import Adapters
import CommandLine
import HTTPClient
import Orders
import Store

/// A provider as `provider add` and a set-up file want it, judged.
enum ProviderRequest {
  /// - Parameters:
  ///   - credentials: as they are, wherever they came from.
  ///   - addresses: where calls may go.
  ///   - known, knownTimeout: what is there already and not judged again.
  static func read(
    name: String, _ arguments: Arguments, credentials: [String: String], _ addresses: AddressRule,
    known: String? = nil, knownTimeout: Duration? = nil
  ) throws(UsageError) -> Setup.NewProvider {
    let adapterName = try arguments.required(
      "--adapter", "one of \(AdapterRegistry.sevk.names.joined(separator: ", "))")
    guard AdapterRegistry.sevk.names.contains(adapterName),
      let adapter = AdapterRegistry.sevk.adapter(named: adapterName)
    else {
      throw UsageError(
        "--adapter \(adapterName) is not known; it can be \(AdapterRegistry.sevk.names.joined(separator: ", "))")
    }
    let url: String
    if let inner = InnerProviders.baseURL(adapterName) {
      guard arguments.value("--base-url") == nil else {
        throw UsageError("--base-url does not go with --adapter \(adapterName): what it has is in the database")
      }
      url = inner
    } else {
      url = try arguments.required("--base-url", "where the provider's panel is, such as http://bayi.example")
      if url != known { try ProviderURL.judge(url, addresses) }
    }
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
    if timeout != knownTimeout { try ProviderSet.judge(timeout: timeout) }
    let trust = try duration("--trust-not-found-after")
    try ProviderSet.judge(trust: trust, timeout: timeout)
    return Setup.NewProvider(
      name: name, adapter: adapterName, baseURL: url, credentials: credentials,
      timeout: timeout,
      concurrencyMax: try number("--concurrency", arguments.value("--concurrency")) ?? 16,
      ratePerSecond: try number("--rate", rate), trustNotFoundAfter: trust,
      checkFirst: try duration("--check-first-delay"), checkBackoff: try duration("--check-backoff"),
      checkBackoffMax: try duration("--check-backoff-max"), checkDeadline: try duration("--check-deadline"),
      decimalMark: try ProviderSet.decimalMark(arguments.value("--decimal-mark")))
  }

  /// What is set beside that.
  ///
  /// - Parameter old: what stays where nothing is given.
  static func terms(
    _ arguments: Arguments, over old: ProviderTerms = ProviderTerms()
  ) throws(UsageError) -> ProviderTerms {
    try ProviderCurrency.judge(arguments)
    let looks = try ProviderSecondLook.read(arguments)
    var terms = old
    if arguments.value(ProviderCurrency.flag) != nil { terms.currency = ProviderCurrency.value(arguments) }
    if let after = try RouteOptions.failover(arguments) { terms.failoverAfter = after }
    if let delays = looks.delays { terms.secondLooks = delays }
    if let share = looks.share { terms.secondLookShare = share }
    if let above = try ProviderSecondPerson.amount(arguments) { terms.secondPersonAbove = above }
    return terms
  }
}
