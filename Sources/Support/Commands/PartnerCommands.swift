import CommandLine
import EventLoop
import Orders
import Process
import Store

/// `worker partner list|show`: who fulfils orders, and what they have.
enum PartnerCommands {
  /// Most orders of each list that are counted or shown.
  private static let ordersMax = 100
  private static let shownMax = 20

  static let list = Command(
    "partner list", usage: "[--tenant NAME] [--json]", "Lists partners, how many orders they have and are offered.",
    grammar: .init(values: ["--tenant"], switches: ["--json"]), settings: OrderCommands.reading,
    example: "worker partner list"
  ) { arguments, settings in
    try await with(settings) { sources in
      let partners = try await PartnerStore(sources.store).partners(tenant: arguments.value("--tenant"))
      let orders = FulfilmentStore(sources.store)
      var rows: [(Partner, offered: Int, mine: Int)] = []
      for partner in partners {
        rows.append(
          (
            partner, try await orders.orders(of: partner.id, .offered, limit: ordersMax).count,
            try await orders.orders(of: partner.id, .mine, limit: ordersMax).count
          ))
      }
      if arguments.has("--json") {
        return print(JSONText.array(rows.map { json($0.0, offered: $0.offered, mine: $0.mine) }))
      }
      if rows.isEmpty { print("there is no partner yet; ops add them with: dispatcher partner add") }
      var table = TextTable((0..<6).map { _ in .init() })
      for row in rows {
        table.add([
          row.0.tenant, row.0.name, row.0.phone, "has \(count(row.mine))", "offered \(count(row.offered))",
          row.0.state == .active ? "" : row.0.state.rawValue.uppercased(),
        ])
      }
      if !table.isEmpty { print(table.text()) }
    }
  }

  static let show = Command(
    "partner show", usage: "NAME [--tenant NAME] [--json]",
    "Shows a partner with the orders that they have, are offered, and had last.",
    grammar: .init(values: ["--tenant"], switches: ["--json"], wordsMax: 1), settings: OrderCommands.reading,
    example: "worker partner show ali"
  ) { arguments, settings in
    guard let name = arguments.words.first else { throw UsageError("NAME is missing; see: worker partner list") }
    try await with(settings) { sources in
      let those = try await PartnerStore(sources.store).partners(tenant: arguments.value("--tenant"), name: name)
      guard let partner = those.first else {
        throw ExitError("there is no partner named \(name); see: worker partner list", code: 1)
      }
      guard those.count == 1 else {
        throw ExitError(
          "several tenants have a partner named \(name); say which with --tenant \(those.map(\.tenant).joined(separator: "|"))",
          code: 1)
      }
      let store = FulfilmentStore(sources.store)
      var lists: [(FulfilmentStore.List, [Order])] = []
      for list in [FulfilmentStore.List.mine, .offered, .done] {
        var orders: [Order] = []
        for id in try await store.orders(of: partner.id, list, limit: shownMax) {
          if let order = try await sources.store.order(id) { orders.append(order) }
        }
        lists.append((list, orders))
      }
      if arguments.has("--json") {
        return print(
          JSONText.object([
            "partner": json(partner, offered: lists[1].1.count, mine: lists[0].1.count),
            "mine": JSONText.array(lists[0].1.map(json)), "offered": JSONText.array(lists[1].1.map(json)),
            "done": JSONText.array(lists[2].1.map(json)),
          ]))
      }
      let telegram = partner.telegram.map { ", telegram \($0)" } ?? ""
      print(
        "\(partner.tenant)/\(partner.name), \(partner.phone)\(telegram), \(partner.language), \(partner.state.rawValue)"
      )
      for (list, orders) in lists where !orders.isEmpty {
        print(words(list))
        var table = TextTable((0..<5).map { _ in .init() })
        for order in orders {
          table.add([
            "  \(order.id)", order.stage?.rawValue ?? "", order.status == .sent ? "" : order.status.rawValue,
            order.product, "posted \(order.age.inRoughWords) ago",
          ])
        }
        print(table.text())
      }
    }
  }

  // MARK: Parts

  private static func words(_ list: FulfilmentStore.List) -> String {
    switch list {
    case .mine: "has:"
    case .offered: "is offered:"
    case .done: "had last:"
    }
  }

  private static func count(_ count: Int) -> String { count < ordersMax ? "\(count)" : "\(ordersMax) or more" }

  private static func json(_ partner: Partner, offered: Int, mine: Int) -> String {
    JSONText.object([
      "tenant": JSONText.quote(partner.tenant), "name": JSONText.quote(partner.name),
      "phone": JSONText.quote(partner.phone), "telegram": partner.telegram.map { JSONText.quote($0) },
      "language": JSONText.quote(partner.language), "state": JSONText.quote(partner.state.rawValue),
      "offered": "\(offered)", "mine": "\(mine)",
    ])
  }

  private static func json(_ order: Order) -> String {
    JSONText.object([
      "id": JSONText.quote("\(order.id)"), "status": JSONText.quote(order.status.rawValue),
      "stage": (order.stage?.rawValue).map { JSONText.quote($0) }, "product": JSONText.quote(order.product),
      "version": "\(order.version)", "updated_at": JSONText.quote(Timestamp.rfc3339(order.updatedAt)),
    ])
  }

  @LoopActor
  private static func with(_ settings: Settings, _ body: @LoopActor (SupportSources) async throws -> Void) async throws
  {
    let frame = try ProcessFrame(program: "worker", settings: settings, key: .never)
    try await frame.connect(redis: false)
    do { try await body(frame.sources) } catch {
      await frame.close()
      throw error
    }
    await frame.close()
  }
}
