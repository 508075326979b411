internal import Cipher
public import EventLoop
public import Orders
internal import Postgres

/// What endpoints are still to be told, as sinks put it in line and workers take it out.
@LoopActor
public struct DeliveryStore {
  private let store: Store
  private let reads: Batcher<Line, Due?>
  private let writes: Batcher<Delivered, Due?>

  public nonisolated init(store: Store) {
    self.store = store
    let batches = DeliveryBatches(store: store)
    reads = Batcher(batchMax: Store.batchMax, concurrencyMax: DeliveryBatches.underWayMax) {
      try await batches.due($0)
    }
    writes = Batcher(
      batchMax: Store.batchMax, concurrencyMax: DeliveryBatches.underWayMax, gathered: DeliveryBatches.writesGathered
    ) {
      await batches.write($0)
    }
  }

  /// An endpoint and an order that something is in line for.
  public struct Line: Sendable, Hashable {
    public let endpoint: Int64
    public let order: String
    public init(endpoint: Int64, order: String) { (self.endpoint, self.order) = (endpoint, order) }
  }

  // MARK: Into the line

  /// The tenants that have an endpoint.
  public func tenants() async throws -> Set<String> {
    Set(try await store.pool.run(Statements.eventTenants, []).map { try $0.text(0) })
  }

  /// Puts events in line for the endpoints that want them; those that are there already stay as they are.
  ///
  /// - Parameter bodies: what is posted, one for each event.
  /// - Returns: where something is in line by it, and whether it took the place of what was there, whose job may wait.
  public func add(
    _ events: [OutboxEvent], bodies: [String]
  ) async throws -> [(line: Line, replaces: Bool)] {
    let rows = try await store.pool.run(
      Statements.insertDeliveries,
      [
        .intArray(events.map(\.position)), .textArray(events.map(\.tenant)),
        .textArray(events.map(\.name)), .textArray(events.map(\.type)),
        .textArray(events.map(\.orderID)), .intArray(events.map(\.version)), .textArray(bodies),
      ])
    return try rows.map { (Line(endpoint: try $0.int(0), order: try $0.text(1)), try $0.bool(2)) }
  }

  // MARK: Out of it

  /// The oldest thing in line for an endpoint about an order.
  public struct Due: Sendable {
    public let endpointID: Int64
    public let tenantID: Int64
    public let tenant: String
    public let endpoint: String
    public let url: String
    public let ratePerSecond: Int?
    /// What signs: the secret, and while it does the one before.
    public let secrets: [[UInt8]]
    public let state: EndpointRow.State
    /// Nothing but failures, or slow answers, for so long.
    public let failingFor: Duration?
    public let slowFor: Duration?
    public let warnedPercent: Int
    public let position: Int64
    public let eventID: String
    public let body: String
    /// Attempts so far, and how long ago the first was.
    public let attempts: Int
    public let triedFor: Duration?
    /// Negative when it is overdue.
    public let untilDue: Duration
    /// An X25519 key in base64 that PINs are sealed to; nil: it gets none.
    public let sealedTo: String?
    public let type: String
    public let orderID: String
    /// It said that it wants nothing before ``untilDue``, whatever is due.
    public let isHeld: Bool
  }

  /// What many ask for in a tick is read at once.
  ///
  /// - Throws: `VaultError` when the secret can't be read.
  public func due(_ line: Line) async throws -> Due? { try await reads.submit(line) }

  /// The PIN of the order that a delivery is about, and whether it may be told: not while the order is contested. nil when
  /// it is about none, or none is stored.
  ///
  /// - Throws: `VaultError` when it can't be read.
  public func pin(of due: Due) async throws -> (pin: Pin, isTold: Bool)? {
    guard let id = OrderID(due.orderID),
      let row = try await store.pool.run(Statements.deliveryPin, [.text(due.orderID), .int(due.tenantID)]).first
    else { return nil }
    return (try store.open(pin: row.bytes(0), of: id), try row.bool(1))
  }

