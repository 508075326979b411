public import EventLoop
public import Orders
internal import Postgres

/// A provider's statement while it is compared with orders. Its lines are in the database for as long as that takes, so that its
/// size does not matter here.
@LoopActor
public struct StatementStore {
  public nonisolated static let batchMax = 1000
  private nonisolated static let pageMax = 1000
  /// An order may have been posted so long before a send.
  private nonisolated static let orderAgeMax = Duration.seconds(40 * 86_400)

  private let store: Store
  public nonisolated init(_ store: Store) { self.store = store }

  /// A line as the statement has it.
  public struct Line: Sendable {
    public var number: Int
    /// Ours; nil where it names only the provider's own.
    public var reference: String?
    public var amount: Money?
    public var status: String?
    public var meaning: StatementRule.Meaning?
    /// Milliseconds of Unix time.
    public var at: Int64?
    public var providerOrderID: String?
    public var isDamaged: Bool

    public init(
      number: Int, reference: String?, amount: Money? = nil, status: String? = nil,
      meaning: StatementRule.Meaning? = nil, at: Int64? = nil, providerOrderID: String? = nil, isDamaged: Bool = false
    ) {
      (self.number, self.reference, self.amount, self.status) = (number, reference, amount, status)
      (self.meaning, self.at, self.providerOrderID, self.isDamaged) = (meaning, at, providerOrderID, isDamaged)
    }
  }

  /// A line beside the send that it is about.
  public struct Match: Sendable {
    public let line: Line
    /// Of which order; nil where no send has the reference.
    public let orderID: OrderID?
    public let shopReference: String?
    public let number: Int
    public let ours: StatementRule.Ours?
    /// Lines of the statement about any send of the order.
    public let linesOfOrder: Int
  }

  /// A send that the statement lacks.
  public struct Missing: Sendable {
    public let orderID: OrderID
    public let number: Int
    public let reference: String
    public let state: SendState
    public let cost: Money?
    /// Milliseconds of Unix time.
    public let begunAt: Int64
    public let status: String
    public let isCurrent: Bool
    public let shopReference: String?
  }

  /// - Returns: the statement, and when that was by the database's clock, in milliseconds of Unix time.
  public func begin(
    provider: Int64, since: Int64, until: Int64, who: String
  ) async throws -> (id: Int64, begunAt: Int64) {
    let statement = PostgresStatement(
      name: "begin_statement",
      sql: """
        WITH forgotten AS (
          -- Lines of a comparison that was killed.
          DELETE FROM statement_lines WHERE statement_id IN (
            SELECT id FROM statements WHERE begun_at < now() - interval '1 day' AND begun_at > now() - interval '1 year')
        )
        INSERT INTO statements (provider_id, since, until, who)
        VALUES ($1::bigint, to_timestamp($2::bigint / 1000.0), to_timestamp($3::bigint / 1000.0), $4::text)
        RETURNING id, (extract(epoch FROM begun_at) * 1000)::bigint
        """)
    let row = try await store.pool.run(statement, [.int(provider), .int(since), .int(until), .text(who)]).single()
    return (try row.int(0), try row.int(1))
  }

  public func add(_ lines: [Line], to statement: Int64) async throws {
    _ = try await store.pool.run(
      Statements.addStatementLines,
      [
        .int(statement), .intArray(lines.map(\.number)), .textArray(lines.map { $0.reference ?? "" }),
        .textArray(lines.map { $0.amount?.description }), .textArray(lines.map(\.status)),
        .textArray(lines.map { $0.meaning?.rawValue }), .intArray(lines.map(\.at)),
        .textArray(lines.map(\.providerOrderID)), .boolArray(lines.map(\.isDamaged)),
      ])
  }

  /// Gives lines that name the provider's order only our reference.
  public func name(_ statement: Int64, provider: Int64) async throws {
    _ = try await store.pool.run(Statements.nameStatementLines, [.int(statement), .int(provider)])
  }

  /// Whether a provider's statement is in our own books.
  public nonisolated static func isOurs(adapter: String) -> Bool {
    [StockStore.adapter, FulfilmentStore.adapter].contains(adapter)
  }

  /// The statement of a stock or a desk, from its own books.
  public func stateOurs(
    _ statement: Int64, adapter: String, provider: Int64, since: Int64, until: Int64
  ) async throws {
    let sql = adapter == StockStore.adapter ? Statements.stateStock : Statements.stateDesk
    _ = try await store.pool.run(sql, [.int(statement), .int(provider), .int(since), .int(until)])
  }

