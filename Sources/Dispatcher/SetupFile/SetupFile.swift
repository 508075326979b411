import CommandLine
import HTTPClient
import Store

/// What a set-up file wants. A section that it lacks is left as it is.
struct SetupFile {
  /// The format's version, which a file may name as `sevk_setup`.
  static let version = 1
  static let versionMember = "sevk_setup"

  var tenants: [String]?
  var partners: [PartnerEntry]?
  var providers: [ProviderEntry]?
  var routes: [RouteEntry]?
  var tokens: [TokenEntry]?
  var endpoints: [EndpointEntry]?
  /// What people should know beside what changes.
  var notes: [String] = []

  /// - Parameters:
  ///   - snapshot: what is there: what stays as it is there is not judged again.
  ///   - addresses: where calls may go.
  ///   - variable: a variable of the environment.
  /// - Throws: ``UsageError`` that names the member.
  init(
    _ value: JSONValue, _ snapshot: SetupSnapshot, _ addresses: AddressRule, variable: (String) -> String?
  ) throws(UsageError) {
    let root = try SetupObject(
      value, "", known: [Self.versionMember] + SetupThing.Kind.allCases.map(\.section))
    if let version = try root.number(Self.versionMember), version != Self.version {
      throw root.complaint(Self.versionMember, "is \(version), but this program knows only \(Self.version)")
    }
    tenants = try Self.each(root, .tenant) { value, path throws(UsageError) in
      let object = try SetupObject(value, path, known: ["name"])
      return try Self.name(object, "name")
    }
    partners = try Self.each(root, .partner) { value, path throws(UsageError) in try PartnerEntry(value, path) }
    var notes: [String] = []
    providers = try Self.each(root, .provider) { value, path throws(UsageError) in
      try ProviderEntry(value, path, snapshot, addresses, variable: variable, &notes)
    }
    routes = try Self.each(root, .route) { value, path throws(UsageError) in try RouteEntry(value, path) }
    tokens = try Self.each(root, .token) { value, path throws(UsageError) in try TokenEntry(value, path) }
    endpoints = try Self.each(root, .endpoint) { value, path throws(UsageError) in
      try EndpointEntry(value, path, addresses)
    }
    self.notes = notes
    if let listed = routes { routes = try RouteEntry.placed(listed) }
    try requireNoTwins()
    try requireNames(snapshot)
  }

  private static func each<Entry>(
    _ root: SetupObject, _ kind: SetupThing.Kind, _ read: (JSONValue, String) throws(UsageError) -> Entry
  ) throws(UsageError) -> [Entry]? {
    guard let value = root[kind.section] else { return nil }
    guard case .array(let values) = value else {
      throw root.complaint(kind.section, "must be a list, not \(value.kind)")
    }
    var entries: [Entry] = []
    for (index, value) in values.enumerated() { entries.append(try read(value, "\(kind.section)[\(index)]")) }
    return entries
  }

  /// The name of a tenant or provider.
  static func name(_ object: SetupObject, _ member: String) throws(UsageError) -> String {
    let name = try object.required(member)
    let isName =
      name.utf8.count <= 63 && !"-_".contains(name.first ?? "-")
      && name.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 45 || $0 == 95 }
    guard isName else {
      throw object.complaint(
        member, "must be 1 to 63 characters: a-z, 0-9, - and _, and begin with a letter or digit")
    }
    return name
  }

  /// What is there twice: which of both counts nobody knows.
  private func requireNoTwins() throws(UsageError) {
    let things =
      (tenants ?? []).map(SetupThing.tenant) + (partners ?? []).map(\.thing) + (providers ?? []).map(\.thing)
      + (routes ?? []).map(\.thing)
      + (tokens ?? []).map(\.thing) + (endpoints ?? []).map(\.thing)
    var seen: Set<String> = []
    for thing in things where !seen.insert(thing.title).inserted {
      throw UsageError("\(thing.kind.section): \(thing.title) is there twice")
    }
  }

  /// Whatever is named is in the file, or in the database where the file has no such section.
  private func requireNames(_ snapshot: SetupSnapshot) throws(UsageError) {
    let tenantNames = Set(snapshot.namedTenants + (tenants ?? []))
    func require(tenant: String, _ path: String) throws(UsageError) {
      guard !tenantNames.contains(tenant) else { return }
      throw UsageError("\(path).tenant names \(tenant), which is neither in the file nor there already")
    }
    var adapters = Dictionary(
      snapshot.providers.map { ($0.name, $0.adapter) }, uniquingKeysWith: { first, _ in first })
    for entry in providers ?? [] { adapters[entry.provider.name] = entry.provider.adapter }
    for entry in routes ?? [] {
      try require(tenant: entry.route.tenant, entry.object.path)
      guard let adapter = adapters[entry.route.provider] else {
        throw entry.object.complaint(
          "provider", "names \(entry.route.provider), which is neither in the file nor there already")
      }
      try entry.object.asCommand { () throws(UsageError) in try RouteRequest.judge(entry.route, adapter: adapter) }
    }
    for entry in partners ?? [] { try require(tenant: entry.partner.tenant, entry.object.path) }
    let partnerNames = Set(snapshot.partners.map { "\($0.tenant)/\($0.name)" } + (partners ?? []).map(\.name))
    for entry in providers ?? [] {
      for name in entry.terms.desk?.partners ?? [] where !partnerNames.contains(name) {
        throw entry.object.complaint("partners", "names \(name), who is neither in the file nor there already")
      }
    }
    for entry in tokens ?? [] {
      if let tenant = entry.new?.tenant { try require(tenant: tenant, entry.object.path) }
    }
    for entry in endpoints ?? [] { try require(tenant: entry.tenant, entry.object.path) }
  }
}
