import Orders

/// The dealer panel: balance, orders and what becomes of them. Pure: every call is told the time.
struct Panel {
  enum Acceptance: Equatable {
    case accepted(cost: Money, balance: Money)
    case noSuchProduct
    case balanceTooLow
    /// The same reference again, where that is no second order.
    case known(PanelOrder)
  }

  let seed: UInt64
  let completeAfter: Duration
  let cancelRate: Double
  let initialBalance: Money
  /// Whether some PINs spell what reads as an error.
  let hasWordPins: Bool
  /// Each dealer has money of his own.
  private(set) var balances: [String: Money]
  /// Of all dealers together.
  var balance: Money { balances.values.reduce(Money(tenThousandths: 0), +) }
  /// What everything costs now, in percent of the catalogue.
  private(set) var pricePercent: Int64 = 100
  /// What was put in by hand since the start.
  private(set) var added = Money(tenThousandths: 0)
  /// Whether ``takeChanges()`` will ask.
  var keepsChanges = false
  private var changes: [(reference: String, state: PanelOrder.State)] = []
  private(set) var orders: [PanelOrder] = []
  private(set) var sends = 0
  private(set) var queries = 0
  private var indexByReference: [String: Int] = [:]
  private var agenda = Agenda()

  /// - Parameter balance: what each of the dealers has.
  init(
    seed: UInt64, balance: Money, completeAfter: Duration, cancelRate: Double, dealers: [String] = [""],
    hasWordPins: Bool = true
  ) {
    self.hasWordPins = hasWordPins
    self.seed = seed
    balances = Dictionary(dealers.map { ($0, balance) }, uniquingKeysWith: { first, _ in first })
    self.completeAfter = completeAfter
    self.cancelRate = cancelRate
    initialBalance = balances.values.reduce(Money(tenThousandths: 0), +)
  }

  func balance(of dealer: String) -> Money { balances[dealer] ?? Money(tenThousandths: 0) }

  func price(of product: Product) -> Money {
    Money(tenThousandths: product.price.tenThousandths * pricePercent / 100)
  }

  func order(_ reference: String) -> PanelOrder? { indexByReference[reference].map { orders[$0] } }

  /// Some other order, one for each question.
  func other(than order: PanelOrder, _ nth: Int) -> PanelOrder? {
    guard orders.count > 1 else { return nil }
    let other = orders[Int(Chance(seed, "other", order.reference, nth).bits % UInt64(orders.count))]
    return other.reference == order.reference ? nil : other
  }

  /// Every request counts, whatever becomes of it.
  mutating func countSend() { sends += 1 }
  mutating func countQuery(_ reference: String) { countQuery([reference]) }
  mutating func countQuery(_ references: [String]) {
    queries += 1
    for reference in references { if let index = indexByReference[reference] { orders[index].queries += 1 } }
  }

  /// A send. Debits at once. Of pin_ekle not idempotent: a known reference is ordered, and paid for, once more.
  mutating func accept(
    _ request: OrderRequest, twists: Set<Fault> = [], now: Int64
  ) -> Acceptance {
    advance(to: now)
    guard let product = request.product ?? Product.byKey["\(request.oyun)|\(request.kupur)"] else {
      return .noSuchProduct
    }
    if request.isOnce, let index = indexByReference[request.reference] {
      orders[index].repeats += 1
      return .known(orders[index])
    }
    let price = price(of: product)
    guard balance(of: request.dealer) >= price else { return .balanceTooLow }
    let index: Int
    if let known = indexByReference[request.reference] {
      index = known
      orders[index].sends += 1
    } else {
      index = orders.count
      indexByReference[request.reference] = index
      let order = PanelOrder(
        reference: request.reference, player: request.player, phone: request.phone, product: product,
        dealer: request.dealer, price: price, pin: pin(for: request.reference, product, twists),
        receivedMilliseconds: now, receivedMicroseconds: request.receivedMicroseconds,
        fate: fate(of: request.reference, twists, now: now))
      orders.append(order)
      if keepsChanges { changes.append((order.reference, .waiting)) }
      schedule(order)
    }
    debit(index)
    if twists.contains(.doubleDebit) {
      orders[index].wasBookedTwice = true
      debit(index)
    }
    return .accepted(cost: price, balance: balance(of: request.dealer))
  }

  /// Lets everything happen that is due.
  mutating func advance(to now: Int64) {
    while let item = agenda.next(due: now) {
      guard let index = indexByReference[item.reference] else { continue }
      // A person was faster.
      let expected: PanelOrder.State = item.state == orders[index].fate.state ? .waiting : .completed
      guard orders[index].state == expected else { continue }
      move(index, to: item.state, byHand: item.isByHand)
    }
  }

