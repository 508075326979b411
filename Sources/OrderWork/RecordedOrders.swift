public import EventLoop
public import Orders

/// Orders that this process recorded a moment ago, for the attempt to send them that follows at once: it need not read what
/// was just written. A read waits behind the commits on its connection, so this was a third of an order's way.
///
/// It may be old: the intent to send names the version it saw, and is refused where somebody else moved the order since.
@LoopActor
public final class RecordedOrders {
  /// Most orders kept; later ones are read.
  private static let ordersMax = 2000
  /// What was recorded longer ago is read again.
  private static let ageMax = Duration.seconds(5)

  /// Where another process takes the jobs, nobody asks for what is kept here: it is thrown away so often.
  private static let sweepPause = Duration.seconds(1)

  private var sweptAt = ContinuousClock.now
  private var orders: [OrderID: (order: Order, at: ContinuousClock.Instant)] = [:]

  nonisolated init() {}

  /// Keeps an order until it is taken.
  public func keep(_ order: Order) {
    let now = ContinuousClock.now
    if orders.count >= Self.ordersMax, now - sweptAt > Self.sweepPause {
      sweptAt = now
      orders = orders.filter { now - $0.value.at < Self.ageMax }
    }
    if orders.count < Self.ordersMax { orders[order.id] = (order, now) }
  }

  /// The order as it was recorded; nil when it has to be read. Once only: whoever comes again finds something newer.
  func take(_ id: OrderID) -> Order? {
    guard let (order, at) = orders.removeValue(forKey: id), ContinuousClock.now - at < Self.ageMax else { return nil }
    return order
  }
}
