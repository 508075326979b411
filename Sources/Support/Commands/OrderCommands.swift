import CommandLine
import Process

import EventLoop
import Orders
import Store

/// `worker order show|timeline|why`: what support reads.
enum OrderCommands {
  static let settings: [Setting] = [.databaseURL, .secretKey, .logLevel, .logFormat] + Setting.redis
  /// Of commands that only read, and never a PIN: they need no key.
  static let reading: [Setting] = [.databaseURL, .logLevel, .logFormat] + Setting.redis
  private static let grammar = Arguments.Grammar(switches: ["--json"], wordsMax: 1)
  private static let usage = "ID [--json]"
  private static let foundMax = 20

  static let show = Command(
    "order show", usage: usage,
    "Shows an order, found by its id, the shop's reference, our reference at the provider, or the player.",
    grammar: grammar, settings: reading + Setting.checks, example: "worker order show shop-778"
  ) { arguments, settings in
    let base = try settings.checkSchedule()
    try await with(arguments, settings) { order, sources in
      let why = try await OrderWhy.read(order, schedule: base, sources)
      let tenant = try await sources.store.tenantNames()[order.tenantID]
      print(
        arguments.has("--json")
          ? OrderText.json(order, tenant: tenant, why) : OrderText.show(order, tenant: tenant, why))
    }
  }

  static let timeline = Command(
    "order timeline", usage: "ID [--full] [--json]",
    "Tells an order's story, oldest first, with what was said on the wire; equal answers in a row are told once, unless"
      + " --full asks for each.",
    grammar: .init(switches: ["--full", "--json"], wordsMax: 1), settings: reading + Setting.checks,
    example: "worker order timeline shop-778"
  ) { arguments, settings in
    let base = try settings.checkSchedule()
    try await with(arguments, settings) { order, sources in
      let steps = try await sources.store.timeline(of: order.id)
      let audits = try await sources.store.audits(of: order.id)
      let told = try await EndpointStore(store: sources.store).deliveries(ofOrder: order.id.description)
      if arguments.has("--json") { return print(TimelineText.json(order, steps, audits, told)) }
      print("order \(order.id) of \(order.product)")
      for line in Story(steps, audits, isFull: arguments.has("--full")).lines(with: told) { print(line) }
      print("now: \(try await OrderWhy.read(order, schedule: base, sources).text)")
    }
  }

  static let why = Command(
    "order why", usage: usage, "Says what an order is waiting for, until when, and what would change it.",
    grammar: grammar, settings: reading + Setting.checks, example: "worker order why shop-778"
  ) { arguments, settings in
    let base = try settings.checkSchedule()
    try await with(arguments, settings) { order, sources in
      let why = try await OrderWhy.read(order, schedule: base, sources)
      print(arguments.has("--json") ? why.json : why.report)
    }
  }

  /// The orders that a word means, newest first, each with the command that goes on with it.
  private static func several(_ found: [Order], _ word: String, _ command: String) -> String {
    var table = TextTable([.init(), .init(), .init(isRight: true), .init(), .init()])
    for order in found.prefix(foundMax) {
      table.add([
        "  \(command) \(order.id)", order.status.rawValue, order.age.inRoughWords, order.product,
        order.shopReference ?? "",
      ])
    }
    let more = found.count > foundMax ? "\nand more; worker order list shows orders by status, product and age" : ""
    return "\(ShownText.visible(word)) means several orders, the newest first; go on with one of:\n"
      + table.text(on: .plain) + more
  }

  /// Finds the order that the word means, and runs `body` with it.
  @LoopActor
  static func with(
    _ arguments: Arguments, _ settings: Settings, key: ProcessFrame.KeyNeed = .never,
    _ body: @LoopActor (Order, SupportSources) async throws -> Void
  ) async throws {
    guard let word = arguments.words.first else {
      throw UsageError("ID is missing: an order's id, the shop's reference, ours at the provider, or a player id")
    }
    let frame = try ProcessFrame(program: "worker", settings: settings, key: key)
    try await frame.connect(redis: false)
    var found: [Order] = []
    if let id = OrderID(word), let order = try await frame.store.order(id) { found = [order] }
    if found.isEmpty { found = try await frame.store.orders(matching: word, limit: foundMax + 1) }
    guard let order = found.first else { throw ExitError("there is no order \(word)", code: 1) }
    guard found.count == 1 else { throw ExitError(several(found, word, arguments.command), code: 1) }
    try await body(order, frame.sources)
    await frame.close()
  }
}
