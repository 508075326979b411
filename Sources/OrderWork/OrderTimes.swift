import EventLoop
import Orders
import Store
import Telemetry

/// Counts how long orders took and what they spent it on, by provider and shop. By the database's clock, as it wrote each step.
///
/// Labels are names that the set-up gave, and of so many pairs at most.
@LoopActor
final class OrderTimes {
  /// Pairs of a provider and a shop; the shops of later ones are counted together. Each pair has some 50 lines.
  static let pairsMax = 200
  /// No shop can be called so.
  static let otherTenant = "_other"

  private struct Pair: Hashable {
    let provider: Int64
    let tenant: Int64
  }
  private struct Series {
    let provider: String
    let tenant: String
    let toSent: MetricHistogram
    let toEnd: MetricHistogram
    var parts: [TimePart.Kind: MetricSample] = [:]
  }

  private let metrics: Metrics
  private let directory: Directory
  private var series: [Pair: Series] = [:]

  nonisolated init(_ metrics: Metrics, _ directory: Directory) {
    self.metrics = metrics
    self.directory = directory
  }

  func describe() {
    metrics.describe(
      "sevk_order_to_sent_seconds", "histogram",
      "From when an order was recorded until its send was answered, or that answer lost")
    metrics.describe(
      "sevk_order_to_end_seconds", "histogram", "From the end of an order's last send until the order ended")
    metrics.describe(
      "sevk_order_spent_seconds_total", "counter", "What orders spent their time on, each counted when that was over")
  }

  /// A send begins.
  ///
  /// - Parameters:
  ///   - before: as the order waited.
  ///   - waits: what it waited for, as far as that is known.
  func began(_ order: Order, before: Order, _ waits: OrderWaits) {
    let spent = order.updatedAt - before.updatedAt
    for (kind, provider, milliseconds) in TimePart.split(spent, waits.parts) {
      add(kind, milliseconds, provider ?? order.providerID, order.tenantID)
    }
  }

  /// A send, or a question that settled nothing or something, is over.
  ///
  /// - Parameter exchange: what was said on the wire; nil where nothing was.
  func moved(_ order: Order, before: Order, _ exchange: Exchange?) {
    let spent = max(0, order.updatedAt - before.updatedAt)
    switch before.status {
    case .sending: add(.call, spent, order.providerID, order.tenantID)
    case .sent, .unresolved:
      let asked = min(spent, exchange.map { $0.kind == .query ? $0.duration.milliseconds : 0 } ?? 0)
      add(.question, asked, order.providerID, order.tenantID)
      let unasked = Self.unasked(before, spent - asked)
      add(.unasked, unasked, order.providerID, order.tenantID)
      add(before.status == .sent ? .provider : .lost, spent - asked - unasked, order.providerID, order.tenantID)
    default: return
    }
    guard order.status != before.status else { return }
    let isSent = order.status.mayBeAtProvider || order.status == .completed
    if before.status == .sending, isSent {
      observe(order) { $0.toSent.observe(.milliseconds(max(0, order.updatedAt - order.createdAt))) }
    }
    if order.status.isFinal, let sinceSend = order.sinceSend { observe(order) { $0.toEnd.observe(sinceSend) } }
  }

  /// How much of the time between two questions nobody asked, although one was due.
  private static func unasked(_ before: Order, _ spent: Int64) -> Int64 {
    guard let untilDue = before.untilDue else { return 0 }
    // Both are as they were when it was read, so that this is when it is due, whenever that was.
    let planned = before.createdAt + before.age.milliseconds + untilDue.milliseconds - before.updatedAt
    let late = spent - max(0, planned)
    return late > OrderSpent.lateMin.milliseconds ? late : 0
  }

  private func observe(_ order: Order, _ observe: (Series) -> Void) {
    guard let provider = order.providerID, let pair = pair(provider, order.tenantID), let series = series[pair] else {
      return
    }
    observe(series)
  }

  private func add(_ kind: TimePart.Kind, _ milliseconds: Int64, _ provider: Int64?, _ tenant: Int64) {
    guard milliseconds > 0, let provider, let pair = pair(provider, tenant), let known = series[pair] else { return }
    var sample = known.parts[kind]
    if sample == nil {
      sample = metrics.sample(
        "sevk_order_spent_seconds_total",
        ["provider": known.provider, "tenant": known.tenant, "on": kind.rawValue])
      series[pair]?.parts[kind] = sample
    }
    sample?.add(Double(milliseconds) / 1000)
  }

  /// Under which pair it counts; nil for what is not counted: sandboxes, and whose names are not known here.
  private func pair(_ provider: Int64, _ tenant: Int64) -> Pair? {
    let pair = Pair(provider: provider, tenant: tenant)
    if series[pair] != nil { return pair }
    guard !directory.isSandboxKnown(tenant), let name = directory.providerNameKnown(provider),
      let shop = directory.tenantNameKnown(tenant)
    else { return nil }
    guard series.count < Self.pairsMax else {
      let other = Pair(provider: provider, tenant: -1)
      if series[other] == nil { series[other] = make(name, Self.otherTenant) }
      return other
    }
    series[pair] = make(name, shop)
    return pair
  }

  private func make(_ provider: String, _ tenant: String) -> Series {
    Series(
      provider: provider, tenant: tenant,
      toSent: metrics.histogram(
        "sevk_order_to_sent_seconds", ["provider": provider, "tenant": tenant], bounds: MetricHistogram.orderBounds),
      toEnd: metrics.histogram(
        "sevk_order_to_end_seconds", ["provider": provider, "tenant": tenant], bounds: MetricHistogram.orderBounds))
  }
}