  /// As if a person clicked on the panel. False when there is no such order.
  mutating func settle(_ reference: String, _ state: PanelOrder.State, now: Int64) -> Bool {
    advance(to: now)
    guard let index = indexByReference[reference] else { return false }
    if orders[index].state != state { move(index, to: state, byHand: true) }
    return true
  }

  /// Pays in for one dealer, or for each; a negative amount takes out.
  mutating func add(_ amount: Money, to dealer: String? = nil) {
    for name in dealer.map({ [$0] }) ?? Array(balances.keys) where balances[name] != nil {
      balances[name] = balance(of: name) + amount
      added = added + amount
    }
  }

  /// What became of orders since it was asked last, in its order.
  mutating func takeChanges() -> [(reference: String, state: PanelOrder.State)] {
    defer { changes = [] }
    return changes
  }

  mutating func setPrices(percent: Int64) { pricePercent = percent }

  /// Notes that the answer to a send named another cost than was debited.
  mutating func noteToldCost(_ cost: Money, of reference: String) {
    if let index = indexByReference[reference] { orders[index].costTold = cost }
  }

  // MARK: Inside

  private mutating func move(_ index: Int, to state: PanelOrder.State, byHand: Bool) {
    let previous = orders[index].state
    orders[index].state = state
    if keepsChanges { changes.append((orders[index].reference, state)) }
    orders[index].isByHand = byHand
    if state == .completed { orders[index].wasCompleted = true }
    if state == .cancelled {
      while orders[index].credits < orders[index].debits {
        orders[index].credits += 1
        balances[orders[index].dealer] = balance(of: orders[index].dealer) + orders[index].price
      }
    } else if previous == .cancelled {
      debit(index)
    }
  }

  private mutating func debit(_ index: Int) {
    orders[index].debits += 1
    balances[orders[index].dealer] = balance(of: orders[index].dealer) - orders[index].price
  }

  private mutating func schedule(_ order: PanelOrder) {
    guard let state = order.fate.state else { return }
    agenda.add(
      .init(
        dueMilliseconds: order.fate.dueMilliseconds, reference: order.reference, state: state,
        isByHand: order.fate.isByHand))
    if let cancel = order.fate.cancelMilliseconds {
      agenda.add(
        .init(dueMilliseconds: cancel, reference: order.reference, state: .cancelled, isByHand: true))
    }
  }

  private func fate(of reference: String, _ twists: Set<Fault>, now: Int64) -> PanelOrder.Fate {
    if twists.contains(.neverEnds) { return PanelOrder.Fate(state: nil) }
    let jitter = 0.8 + 0.4 * Chance(seed, "jitter", reference).share
    let pause = Int64(Double(completeAfter.milliseconds) * jitter)
    var fate = PanelOrder.Fate(state: .completed, dueMilliseconds: now + pause)
    if twists.contains(.cancelByHand) {
      fate.state = .cancelled
      fate.isByHand = true
    } else if Chance(seed, "cancel", reference).share < cancelRate {
      fate.state = .cancelled
    } else if twists.contains(.lateCancel) {
      fate.cancelMilliseconds = fate.dueMilliseconds + max(pause, 1)
    }
    return fate
  }

  /// Follows from seed and reference alone, so that an audit can tell the right PIN from any other.
  private func pin(for reference: String, _ product: Product, _ twists: Set<Fault>) -> String? {
    guard product.hasPin else { return nil }
    return Self.pin(seed: seed, reference: twists.contains(.samePin) ? "shared" : reference, hasWords: hasWordPins)
  }

  static func pin(seed: UInt64, reference: String, hasWords: Bool = true) -> String {
    let alphabet = Array("ABCDEFGHJKLMNPQRSTUVWXYZ23456789".utf8)
    var bits = Chance(seed, "pin", reference).bits
    var bytes: [UInt8] = []
    for position in 0..<12 {
      if position > 0, position % 4 == 0 { bytes.append(UInt8(ascii: "-")) }
      bytes.append(alphabet[Int(bits & 31)])
      bits >>= 5
    }
    // Chance spells words, too: here one in sixteen begins with "error".
    if hasWords, bits == 0 { bytes.replaceSubrange(0..<4, with: "HATA".utf8) }
    return String(decoding: bytes, as: UTF8.self)
  }
}

/// What pin_ekle is asked for.
struct OrderRequest {
  var reference: String
  var player: String
  var phone: String
  var oyun: String
  var kupur: String
  var dealer = ""
  /// Where that is not what `oyun` and `kupur` name.
  var product: Product?
  /// A repeated reference is no second order.
  var isOnce = false
  /// When the panel dealt with it, in microseconds of the machine's monotonic clock, which other processes share.
  var receivedMicroseconds: Int64 = 0
}
