import EventLoop
public import Orders
internal import Postgres

/// The slowest of the orders that were recorded in a span of time.
public struct SlowSearch: Sendable {
  /// Recorded at this time or later, in milliseconds of Unix time.
  public var from: Int64
  /// Recorded before this time; nil: till now.
  public var before: Int64?
  /// Took so long or longer, or takes so long by now.
  public var least = Duration.zero
  /// Empty for any.
  public var statuses: [Status] = []
  public var tenant: Int64?
  /// The provider that it was sent to last.
  public var provider: Int64?
  public var product: String?
  public var limit = 20

  public init(from: Int64) { self.from = from }

  /// Of a longer span so many of the newest orders are looked at: some tenths of a second of one connection.
  public static let lookedAtMax = 200_000
}

/// What was found, slowest first.
public struct SlowOrders: Sendable {
  public struct Found: Sendable {
    public let order: Order
    /// From when it was recorded until it ended, or till now.
    public let took: Duration
    /// nil when its story is not kept any more.
    public let spent: OrderSpent?
  }
  public let found: [Found]
  public let lookedAt: Int
  /// When the oldest order that was looked at was recorded, where there were more than ``SlowSearch/lookedAtMax``.
  public let cutAt: Int64?
}

extension Store {
  /// The slowest orders of a span, and on what each spent its time.
  ///
  /// - Parameters:
  ///   - nowMilliseconds: Unix time.
  ///   - schedules: as in ``spent(of:nowMilliseconds:schedules:)``.
  public func slowest(
    _ search: SlowSearch, nowMilliseconds: Int64, schedules: [Int64: CheckSchedule] = [:]
  ) async throws -> SlowOrders {
    // Ids begin with the clock of who took the order in; the database says when it was.
    let margin = OrderSearch.clockErrorMax.milliseconds
    let from = OrderID.first(at: UInt64(max(0, search.from - margin)))
    let before = OrderID.first(at: UInt64(max(0, (search.before ?? nowMilliseconds) + margin)))
    let rows = try await pool.run(
      search.tenant == nil ? Statements.slowOrders : Statements.slowOrdersOfTenant,
      [
        .text(from.description), .text(before.description), .int(search.from), .int(search.before), .int(search.tenant),
        .int(search.provider), .text(search.product),
        search.statuses.isEmpty ? .text(nil) : .textArray(search.statuses.map(\.rawValue)),
        .int(search.least.milliseconds), .int(search.limit), .int(SlowSearch.lookedAtMax),
      ])
    var took: [(id: OrderID, milliseconds: Int64)] = []
    for row in rows {
      if let id = try row.textOrNil(0).flatMap({ OrderID($0) }) { took.append((id, try row.int(1))) }
    }
    let ids = took.map(\.id)
    let orders = Dictionary(try await orders(in: ids).map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    let spent = try await spent(of: ids, nowMilliseconds: nowMilliseconds, schedules: schedules)
    let found = took.compactMap { id, milliseconds in
      orders[id].map { SlowOrders.Found(order: $0, took: .milliseconds(milliseconds), spent: spent[id]) }
    }
    let lookedAt = Int(try rows.first?.int(2) ?? 0)
    return SlowOrders(
      found: found, lookedAt: lookedAt,
      cutAt: lookedAt >= SlowSearch.lookedAtMax ? try rows.first?.intOrNil(3) : nil)
  }

  /// On what orders spent their time; those whose story is not kept from its beginning are left out.
  ///
  /// - Parameters:
  ///   - nowMilliseconds: Unix time, for those that go on.
  ///   - schedules: when questions are asked, by the provider's id: without it no time counts as one in which nobody asked.
  public func spent(
    of ids: [OrderID], nowMilliseconds: Int64, schedules: [Int64: CheckSchedule] = [:]
  ) async throws -> [OrderID: OrderSpent] {
    guard !ids.isEmpty else { return [:] }
    var steps: [OrderID: [OrderSpent.Step]] = [:]
    var sends: [OrderID: [OrderSpent.Send]] = [:]
    var questions: [OrderID: [OrderSpent.Question]] = [:]
    for row in try await pool.run(Statements.orderSpent, [.textArray(ids.map(\.description))]) {
      guard let id = OrderID(try row.text(0)) else { continue }
      switch try row.int(1) {
      case 0:
        guard let status = Status(rawValue: try row.text(3)) else { continue }
        steps[id, default: []].append(.init(status, at: try row.int(2)))
      case 1:
        let waits = try row.textOrNil(3).flatMap { OrderWaits.parts(stored: $0) } ?? []
        sends[id, default: []].append(.init(at: try row.int(4), waits: waits))
      default:
        questions[id, default: []].append(
          try .init(
            ofSend: Int(row.int(4)), at: row.int(2), tookMilliseconds: row.textOrNil(3).flatMap { Int64($0) } ?? 0))
      }
    }
    return steps.reduce(into: [:]) { found, story in
      found[story.key] = OrderSpent(
        story.value, sends[story.key] ?? [], questions: questions[story.key] ?? [], schedules: schedules,
        now: nowMilliseconds)
    }
  }

  /// The names of all providers by id.
  public func providerNames() async throws -> [Int64: String] {
    let statement = PostgresStatement(name: "provider_names", sql: "SELECT id, name FROM providers")
    var names: [Int64: String] = [:]
    for row in try await pool.run(statement, []) { names[try row.int(0)] = try row.text(1) }
    return names
  }
}
