import EventLoop
import Orders
import Postgres
import Store
import Telemetry

/// Orders that only PostgreSQL sees: every row of an order's life, by the statements that the processes use.
@LoopActor
final class OrderRows {
  private static let connectionsMax = 4
  private static let referenceDigits = 15
  /// The relay's work, in its batches: three events of each order are published.
  private static let ordersBetweenReads = 150
  private static let eventsInRead = 500
  private static let sink = "stream"

  private let pool: PostgresPool
  private let store: Store
  private let outbox: Outbox
  private var random = SystemRandomNumberGenerator()
  private var written = 0
  private var isPublishing = false

  init(url: String) {
    pool = PostgresPool(url: url, connectionsMax: Self.connectionsMax, planner: Statements.planner)
    // No PIN is stored: sealing one is no work of PostgreSQL's.
    store = Store(pool: pool, vault: nil)
    outbox = Outbox(pool: pool)
  }

  func close() async { await pool.close() }

  /// New, sending, sent, completed: with its send, two exchanges and four events, and the relay's marks on them.
  ///
  /// The first tenant and the first provider have the number 1.
  func writeOne() async throws {
    written += 1
    let id = OrderID(milliseconds: Clock.unixMilliseconds(), using: &random)
    let new = NewOrder(
      id: id, tenantID: 1, product: Installation.product,
      fields: ["player_id": "rows-\(written)", "phone": "905551234567"], shopReference: "shop-\(written)",
      priority: .normal, quantity: 1, idempotencyKey: "\(id)", requestHash: [UInt8](repeating: 7, count: 32),
      trace: nil)
    _ = try await store.add(new)
    guard var order = try await store.order(id) else { throw StoreError.conflict(id) }
    func move(_ status: Status, _ change: (inout Transition) -> Void) async throws {
      var transition = Transition(order, to: status)
      if !status.isFinal { transition.dueIn = .seconds(60) }
      change(&transition)
      try await store.apply(transition)
      (order.status, order.version) = (status, order.version + 1)
    }
    let reference = SendReference.make(digits: Self.referenceDigits, using: &random)
    try await move(.sending) { $0.send = (1, reference) }
    try await move(.sent) {
      $0.sendState = .accepted
      $0.exchange = Self.exchange(.send, "GET /servis/pin_ekle.php?referans=\(reference)", "OK|12.50|1000.00")
    }
    _ = try await store.order(id)
    try await move(.completed) {
      $0.exchange = Self.exchange(.query, "GET /servis/pin_kontrol.php?id=\(reference)", "OK|2|••••|done")
    }
    if written.isMultiple(of: Self.ordersBetweenReads), !isPublishing {
      // As in a scheduler, one at a time: two would wait for each other's rows.
      isPublishing = true
      defer { isPublishing = false }
      let turn = try await outbox.place(limit: Self.eventsInRead)
      try await outbox.advance(Self.sink, to: turn.last)
    }
  }

  private static func exchange(_ kind: Exchange.Kind, _ request: String, _ reply: String) -> Exchange {
    Exchange(
      kind: kind, request: request, status: 200, reply: Array(reply.utf8), error: nil, duration: .milliseconds(5))
  }
}
