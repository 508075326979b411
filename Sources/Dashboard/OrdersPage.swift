import CommandLine
import EventLoop
import HTTPServer
import Orders
import Store
import Support
import Telemetry

/// The list of orders by a filter that stands in the address, so that a link to it can be shared; as a page and as CSV.
@LoopActor
struct OrdersPage {
  private static let shownMax = 50
  private static let writtenMax = 20_000
  private static let writtenAtOnce = 500

  let sources: SupportSources

  func page(_ query: [String: String], _ person: DashboardToken) async throws -> PageModel {
    let given = Self.given(query)
    var page = PageModel(
      title: "Orders · Sevk", heading: "Orders", lead: "", tone: .muted,
      asOf: Timestamp.rfc3339(Int64(Clock.unixMilliseconds())), isLive: false, tables: [])
    page.forms = [try await filter(given)]
    let selection: OrderSelection
    do { selection = try await OrderSelection(given, sources) } catch let error as UsageError {
      page.lead = "This filter can’t be used: \(error)."
      page.tone = .bad
      return page
    }
    var search = selection.search
    search.limit = Self.shownMax
    search.after = query["after"].flatMap { OrderID($0) }
    let found = try await sources.store.search(search, nowMilliseconds: LocalTime.now)
    page.lead = "\(selection.words), newest first. A link to this page shows the same filter to whoever may look."
    let names = try await Names(sources)
    page.tables = [
      Self.table(found.orders, lookedAt: found.lookedAt, next: found.next, names, Self.address(given))
    ]
    if person.roles.contains(.decide), !found.orders.isEmpty { page.forms.append(Self.many(given)) }
    return page
  }

  /// - Returns: nil when the filter can't be used.
  func csv(_ query: [String: String]) async throws -> HTTPResponse? {
    guard let selection = try? await OrderSelection(Self.given(query), sources) else { return nil }
    let names = try await Names(sources)
    var text = CSVText(columns: [
      "id", "reference", "tenant", "product", "player", "status", "reason_code", "reason", "provider",
      "provider_reference", "cost", "currency", "refund_safe", "created_at", "updated_at",
    ])
    var search = selection.search
    search.limit = Self.writtenAtOnce
    var isCut = false
    while true {
      let found = try await sources.store.search(search, nowMilliseconds: LocalTime.now)
      for order in found.orders {
        text.add([
          order.id.description, order.shopReference ?? "", names.tenant(order), order.product, order.player ?? "",
          order.status.rawValue, order.reasonCode?.rawValue ?? "", order.reason ?? "", names.provider(order),
          order.sendReference ?? "", order.cost?.description ?? "",
          order.cost == nil ? "" : names.currency(order), order.refundSafety.answer.rawValue,
          Timestamp.rfc3339(order.createdAt), Timestamp.rfc3339(order.updatedAt),
        ])
      }
      guard let next = found.next else { break }
      isCut = text.rows >= Self.writtenMax
      if isCut { break }
      search.after = next
    }
    // A file that ends early must not look whole.
    if isCut { text.add(["cut here: narrow the filter, these are the newest \(text.rows)"]) }
    return HTTPResponse(
      status: 200,
      headers: [
        ("Content-Type", "text/csv; charset=utf-8"), ("Content-Disposition", "attachment; filename=\"orders.csv\""),
      ], body: Array(text.text.utf8))
  }

  /// The filter without what is empty or none.
  static func given(_ fields: [String: String]) -> [String: String] {
    fields.filter { OrderSelection.keys.contains($0.key) && !$0.value.isEmpty }
  }

  /// The filter as an address has it.
  static func address(_ given: [String: String]) -> String {
    OrderSelection.keys.compactMap { key in given[key].map { "\(key)=\(percentEncoded($0))" } }.joined(separator: "&")
  }

  // MARK: Parts

  /// What ids stand for.
  struct Names {
    private let tenants: [Int64: String]
    private let providers: [Int64: Provider]

