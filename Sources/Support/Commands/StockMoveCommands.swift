import CommandLine
import EventLoop
import Orders
import Store

/// `worker stock write-off|return`: what people decide about codes, in the history of the order that one was set aside for.
enum StockMoveCommands {
  private static let codesMax = 1000
  private static let targets = ["available": StockStore.Move.available, "written-off": .writtenOff]

  static let writeOff = Command(
    "stock write-off",
    usage: "CODE_ID …|--order ID|--expired PRODUCT --note TEXT [--provider NAME] [--by NAME] [--yes] [--json]",
    "Writes codes off: they are given to nobody any more. Of an order's codes, once the order has ended.",
    grammar: .init(
      values: ["--order", "--expired", "--note", "--by", StockCommands.providerFlag],
      switches: [Confirmation.flag, "--json"], wordsMax: codesMax),
    settings: OrderCommands.reading,
    details: [
      "--order    the codes that were set aside for this order, or that it got",
      "--expired  the codes of this product that have expired, up to \(codesMax) at once",
      "--note     why, for whoever reads the order's story later",
    ],
    example: "worker stock write-off 4711 --note 'the vendor took it back'"
  ) { arguments, settings in
    try await run(.writtenOff, arguments, settings)
  }

  static let back = Command(
    "stock return",
    usage: "CODE_ID …|--order ID --to available|written-off --note TEXT [--by NAME] [--yes] [--json]",
    "Takes codes back that were set aside for an order which failed or was cancelled, or that were written off.",
    grammar: .init(
      values: ["--order", "--to", "--note", "--by"], switches: [Confirmation.flag, "--json"], wordsMax: codesMax,
      choices: ["--to": targets.keys.sorted()]),
    settings: OrderCommands.reading,
    details: [
      "--to available    they can be given out again; refused for a code that an order got, since its customer may have seen it",
      "--to written-off  they are given to nobody any more",
    ],
    example: "worker stock return --order shop-778 --to available --note 'refunded before it was delivered'"
  ) { arguments, settings in
    let text = try arguments.required("--to", "available or written-off")
    guard let move = targets[text] else { throw UsageError("--to is \"\(text)\"; it can be available or written-off") }
    try await run(move, arguments, settings)
  }

  @LoopActor
  private static func run(_ move: StockStore.Move, _ arguments: Arguments, _ settings: Settings) async throws {
    var codes: [Int64] = []
    for word in arguments.words {
      guard let id = Int64(word), id > 0 else {
        throw UsageError("\"\(word)\" is no number of a code; worker stock list PRODUCT --state free shows them")
      }
      codes.append(id)
    }
    let ways = [!codes.isEmpty, arguments.value("--order") != nil, arguments.value("--expired") != nil]
    guard ways.count(where: { $0 }) == 1 else {
      throw UsageError(
        "say which codes, in one way: CODE_ID …, --order ID" + (move == .writtenOff ? ", --expired PRODUCT" : ""))
    }
    let person = try Person(arguments)
    try await StockCommands.with(settings) { sources in
      let stock = StockStore(sources.store)
      let order = try await order(arguments.value("--order"), sources.store)
      if let product = arguments.value("--expired") {
        let provider = try await StockCommands.provider(arguments, sources)
        codes = try await stock.expired(product: product, provider: provider.id, limit: codesMax)
        guard !codes.isEmpty else { throw ExitError("no code of \(product) has expired", code: 1) }
      }
      let which = order.map { "the codes of order \($0.id) (\($0.status.rawValue))" } ?? StockText.codes(codes.count)
      try Confirmation.ask(
        move == .available ? "Puts \(which) back: they can go to another customer." : "Writes \(which) off.", arguments)
      let moved = try await stock.move(codes, order: order?.id, to: move, who: person.name, note: person.note)
      let done = moved.filter(\.isDone)
      let refused = moved.filter { !$0.isDone }.map { "code \($0.id): \(why($0, move))" }
      let missing = Set(codes).subtracting(moved.map(\.id)).sorted().map { "code \($0): there is none" }
      if moved.isEmpty, missing.isEmpty { throw ExitError("no code was set aside for this order", code: 1) }
      if arguments.has("--json") {
        print(
          JSONText.object([
            "to": JSONText.quote(move.rawValue), "changed": JSONText.array(done.map { "\($0.id)" }),
            "refused": JSONText.array((refused + missing).map { JSONText.quote($0) }),
          ]))
      } else if !done.isEmpty {
        print("\(move == .available ? "put back" : "written off"): \(StockText.codes(done.count))")
      }
      guard refused.isEmpty, missing.isEmpty else {
        throw ExitError((refused + missing).joined(separator: "\n"), code: 1)
      }
    }
  }

  private static func why(_ moved: StockStore.Moved, _ move: StockStore.Move) -> String {
    switch (move, moved.state, moved.orderStatus) {
    case (.available, "free", _): "it is free already"
    case (.writtenOff, "written_off", _): "it is written off already"
    case (.available, _, "completed"?), (.available, "given", _), (.available, _, "contested"?):
      "order \(moved.orderID?.description ?? "") got it, and its customer may have seen it; it can be written off"
    case (_, _, let status?) where status != "failed" && status != "cancelled":
      "order \(moved.orderID?.description ?? "") is \(status) and may still get it"
    default: "an order got it once, so it is given to nobody else; it can be written off"
    }
  }

  @LoopActor
  private static func order(_ word: String?, _ store: Store) async throws -> Order? {
    guard let word else { return nil }
    if let id = OrderID(word), let order = try await store.order(id) { return order }
    let found = try await store.orders(matching: word, limit: 2)
    guard let order = found.first else { throw ExitError("there is no order \(word)", code: 1) }
    guard found.count == 1 else { throw ExitError("\(word) means several orders; give the order's id", code: 1) }
    return order
  }
}
