public import CommandLine
public import EventLoop
import Jobs
public import Orders
public import Store

/// Which orders somebody means, as `--filter`, the dashboard's form and the API say it.
public struct OrderSelection: Sendable {
  public static let keys = [
    "status", "provider", "tenant", "product", "player", "reference", "since", "until", "reason",
  ]
  /// Those of a shop, which knows no other tenants and no accounts at providers.
  public static let keysOfShops = keys.filter { !["provider", "tenant"].contains($0) }
  /// Stands for every status that an order does not stay in.
  public static let open = "open"

  public let search: OrderSearch
  /// For people and for what is written down.
  public let words: String

  /// Reads what was given by name; empty values count as not given.
  ///
  /// - Parameter shop: the tenant that asks, which has its own orders alone.
  /// - Throws: `UsageError` that names the key.
  @LoopActor
  public init(_ given: [String: String], _ sources: SupportSources, shop: Int64? = nil) async throws {
    let keys = shop == nil ? Self.keys : Self.keysOfShops
    for key in given.keys.sorted() where !keys.contains(key) {
      throw UsageError(
        "\(key) is no filter; there are \(keys.joined(separator: ", "))\(Nearest.hint(key, among: keys))")
    }
    func value(_ key: String) -> String? {
      given[key].map { $0.trimmed }.flatMap { $0.isEmpty || $0.contains("\0") ? nil : $0 }
    }
    var search = OrderSearch()
    search.tenant = shop
    search.statuses = try Self.statuses(value("status"))
    search.product = value("product")
    search.player = value("player")
    search.shopReference = value("reference")
    guard search.player == nil || search.shopReference == nil else {
      throw UsageError("give player or reference, not both")
    }
    if let name = value("tenant") {
      let tenants = try await sources.store.tenantNames()
      guard let id = tenants.first(where: { $0.value == name })?.key else {
        throw UsageError("there is no tenant \(name)\(Nearest.hint(name, among: Array(tenants.values)))")
      }
      search.tenant = id
    }
    if let name = value("provider") {
      let providers = try await sources.directory.providers()
      guard let id = providers.first(where: { $0.name == name })?.id else {
        throw UsageError("there is no provider \(name)\(Nearest.hint(name, among: providers.map(\.name)))")
      }
      search.provider = id
    }
    search.createdFrom = try Self.moment(value("since"), "since")
    search.createdBefore = try Self.moment(value("until"), "until")
    if let from = search.createdFrom, let before = search.createdBefore, from >= before {
      throw UsageError("since is not before until")
    }
    if let text = value("reason") {
      guard let code = ReasonCode(rawValue: text) else {
        throw UsageError(
          "reason \(text) is not known\(Nearest.hint(text, among: ReasonCode.allCases.map(\.rawValue)))")
      }
      search.reason = code
    }
    self.search = search
    let parts = Self.keys.compactMap { key in value(key).map { "\(key)=\($0)" } }
    words = parts.isEmpty ? "all orders" : parts.joined(separator: " ")
  }

  /// Reads `--filter status=held,unresolved --filter 'provider=panel since=2h'`.
  public static func fields(_ filters: [String]) throws(UsageError) -> [String: String] {
    var fields: [String: String] = [:]
    for word in filters.flatMap({ $0.split(whereSeparator: \.isWhitespace) }) {
      let parts = word.split(separator: "=", maxSplits: 1)
      guard parts.count == 2 else {
        throw UsageError("--filter \(word) must be KEY=VALUE; the keys are \(keys.joined(separator: ", "))")
      }
      guard fields.updateValue(String(parts[1]), forKey: String(parts[0])) == nil else {
        throw UsageError("--filter has \(parts[0]) twice")
      }
    }
    return fields
  }

  private static func statuses(_ text: String?) throws(UsageError) -> [Status] {
    var found: [Status] = []
    for word in (text ?? "").split(separator: ",") {
      if word == open {
        found += Status.unsettled
      } else if let status = Status(rawValue: String(word)) {
        found.append(status)
      } else {
        let known = Status.allCases.map(\.rawValue) + [open]
        throw UsageError("status \(word) is not known; it can be \(known.joined(separator: ", "))")
      }
    }
    return Status.allCases.filter(found.contains)
  }

  /// `2h` is so long ago; days and times are UTC where they name no zone.
  private static func moment(_ text: String?, _ key: String) throws(UsageError) -> Int64? {
    guard let text else { return nil }
    if let ago = Duration(words: text), ago > .zero { return LocalTime.now - ago.milliseconds }
    let day = text.replacing(" ", with: "T")
    for candidate in [day, day + "Z", day + ":00Z"] {
      if let time = Timestamp.milliseconds(candidate) { return time }
    }
    if let time = Timestamp.milliseconds(ofDay: text) { return time }
    throw UsageError("\(key) is \"\(text)\", but must be such as 2h, 2026-11-29 or 2026-11-29T13:22 (UTC)")
  }
}

extension String {
  fileprivate var trimmed: String {
    String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
  }
}
