import EventLoop
import Orders
import Postgres
import Store
import Support
import Telemetry

/// Reads how everything does and puts it on the first page.
@LoopActor
final class OverviewPage {
  private static let heldShownMax = 50
  private static let newestShownMax = 15
  /// A server that is silent for so long is said to be away.
  private static let patience = Duration.seconds(4)
  /// Rates are over the last reading that is at least so old.
  private static let rateSpan: Int64 = 10_000
  private static let earlierMax = 30

  /// What PostgreSQL says of the orders.
  struct Orders: Sendable {
    var ended: [Status: Int]
    var held: [Order]
    var newest: [Order]
    var tenants: [Int64: String]
    var providers: [Int64: String]
    /// Those that somebody wants sent again, which takes a second person.
    var wanted: [(order: Order, ask: SecondAsk)]
  }

  /// A connection of its own: a slow count must not stand before an order in the pipeline.
  private let pool: PostgresPool
  /// On that connection.
  let store: Store
  private let overviews: Reading<Overview>
  private let orders: Reading<Orders>
  /// Oldest first.
  private var earlier: [Overview] = []

  init(_ sources: SupportSources, databaseURL: String) {
    pool = PostgresPool(url: databaseURL, connectionsMax: 1, planner: Statements.planner)
    let store = Store(pool: pool, vault: nil)
    self.store = store
    let reader = OverviewReader(redis: sources.redis, store: store, directory: sources.directory)
    overviews = Reading { await reader.read() }
    orders = Reading {
      let asks = try await store.ordersWantingSecond(limit: Self.newestShownMax)
      let wanted = Dictionary(try await store.orders(in: asks.map(\.id)).map { ($0.id, $0) }) { $1 }
      return Orders(
        ended: try await store.endedOrders(), held: try await store.heldOrders(limit: Self.heldShownMax),
        newest: try await store.newestOrders(limit: Self.newestShownMax), tenants: try await store.tenantNames(),
        providers: try await store.providerNames(),
        wanted: asks.compactMap { ask in wanted[ask.id].map { ($0, ask.ask) } })
    }
  }

  func close() async { await pool.close() }

  func page() async -> PageModel {
    async let overview = overviews.read(patience: Self.patience)
    async let orders = orders.read(patience: Self.patience)
    return page(await overview, await orders)
  }

  private func page(_ read: Reading<Overview>.Answer, _ orders: Reading<Orders>.Answer) -> PageModel {
    var problems: [String] = []
    var overview = Overview(time: Int64(Clock.unixMilliseconds()))
    switch read {
    case .value(let value): overview = value
    case .failure(let reason): problems.append(reason)
    case .silence: problems.append("Redis or PostgreSQL does not answer")
    }
    var known: Orders?
    switch orders {
    case .value(let value): known = value
    // The overview has said it already.
    case .failure(let reason): if overview.problems.isEmpty, problems.isEmpty { problems.append(reason) }
    case .silence: if problems.isEmpty { problems.append("PostgreSQL does not answer") }
    }
    overview.problems += problems
    var tasks = Tasks.table(overview)
    tasks.rows += (known?.wanted ?? []).map { Tasks.second($0, $1, known?.providers ?? [:]) }
    let ofPeople = overview.orders?.filter { $0.status.row.waitsFor == .person }
    let held = ofPeople.map { $0.reduce(0) { $0 + $1.count } } ?? known?.held.count
    let (lead, tone) = Self.lead(overview, tasks: tasks.rows.count, held: held)
    let things = tasks.rows.count
    // The lead counts them apart.
    tasks.rows += Tasks.waiting(ofPeople.map { $0.map { ($0.status, $0.count) } } ?? [(.held, held ?? 0)])
    let tables = OverviewTables(overview: overview, earlier: earlier.first { overview.time - $0.time <= Self.rateSpan })
    let waiting = things + (held ?? 0)
    earlier = (earlier + [overview]).suffix(Self.earlierMax)
    return PageModel(
      title: (waiting > 0 ? "(\(waiting)) " : "") + "Overview · Sevk", heading: "Overview", lead: lead, tone: tone,
      asOf: Timestamp.rfc3339(overview.time),
      tables: [
        tasks,
        OrderTables.held(
          known?.held, count: held, tenants: known?.tenants ?? [:], providers: known?.providers ?? [:]),
        tables.orders(ended: known?.ended), tables.queues, tables.processes, tables.providers,
        OrderTables.newest(known?.newest, tenants: known?.tenants ?? [:], providers: known?.providers ?? [:]),
      ])
  }

  private static func lead(_ overview: Overview, tasks: Int, held: Int?) -> (String, PageModel.Tone) {
    guard overview.problems.isEmpty else { return (overview.problems.joined(separator: "; "), .bad) }
    var parts: [String] = []
    if tasks > 0 { parts.append(tasks == 1 ? "1 thing needs a hand" : "\(tasks) things need a hand") }
    if let held, held > 0 {
      parts.append(held == 1 ? "1 order waits for a person" : "\(held) orders wait for a person")
    }
    guard parts.isEmpty else { return (parts.joined(separator: ", ") + ".", tasks > 0 ? .bad : .warning) }
    return ("All is well: every process answers and no order waits for a person.", .good)
  }
}
