public import Cipher
public import EventLoop
public import Orders
public import Postgres

/// The orders in PostgreSQL.
///
/// Callers handle one order at a time; underneath, what many of them ask for in a tick goes out as one multi-row
/// statement and one commit. Nothing returns before it is durable.
@LoopActor
public final class Store {
  /// Most orders in one statement.
  nonisolated static let batchMax = 500
  /// Batches of reads under way at once.
  private nonisolated static let readsMax = 2
  /// Batches of writes under way at once. The second begins only once so many wait that it is worth its commit: what is
  /// written together costs far less. Fewer wait for the first, which gives up soon where a lock holds it (`BatchWriter`).
  private nonisolated static let writesMax = 2
  private nonisolated static let writesGathered = 64

  public let pool: PostgresPool
  private nonisolated let optionalVault: Vault?
  /// Seals and opens PINs and credentials.
  ///
  /// - Throws: ``StoreError/invalid(_:)`` in a process that was started without the secret key.
  public nonisolated var vault: Vault {
    get throws {
      guard let optionalVault else {
        throw StoreError.invalid("this needs the secret key; set SEVK_SECRET_KEY (or --secret-key)")
      }
      return optionalVault
    }
  }
  /// Whether this process can read PINs and credentials.
  public nonisolated var hasVault: Bool { optionalVault != nil }
  /// The ids of this process's secret keys; empty without one.
  public nonisolated var keyIDs: [String] { optionalVault?.keyIDs ?? [] }
  /// Called after each commit that wrote an event; must be cheap.
  public var onEvents: (@LoopActor () -> Void)?
  /// Called after each move of an order that was written here: from nil when it was recorded. Must be cheap.
  public var onMove: (@LoopActor (_ from: Status?, _ to: Status) -> Void)?
  /// Moves that ``applyPersistently(_:)`` keeps in memory until the database takes them.
  public internal(set) var unwrittenMoves = 0
  private let loads: Batcher<OrderID, Order?>
  private let writes: Batcher<OrderWrite, OrderWrite.Answer>

  /// - Parameter vault: nil for a process that shows orders and must not be able to read a PIN.
  public nonisolated init(pool: PostgresPool, vault: Vault?) {
    self.pool = pool
    optionalVault = vault
    loads = Batcher(batchMax: Self.batchMax, concurrencyMax: Self.readsMax) { try await Self.load($0, pool) }
    let writer = BatchWriter(pool: pool)
    writes = Batcher(
      batchMax: Self.batchMax, concurrencyMax: Self.writesMax, gathered: Self.writesGathered
    ) {
      await writer.write($0, order: \.order) { try await OrderWrite.write($0, pool) }
    }
  }

  /// The order, or nil when there is none.
  public func order(_ id: OrderID) async throws -> Order? { try await loads.submit(id) }

  /// Records an order unless its idempotency key is taken. Durable when it returns; safe to repeat when it throws.
  public func add(_ order: NewOrder) async throws -> Intake {
    let intake = try await writes.submit(.add(order)).intake
    if case .created = intake {
      announceEvents()
      onMove?(nil, .pending)
    }
    return intake
  }

  /// Writes one move of an order.
  ///
  /// - Returns: the order as it is from then on.
  /// - Throws: ``StoreError/conflict(_:)`` when the order is no longer at the version the move starts from;
  ///   `PostgresError` otherwise. If that says `isUnknownOutcome`, the order must be read again before anything else.
  @discardableResult
  public func apply(_ transition: Transition) async throws -> Order {
    let order = try await writes.submit(.move(transition)).order
    announceEvents()
    onMove?(transition.from, transition.to)
    return order
  }

  func announceEvents() { onEvents?() }

  /// Notes that a check settled nothing; the order keeps its status and version.
  ///
  /// - Parameter witness: what is said of the order and not proved yet; nil takes back what was.
  /// - Returns: the order as it is from then on.
  /// - Throws: as ``apply(_:)``.
  @discardableResult
  public func askAgain(
    _ order: Order, after pause: Duration, _ note: Reason, exchange: Exchange?, witness: Witness? = nil
  ) async throws -> Order {
    try await writes.submit(
      .note(
        Reschedule(
          id: order.id, version: order.version, checks: order.checks, note: note, dueIn: pause, exchange: exchange,
          witness: witness))
    ).order
  }

  private static func load(_ ids: [OrderID], _ pool: PostgresPool) async throws -> [Result<Order?, any Error>] {
    let rows = try await pool.run(Statements.loadOrders, [.textArray(ids.map(\.description))])
    var found: [OrderID: Result<Order?, any Error>] = [:]
    for row in rows {
      // One that this version can't read is no reason to fail the others.
      if let id = OrderID(try row.text(0)) { found[id] = Result { try OrderRow.decodeLoaded(row) } }
    }
    return ids.map { found[$0] ?? .success(nil) }
  }
}