  /// Hands over the lines by reference, each with the send that it is about: all of one reference together.
  ///
  /// - Parameter canBeAsked: whether the provider answers questions.
  public func compare(
    _ statement: Int64, provider: Int64, canBeAsked: Bool, _ body: @LoopActor ([Match]) async throws -> Void
  ) async throws {
    var (reference, line) = ("", -1)
    var group: [Match] = []
    while true {
      let rows = try await store.pool.run(
        Statements.compareStatement,
        [.int(statement), .int(provider), .text(reference), .int(line), .int(Self.pageMax)])
      for row in rows {
        let match = try match(row, canBeAsked)
        // What names no reference of ours is a line for itself.
        if let last = group.last, match.line.reference == nil || last.line.reference != match.line.reference {
          try await body(group)
          group = []
        }
        group.append(match)
        (reference, line) = (match.line.reference ?? "", match.line.number)
      }
      guard rows.count == Self.pageMax else { break }
    }
    if !group.isEmpty { try await body(group) }
  }

  private func match(_ row: PostgresRow, _ canBeAsked: Bool) throws -> Match {
    let reference = try row.text(0)
    let line = try Line(
      number: Int(row.int(1)), reference: reference.isEmpty ? nil : reference, amount: money(row, 2),
      status: row.textOrNil(3), meaning: row.textOrNil(4).flatMap { StatementRule.Meaning(rawValue: $0) },
      at: row.intOrNil(5), providerOrderID: row.textOrNil(6), isDamaged: row.bool(7))
    guard let id = try row.textOrNil(8).flatMap({ OrderID($0) }) else {
      return Match(line: line, orderID: nil, shopReference: nil, number: 0, ours: nil, linesOfOrder: 0)
    }
    // A status of a newer program is nobody's to settle here.
    let ours = try StatementRule.Ours(
      status: Status(rawValue: row.text(14)) ?? .contested,
      reasonCode: row.textOrNil(15).map { ReasonCode(rawValue: $0) ?? .other },
      send: SendState(rawValue: row.text(10)) ?? .unknown, isCurrent: row.bool(13), cost: money(row, 11),
      isPinRequired: row.boolOrNil(12), canBeAsked: canBeAsked, age: row.intOrNil(16).map { .milliseconds($0) },
      isDeliverySaid: row.bool(17))
    return Match(
      line: line, orderID: id, shopReference: try row.textOrNil(19), number: Int(try row.int(9)), ours: ours,
      linesOfOrder: Int(try row.int(18)))
  }

  private func money(_ row: PostgresRow, _ column: Int) throws -> Money? {
    try row.textOrNil(column).flatMap { Money(parsing: $0, decimalMark: .point) }
  }

  /// Hands over the sends of a time that the statement lacks.
  public func missing(
    _ statement: Int64, provider: Int64, since: Int64, until: Int64, _ body: @LoopActor (Missing) async throws -> Void
  ) async throws {
    var order = OrderID.first(at: UInt64(max(since - Self.orderAgeMax.milliseconds, 0)))
    let end = OrderID.first(at: UInt64(max(until, 0)) + 1)
    var number = -1
    while true {
      let rows = try await store.pool.run(
        Statements.missingInStatement,
        [
          .int(statement), .int(provider), .text(order.description), .int(number), .text(end.description), .int(since),
          .int(until), .int(Self.pageMax),
        ])
      for row in rows {
        guard let id = OrderID(try row.text(0)) else { continue }
        let missing = try Missing(
          orderID: id, number: Int(row.int(1)), reference: row.text(2),
          state: SendState(rawValue: row.text(3)) ?? .unknown, cost: money(row, 4), begunAt: row.int(5),
          status: row.text(6), isCurrent: row.bool(7), shopReference: row.textOrNil(8))
        (order, number) = (id, missing.number)
        try await body(missing)
      }
      guard rows.count == Self.pageMax else { return }
    }
  }

  /// Contests an order's end by a line of a statement.
  ///
  /// - Throws: ``StoreError/conflict(_:)`` when the order has moved on; nothing was written then.
  public func contest(_ order: Order, _ reason: Reason, who: String, note: String) async throws {
    let rows = try await store.pool.run(
      Statements.contestByStatement,
      [
        .text(order.id.description), .int(order.version), .text(order.status.rawValue), .text(reason.text),
        .text(reason.code?.rawValue), .text(Status.contested.eventType), .text(who), .text(note),
      ])
    guard rows.count == 1 else { throw StoreError.conflict(order.id) }
    store.announceEvents()
  }

  /// The lines are needed no more.
  public func end(_ statement: Int64) async throws {
    let lines = PostgresStatement(
      name: "end_statement_lines", sql: "DELETE FROM statement_lines WHERE statement_id = $1::bigint")
    _ = try await store.pool.run(lines, [.int(statement)])
  }
}
