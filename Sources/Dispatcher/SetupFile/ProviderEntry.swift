import Adapters
import CommandLine
import HTTPClient
import Orders
import Store

/// A provider of a set-up file, with its credentials as its references lead to them.
struct ProviderEntry {
  let object: SetupObject
  let provider: Setup.NewProvider
  let terms: ProviderTerms
  var thing: SetupThing { .provider(provider, terms) }

  private static let texts = [
    "adapter", "base_url", "timeout", "rate", "trust_not_found_after", "check_first_delay", "check_backoff",
    "check_backoff_max", "check_deadline", "decimal_mark", "currency", "failover_after", "second_look_share",
    "second_person_above", "offer", "accept_within", "when_nobody",
  ]

  init(
    _ value: JSONValue, _ path: String, _ snapshot: SetupSnapshot, _ addresses: AddressRule,
    variable: (String) -> String?, _ notes: inout [String]
  ) throws(UsageError) {
    let object = try SetupObject(
      value, path, known: ["name", "credentials", "concurrency", "second_look", "partners"] + Self.texts)
    self.object = object
    let name = try SetupFile.name(object, "name")
    let known = snapshot.provider(named: name)
    if let reason = snapshot.unreadable[name] {
      throw UsageError("\(path): \(SetupCommands.unreadable(name, reason))")
    }
    let looks = try object.list("second_look", or: "off")
    if let looks, looks.isEmpty { throw object.complaint("second_look", "is empty; write off where that is meant") }
    let arguments = try object.arguments(
      texts: Self.texts, numbers: ["concurrency"], more: ["--second-look": looks?.joined(separator: ",")],
      ProviderCommands.add.grammar)
    if let known, let adapter = arguments.value("--adapter"), adapter != known.adapter {
      throw object.complaint(
        "adapter",
        "is \(adapter), but that of \(name) is \(known.adapter) and stays: its orders speak that language. Add the other"
          + " account under another name")
    }
    let credentials = try Self.credentials(object, known, variable, &notes)
    provider = try object.asCommand { () throws(UsageError) in
      try ProviderRequest.read(
        name: name, arguments, credentials: credentials, addresses, known: known?.baseURL, knownTimeout: known?.timeout)
    }
    var terms = try object.asCommand { () throws(UsageError) in try ProviderRequest.terms(arguments) }
    let partners = try object.list("partners")
    if let odd = partners?.first(where: { $0.split(separator: "/").count != 2 }) {
      throw object.complaint("partners", "names \(odd), but must name each as TENANT/NAME")
    }
    let adapter = provider.adapter
    guard partners == nil || adapter == Desk.name else {
      throw object.complaint("partners", "goes with the adapter \(Desk.name), not with \(adapter)")
    }
    terms.desk = try object.asCommand { () throws(UsageError) in
      try ProviderDesk.read(arguments, adapter: adapter, partners: partners)
    }
    self.terms = terms
  }

  /// Whatever the references lead to; what is not named stays as it is stored.
  private static func credentials(
    _ object: SetupObject, _ known: Provider?, _ variable: (String) -> String?, _ notes: inout [String]
  ) throws(UsageError) -> [String: String] {
    guard let value = object["credentials"] else { return known?.credentials ?? [:] }
    guard case .object(let members) = value else {
      throw object.complaint("credentials", "must be an object, not \(value.kind)")
    }
    var credentials: [String: String] = [:]
    for (name, value) in members.sorted(by: { $0.key < $1.key }) {
      let path = "\(object.path).credentials.\(name.prefix(64))"
      // Its value is not repeated: it is a secret.
      if case .string = value {
        throw UsageError(
          "\(path) must not stand in the file: write {\"env\": \"VARIABLE\"} or {\"file\": \"/path\"}, where it is read from"
        )
      }
      let reference = try SetupObject(value, path, known: ["env", "file"])
      switch (try reference.text("env"), try reference.text("file")) {
      case (let source?, nil):
        if let secret = variable(source), !secret.isEmpty {
          credentials[name] = try SecretText.read(secret, "\(path): \(source)")
        } else if let stored = known?.credentials[name] {
          credentials[name] = stored
          notes.append("\(path): the variable \(source) is not set, so what is stored stays")
        } else {
          throw UsageError("\(path): the variable \(source) is not set")
        }
      case (nil, let file?):
        guard file.hasPrefix("/") else { throw reference.complaint("file", "must be a path that begins with /") }
        guard let text = readTextFile(file) else { throw UsageError("\(path): \(file): \(FileTrouble(file).reason)") }
        credentials[name] = try SecretText.read(text, "\(path): \(file)")
      default: throw UsageError("\(path) must have either env or file")
      }
    }
    return credentials
  }
}
