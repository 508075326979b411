import CommandLine
import EventLoop
import Orders
import Process
import Store

/// `worker order list`.
enum OrderListCommand {
  private static let limitMax = 1_000
  /// Stands for every status that an order does not stay in.
  private static let open = "open"
  static let statuses = Status.allCases.map(\.rawValue) + [open]

  static let command = Command(
    "order list",
    usage: "[--status STATUS[,STATUS]|open] [--player ID] [--reference TEXT] [--tenant NAME] [--provider NAME]"
      + " [--product CODE] [--reason CODE] [--older 1h] [--since 24h] [--until 1h] [--slow [30s]] [--limit N] [--after ID]",
    "Lists orders, newest first. --reason is a reason_code, such as no_final_answer. --older leaves out what was"
      + " recorded later; --provider is who it was sent to last, so a"
      + " pending order may have none. It looks at \(OrderSearch.lookedAtMax) orders a page and prints the command for"
      + " the next. --since and --until bound when they were recorded: so long ago, a day (2026-11-29, in UTC) or a moment"
      + " (2026-11-29T13:00:00Z). --slow lists the slowest first, with what took longest of each, of the last 24 h unless"
      + " --since says otherwise.",
    grammar: .init(
      values: [
        "--status", "--player", "--reference", "--tenant", "--provider", "--product", "--reason", "--older", "--since",
        "--until", "--slow", "--limit", "--after",
      ],
      valuesOptional: ["--slow"], switches: ["--json"],
      choices: ["--status": statuses, "--reason": ReasonCode.allCases.map(\.rawValue).sorted()]),
    settings: OrderCommands.reading + Setting.checks, example: "worker order list --status unresolved,held --older 1h"
  ) { arguments, settings in
    var search = OrderSearch()
    search.statuses = try statuses(arguments)
    search.product = arguments.value("--product")
    search.reason = try reason(arguments)
    search.olderThan = try duration(arguments, "--older")
    search.limit = try arguments.number("--limit", 1...limitMax) ?? search.limit
    search.player = arguments.id("--player")
    search.shopReference = arguments.id("--reference")
    guard search.player == nil || search.shopReference == nil else {
      throw UsageError("give --player or --reference, not both")
    }
    if let text = arguments.id("--after") {
      guard let id = OrderID(text) else { throw UsageError("--after \(text) is not the id of an order") }
      search.after = id
    }
    let now = LocalTime.now
    search.createdFrom = try moment(arguments, "--since", now: now)
    search.createdBefore = try moment(arguments, "--until", now: now)
    if let from = search.createdFrom, from >= search.createdBefore ?? now {
      throw UsageError("--since must be before --until and now")
    }
    let isSlow = arguments.has("--slow") || arguments.value("--slow") != nil
    let least = try duration(arguments, "--slow") ?? .zero
    for flag in ["--player", "--reference", "--reason", "--older", "--after"]
    where isSlow && arguments.value(flag) != nil {
      throw UsageError("give --slow or \(flag), not both")
    }
    let frame = try ProcessFrame(program: "worker", settings: settings, key: .never)
    try await frame.connect(redis: false)
    let tenants = try await frame.store.tenantNames()
    if let name = arguments.value("--tenant") {
      guard let id = tenants.first(where: { $0.value == name })?.key else {
        throw UsageError("there is no tenant \(name)" + Nearest.hint(name, among: Array(tenants.values)))
      }
      search.tenant = id
    }
    var providers: [Int64: String] = [:]
    for provider in try await frame.directory.providers() { providers[provider.id] = provider.name }
    if let name = arguments.value("--provider") {
      guard let id = providers.first(where: { $0.value == name })?.key else {
        throw UsageError("there is no provider \(name)" + Nearest.hint(name, among: Array(providers.values)))
      }
      search.provider = id
    }
    if isSlow {
      var slow = SlowSearch(from: search.createdFrom ?? (search.createdBefore ?? now) - Self.slowSpan.milliseconds)
      (slow.before, slow.least, slow.statuses) = (search.createdBefore, least, search.statuses)
      (slow.tenant, slow.provider, slow.product) = (search.tenant, search.provider, search.product)
      slow.limit = try arguments.number("--limit", 1...limitMax) ?? slow.limit
      let found = try await frame.store.slowest(
        slow, nowMilliseconds: now, schedules: frame.directory.schedules(try settings.checkSchedule()))
      await frame.close()
      let text = SlowOrdersText(found: found, tenants: tenants, providers: providers)
      return print(arguments.has("--json") ? text.json : text.table(on: .standard))
    }
    let page = try await frame.store.search(search, nowMilliseconds: now)
    await frame.close()
    let text = OrderListText(page: page, tenants: tenants, providers: providers)
    if arguments.has("--json") { return print(text.json) }
    print(text.table(on: .standard))
    if let next = page.next { print("more: \(again(arguments, after: next))") }
  }

  private static func statuses(_ arguments: Arguments) throws(UsageError) -> [Status] {
    var found: [Status] = []
    for text in arguments.all("--status").flatMap({ $0.split(separator: ",") }) {
      if text == open {
        found += Status.unsettled
      } else if let status = Status(rawValue: String(text)) {
        found.append(status)
      } else {
        throw UsageError("--status \(text) is not known; it can be \(statuses.joined(separator: ", "))")
      }
    }
    return Status.allCases.filter(found.contains)
  }

  private static func reason(_ arguments: Arguments) throws(UsageError) -> ReasonCode? {
    guard let text = arguments.value("--reason") else { return nil }
    guard let code = ReasonCode(rawValue: text) else {
      throw UsageError(
        "--reason \(text) is not known\(Nearest.hint(text, among: ReasonCode.allCases.map(\.rawValue)))")
    }
    return code
  }

  /// The span of --slow where --since says none.
  private static let slowSpan = Duration.seconds(86_400)

  private static func duration(_ arguments: Arguments, _ flag: String) throws(UsageError) -> Duration? {
    guard let text = arguments.value(flag) else { return nil }
    guard let duration = Duration(words: text) else { throw UsageError("\(flag) must be a duration such as 1h or 30m") }
    return duration
  }

  /// Milliseconds of Unix time.
  private static func moment(_ arguments: Arguments, _ flag: String, now: Int64) throws(UsageError) -> Int64? {
    guard let text = arguments.value(flag) else { return nil }
    if let ago = Duration(words: text) { return now - ago.milliseconds }
    guard let moment = Timestamp.milliseconds(ofDay: text) ?? Timestamp.milliseconds(text) else {
      throw UsageError(
        "\(flag) must be a duration such as 24h, a day such as 2026-11-29, or a moment such as 2026-11-29T13:00:00Z")
    }
    return moment
  }

  /// The command for the next page.
  private static func again(_ arguments: Arguments, after next: OrderID) -> String {
    var words = ["worker", "order", "list"]
    for flag in [
      "--status", "--player", "--reference", "--tenant", "--provider", "--product", "--reason", "--older", "--since",
      "--until", "--limit",
    ] {
      for value in arguments.all(flag) { words += [flag, ShellWord.quoted(value)] }
    }
    return (words + ["--after", next.description]).joined(separator: " ")
  }
}