  /// How an attempt ended.
  public struct Ending: Sendable {
    public var state: DeliveryRow.State
    public var httpStatus: Int?
    public var duration: Duration
    public var appliedVersion: Int64?
    /// Until it is tried again.
    public var pause: Duration?
    /// nil for success; so are ``error`` and ``answer``.
    public var cause: String?
    public var error: String?
    public var answer: [UInt8]?
    /// What the endpoint is from now on; nil: what it was.
    public var endpoint: EndpointRow.State?
    public var warnedPercent = 0
    public var isSlow = false
    /// For so long nothing is posted to the endpoint, which asked for it.
    public var hold: Duration?

    public init(state: DeliveryRow.State, duration: Duration) { (self.state, self.duration) = (state, duration) }
  }

  /// What an endpoint took.
  struct Delivered: Sendable {
    let ending: Ending
    let line: Line
    let position: Int64
  }

  /// Writes down that an endpoint took an event; with what else it and others took in the tick, in one transaction.
  ///
  /// - Parameter ending: without a cause.
  /// - Returns: what is in line next about the same order.
  public func delivered(_ ending: Ending, of due: Due, in line: Line) async throws -> Due? {
    try await writes.submit(Delivered(ending: ending, line: line, position: due.position))
  }

  /// Writes down how an attempt ended. What else is in line for an endpoint that is given up by it is kept. Of an endpoint
  /// that was paused meanwhile, or leads elsewhere, it says nothing.
  ///
  /// - Parameter notice: what operators are to hear of it: in the same transaction, so that it is neither lost nor said twice.
  public func record(_ ending: Ending, of due: Due, telling notice: EndpointNotice? = nil) async throws {
    let write: (PostgresStatement, [PostgresParameter]) = (
      Statements.recordDelivery,
      [
        .int(due.endpointID), .int(due.position), .text(ending.state.rawValue), .int(ending.httpStatus),
        .int(ending.duration.milliseconds), .int(ending.appliedVersion), .int(ending.pause?.milliseconds),
        .text(ending.cause), .text(ending.error), .bytea(ending.answer), .text(ending.endpoint?.rawValue),
        .int(ending.warnedPercent), .bool(ending.isSlow), .int(ending.hold?.milliseconds),
        .text(due.url),
      ]
    )
    let keep: (PostgresStatement, [PostgresParameter]) = (
      Statements.keepAbandoned, [.int(due.endpointID)]
    )
    var writes = ending.endpoint == nil ? [write] : [write, keep]
    if let notice {
      writes.append(
        (
          Statements.noticeOfEndpoint,
          [
            .int(due.endpointID), .text(notice.subject), .int(notice.percent), .text(notice.type.rawValue),
            .text(notice.data), .text(due.url),
          ]
        ))
    }
    _ = try await store.pool.transaction(writes)
    if notice != nil { store.announceEvents() }
  }

  /// Takes what is in line for an endpoint about an order out of it; it is kept.
  public func keep(_ line: Line) async throws {
    _ = try await store.pool.run(Statements.keepDeliveries, [.int(line.endpoint), .text(line.order)])
  }

  /// A page of where something is in line for endpoints that are active, with the time until the first is due.
  public func owed(after last: Line, limit: Int) async throws -> [(line: Line, untilDue: Duration)] {
    try await store.pool.run(
      Statements.owedDeliveries, [.int(last.endpoint), .text(last.order), .int(limit)]
    ).map { (Line(endpoint: try $0.int(0), order: try $0.text(1)), .milliseconds(try $0.int(2))) }
  }

  /// An endpoint as metrics tell of it.
  public struct Tally: Sendable {
    public let tenant: String
    public let endpoint: String
    public let state: EndpointRow.State
    public let failingFor: Duration?
    public let slowFor: Duration?
    /// Counted up to ``EndpointRow/waitingMax``.
    public let waiting: Int
  }

  public func tallies() async throws -> [Tally] {
    try await store.pool.run(Statements.endpointTally, []).map {
      guard let state = EndpointRow.State(rawValue: try $0.text(2)) else {
        throw $0.unreadable(2, "is no state of an endpoint")
      }
      return try Tally(
        tenant: $0.text(0), endpoint: $0.text(1), state: state,
        failingFor: $0.intOrNil(3).map { .milliseconds($0) }, slowFor: $0.intOrNil(4).map { .milliseconds($0) },
        waiting: Int($0.int(5)))
    }
  }
}
