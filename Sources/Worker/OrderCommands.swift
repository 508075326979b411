import EventLoop
import Orders
import Service
import Store

/// `worker order show|timeline|why`: what support reads.
enum OrderCommands {
  static let settings: [Setting] = [.databaseURL, .secretKey, .redisURL, .logLevel, .logFormat]
  private static let grammar = Arguments.Grammar(switches: ["--json"], wordsMax: 1)
  private static let usage = "ID"
  private static let foundMax = 20

  static let show = Command(
    "order show", usage: usage,
    "Shows an order, found by its id, the shop's reference, our reference at the provider, or the player.",
    grammar: grammar, settings: settings, example: "worker order show shop-778"
  ) { arguments, settings in
    try await with(arguments, settings) { order, frame in
      if arguments.has("--json") { return print(OrderText.json(order)) }
      let provider = try await providerName(order, frame)
      print(OrderText.show(order, provider: provider))
    }
  }

  static let timeline = Command(
    "order timeline", usage: usage, "Tells an order's story, oldest first, with what was said on the wire.",
    grammar: grammar, settings: settings, example: "worker order timeline shop-778"
  ) { arguments, settings in
    try await with(arguments, settings) { order, frame in
      let steps = try await frame.store.timeline(of: order.id)
      let audits = try await frame.store.audits(of: order.id)
      if arguments.has("--json") { return print(TimelineText.json(order, steps, audits)) }
      print("order \(order.id) of \(order.product)")
      for line in AuditText.story(steps, audits) { print(line) }
      print("now: \(OrderText.why(order, provider: try await providerName(order, frame)))")
    }
  }

  static let why = Command(
    "order why", usage: usage, "Says what an order is waiting for, until when, and what would change it.",
    grammar: grammar, settings: settings, example: "worker order why shop-778"
  ) { arguments, settings in
    try await with(arguments, settings) { order, frame in
      var text = OrderText.why(order, provider: try await providerName(order, frame))
      text += await ProviderText.ofPending(order, frame)
      if arguments.has("--json") {
        print(
          JSONText.object([
            "id": JSONText.quote(order.id.description), "status": JSONText.quote(order.status.rawValue),
            "why": JSONText.quote(text),
          ]))
      } else {
        print(text)
      }
    }
  }

  private static func providerName(_ order: Order, _ frame: ProcessFrame) async throws -> String? {
    guard let id = order.providerID else { return nil }
    return try await frame.directory.provider(id)?.name
  }

  /// Finds the order that the word means, and runs `body` with it.
  @LoopActor
  static func with(
    _ arguments: Arguments, _ settings: Settings, _ body: @LoopActor (Order, ProcessFrame) async throws -> Void
  ) async throws {
    guard let word = arguments.words.first else {
      throw UsageError("ID is missing: an order's id, the shop's reference, ours at the provider, or a player id")
    }
    let frame = try ProcessFrame(program: "worker", settings: settings, needsKey: false)
    try await frame.connect(redis: false)
    var found: [Order] = []
    if let id = OrderID(word), let order = try await frame.store.order(id) { found = [order] }
    if found.isEmpty { found = try await frame.store.orders(matching: word, limit: foundMax) }
    guard let order = found.first else { throw ExitError("there is no order \(word)", code: 1) }
    guard found.count == 1 else {
      let lines = found.map { "  \($0.id)  \($0.status.rawValue)  \($0.product)  \(Timestamp.rfc3339($0.createdAt))" }
      throw ExitError(
        "\(word) means more than one order; name one by its id:\n\(lines.joined(separator: "\n"))", code: 1)
    }
    try await body(order, frame)
    await frame.close()
  }
}