    @LoopActor
    init(_ sources: SupportSources) async throws {
      tenants = try await sources.store.tenantNames()
      providers = Dictionary(try await sources.directory.providers().map { ($0.id, $0) }) { $1 }
    }

    func tenant(_ order: Order) -> String { tenants[order.tenantID] ?? "" }
    func provider(_ order: Order) -> String { order.providerID.flatMap { providers[$0]?.name } ?? "" }
    func currency(_ order: Order) -> String { order.providerID.flatMap { providers[$0]?.currency } ?? "" }
  }

  private static func table(
    _ orders: [Order], lookedAt: Int, next: OrderID?, _ names: Names, _ address: String
  ) -> PageModel.Table {
    var table = PageModel.Table(
      id: "found", caption: "Orders",
      columns: columns,
      rows: orders.map { row($0, names) },
      empty: next == nil ? "None." : "None among the \(lookedAt) orders that were looked at.")
    table.more = next.map { "/orders?\(address.isEmpty ? "" : address + "&")after=\($0)" }
    table.download = orders.isEmpty ? nil : "/orders.csv\(address.isEmpty ? "" : "?" + address)"
    return table
  }

  /// Of ``row(_:_:)``.
  static let columns = [
    "Order", "Tenant", "Product", "Player", "Status", "Provider", "Reference there", "Reason", "Recorded", "Changed",
  ]

  static func row(_ order: Order, _ names: Names) -> PageModel.Row {
    PageModel.Row(
      key: order.id.description,
      cells: [
        OrderTables.name(order), .init(names.tenant(order)),
        .init(order.product), .init(order.player ?? ""),
        .init(order.status.rawValue, .badge, tone: OrderTables.tone(order.status)), .init(names.provider(order)),
        .init(order.sendReference ?? ""), .init(order.reason ?? ""), .init(Timestamp.rfc3339(order.createdAt), .time),
        .init(Timestamp.rfc3339(order.updatedAt), .time),
      ])
  }

  private func filter(_ given: [String: String]) async throws -> PageModel.Form {
    let tenants = try await sources.store.tenantNames().values.sorted()
    let providers = try await sources.directory.providers().map(\.name).sorted()
    func choice(_ key: String, _ label: String, _ options: [String]) -> PageModel.Form.Field {
      var all = [(value: "", label: "any")] + options.map { (value: $0, label: $0) }
      // What a shared link names stays, whether it is in the list or not.
      if let value = given[key], !options.contains(value) { all.append((value, value)) }
      return .init(name: key, label: label, kind: .choice(all), value: given[key] ?? "")
    }
    func text(_ key: String, _ label: String, help: String = "") -> PageModel.Form.Field {
      .init(name: key, label: label, value: given[key] ?? "", help: help)
    }
    return PageModel.Form(
      id: "filter", action: "/orders", isSearch: true,
      fields: [
        choice("status", "Status", [OrderSelection.open] + Status.allCases.map(\.rawValue)),
        choice("provider", "Provider", providers), choice("tenant", "Tenant", tenants), text("product", "Product"),
        text("player", "Player"), text("reference", "Shop’s reference"),
        text("since", "Since", help: "2h, 2026-11-29 or with a time, in UTC"), text("until", "Until", help: "the same"),
        choice("reason", "Reason", ReasonCode.allCases.map(\.rawValue).sorted()),
      ], button: "Show")
  }

  private static func many(_ given: [String: String]) -> PageModel.Form {
    PageModel.Form(
      id: "many", action: "/runs",
      fields: OrderSelection.keys.compactMap { key in
        given[key].map { .init(name: key, label: "", kind: .hidden, value: $0) }
      } + [
        .init(
          name: "move", label: "With all orders that fit (\(ManyOrders.ordersMax) at most)",
          // None by itself: each of them is final or costs money.
          kind: .choice([("", "choose what")] + ManyMove.all.map { ($0.name, $0.words) }), isRequired: true)
      ], button: "Look at what it would do")
  }
}
