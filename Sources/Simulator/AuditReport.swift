import Orders

/// The audit as JSON. The names are its contract.
struct AuditReport: Encodable {
  struct Order: Encodable {
    let reference, player, phone, oyun, kupur, state: String
    let pin: String?
    /// One unit, as debited each time.
    let amount: String
    /// What the answer to the send said instead, where it said something else.
    let cost_told: String?
    /// Completed at some time, though perhaps cancelled since.
    let was_completed: Bool
    /// Waits until a person settles it.
    let never_ends: Bool
    let sends, debits, credits, queries: Int
    /// Sends of the same reference that were no second order.
    let repeats: Int
    let received_at_ms: Int64
    /// The same moment on the machine's monotonic clock, for whoever measures how long an order was on its way.
    let received_monotonic_us: Int64
  }

  let balance: String
  /// By dealer.
  let balances: [String: String]
  let initial_balance: String
  let added: String
  let orders_count: Int
  let states: [String: Int]
  /// Debits less credits, of all orders.
  let spent: String
  let sends: Int
  let queries: Int
  /// Most sends that were being answered at once; 0 unless sends take time.
  let max_concurrent_sends: Int
  /// References that were sent, and accepted, more than once.
  let doubles_by_reference: [String]
  /// Players for whom more than one send was accepted, whatever the reference.
  let doubles_by_player: [String]
  /// References that the panel booked more than once by its own fault, for one send.
  let double_debits: [String]
  /// Tokens that Reloadly was asked for.
  let tokens: Int
  /// Transactions at DT One that were never confirmed, so that nothing was booked.
  let unconfirmed: Int
  let faults: [String: Int]
  /// What was posted by itself, by kind and status of the answer.
  let notices: [String: Int]
  let orders: [Order]?

  init(
    _ panel: Panel, faults: Faults, books: APIBooks = APIBooks(), notices: [String: Int] = [:], sendsAtOnceMax: Int = 0,
    summary: Bool
  ) {
    self.notices = notices
    tokens = books.tokensGiven
    unconfirmed = books.created.keys.count { books.isUnconfirmed($0, in: panel) }
    balance = panel.balance.description
    balances = panel.balances.mapValues(\.description)
    initial_balance = panel.initialBalance.description
    added = panel.added.description
    spent = (panel.initialBalance + panel.added - panel.balance).description
    orders_count = panel.orders.count
    states = Dictionary(panel.orders.map { ($0.state.rawValue, 1) }, uniquingKeysWith: +)
    sends = panel.sends
    queries = panel.queries
    max_concurrent_sends = sendsAtOnceMax
    doubles_by_reference = panel.orders.filter { $0.sends > 1 }.map(\.reference)
    let sendsByPlayer = Dictionary(panel.orders.map { ($0.player, $0.sends) }, uniquingKeysWith: +)
    doubles_by_player = sendsByPlayer.filter { $0.value > 1 }.map(\.key).sorted()
    double_debits = panel.orders.filter(\.wasBookedTwice).map(\.reference)
    self.faults = Dictionary(uniqueKeysWithValues: faults.counts.map { ($0.key.rawValue, $0.value) })
    orders =
      summary
      ? nil
      : panel.orders.map { order in
        Order(
          reference: order.reference, player: order.player, phone: order.phone, oyun: String(order.product.oyun),
          kupur: order.product.kupur, state: order.state.rawValue, pin: order.pin,
          amount: order.price.description, cost_told: order.costTold?.description,
          was_completed: order.wasCompleted, never_ends: order.fate.state == nil, sends: order.sends,
          debits: order.debits,
          credits: order.credits, queries: order.queries, repeats: order.repeats,
          received_at_ms: order.receivedMilliseconds,
          received_monotonic_us: order.receivedMicroseconds)
      }
  }
}
