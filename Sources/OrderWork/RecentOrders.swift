public import EventLoop
public import Orders

/// Orders as this process has just written them, so that the job that follows soon need not read them again.
///
/// What stands here may be out of date. That another moved the order is harmless, since each write names the version that
/// it saw; but what another was told of it (its witness) changes no version, so whoever settles an order compares its count
/// of checks with the database's first. Each is given out once, so whoever tries again reads it.
@LoopActor
public final class RecentOrders {
  /// Most orders in one of the two halves; what is written beyond is read.
  private nonisolated static let halfMax = 4096
  /// When the younger half becomes the older one: an order is kept for one to two such times.
  private nonisolated static let halfAgeMax = Duration.seconds(5)

  private struct Entry {
    let order: Order
    let writtenAt: ContinuousClock.Instant
  }

  private var younger: [OrderID: Entry] = [:]
  private var older: [OrderID: Entry] = [:]
  private var begun = ContinuousClock.now

  public nonisolated init() {}

  /// Keeps an order whose next job is due soon.
  public func keep(_ order: Order) {
    let now = ContinuousClock.now
    turn(now)
    guard younger.count < Self.halfMax else { return }
    younger[order.id] = Entry(order: order, writtenAt: now)
  }

  /// The order, its ages and waits as they are now; nil when it must be read.
  public func take(_ id: OrderID, at now: ContinuousClock.Instant = .now) -> Order? {
    turn(now)
    guard let entry = younger.removeValue(forKey: id) ?? older.removeValue(forKey: id) else { return nil }
    var order = entry.order
    let passed = now - entry.writtenAt
    order.age += passed
    order.sinceSend = order.sinceSend.map { $0 + passed }
    order.untilDue = order.untilDue.map { $0 - passed }
    order.witness?.age += passed
    return order
  }

  private func turn(_ now: ContinuousClock.Instant) {
    guard now - begun >= Self.halfAgeMax else { return }
    older = now - begun < Self.halfAgeMax * 2 ? younger : [:]
    younger = [:]
    begun = now
  }
}
