import EventLoop

/// Requests under way by endpoint: nobody's may take so many places that others have to wait.
///
/// The rule is that of switches that share one memory among their ports (dynamic thresholds, Choudhury and Hahne 1998): an endpoint may
/// have as many requests under way as places are free. So one alone has half of them, two have a third each, and there always is
/// room for one more, without anybody's having to know how many there are. The same rule holds among the endpoints of a tenant, whose
/// share is seven times what is free. Who answers slowly has a small share, and all such together half.
@LoopActor
final class Lanes {
  /// An endpoint that takes longer has a small share.
  private static let slowAnswer = Duration.seconds(1)
  /// How much the last answer counts.
  private static let weight = 0.25
  /// Until a job asks again for a place, in milliseconds.
  private static let pauses: ClosedRange<Int64> = 50...300
  private static let slowPauses: ClosedRange<Int64> = 500...3000
  private static let doubtfulPauses: ClosedRange<Int64> = 2000...30_000

  private struct Lane {
    var tenant: Int64 = 0
    /// It does not answer, or has been slow for long, by what is written down of it.
    var isDoubtful = false
    /// Of late.
    var latency = Duration.zero
    /// When those that are under way began, the oldest first.
    var begun: [ContinuousClock.Instant] = []
  }

  private enum Pace { case quick, slow, doubtful }

  private let slots: Int
  private let now: @Sendable () -> ContinuousClock.Instant
  /// Of each endpoint that was posted to.
  private var lanes: [Int64: Lane] = [:]
  private var tenants: [Int64: Int] = [:]
  private var underWay = 0

  /// - Parameter slots: jobs that this process runs at once.
  nonisolated init(slots: Int, now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) {
    self.slots = slots
    self.now = now
  }

  /// Notes what was read of an endpoint.
  func note(_ endpoint: Int64, tenant: Int64, isDoubtful: Bool) {
    lanes[endpoint, default: Lane()].tenant = tenant
    lanes[endpoint, default: Lane()].isDoubtful = isDoubtful
  }

  /// Notes how long an answer took, or that there was none for so long.
  func note(_ endpoint: Int64, took duration: Duration) {
    let before = lanes[endpoint]?.latency ?? .zero
    lanes[endpoint, default: Lane()].latency = before + (duration - before) * Self.weight
  }

  /// How long a job that found no room waits.
  func pause(_ endpoint: Int64) -> Duration {
    let range =
      switch lanes[endpoint].map({ pace(of: $0) }) ?? .quick {
      case .quick: Self.pauses
      case .slow: Self.slowPauses
      case .doubtful: Self.doubtfulPauses
      }
    return .milliseconds(Int64.random(in: range))
  }

  /// Whether one more request may be posted to an endpoint, by what is known without reading anything.
  func hasRoom(_ endpoint: Int64) -> Bool {
    let lane = lanes[endpoint] ?? Lane()
    let (mine, free) = (lane.begun.count, slots - underWay)
    let tenantFree = min((slots * 7 + 7) / 8, free * 7) - (tenants[lane.tenant] ?? 0)
    guard mine < min(free, tenantFree) else { return false }
    switch pace(of: lane) {
    case .quick: return true
    case .slow: return mine < max(1, slots / 8) && slow < max(1, slots / 2)
    // One at a time is enough to notice that it answers again.
    case .doubtful: return mine < 1 && slow < max(1, slots / 4)
    }
  }

  private func pace(of lane: Lane) -> Pace {
    if lane.isDoubtful { return .doubtful }
    // Who has not answered yet will have taken so long at least.
    let isLate = lane.begun.first.map { now() - $0 > Self.slowAnswer } ?? false
    return isLate || lane.latency > Self.slowAnswer ? .slow : .quick
  }

  /// Requests under way to those that are not quick.
  private var slow: Int {
    lanes.values.reduce(0) { $1.begun.isEmpty || pace(of: $1) == .quick ? $0 : $0 + $1.begun.count }
  }

  /// A request under way.
  struct Place {
    fileprivate let endpoint: Int64
    fileprivate let tenant: Int64
    fileprivate let begun: ContinuousClock.Instant
  }

  func enter(_ endpoint: Int64) -> Place {
    let place = Place(endpoint: endpoint, tenant: lanes[endpoint]?.tenant ?? 0, begun: now())
    lanes[endpoint, default: Lane()].begun.append(place.begun)
    tenants[place.tenant, default: 0] += 1
    underWay += 1
    return place
  }

  func leave(_ place: Place) {
    if let index = lanes[place.endpoint]?.begun.firstIndex(of: place.begun) {
      lanes[place.endpoint]?.begun.remove(at: index)
    }
    let left = (tenants[place.tenant] ?? 1) - 1
    tenants[place.tenant] = left > 0 ? left : nil
    underWay -= 1
  }

  /// Runs `body` if there is room for one more request to the endpoint.
  ///
  /// - Returns: nil when there is none.
  func run<Answer>(_ endpoint: Int64, _ body: @LoopActor () async throws -> Answer) async rethrows -> Answer? {
    guard hasRoom(endpoint) else { return nil }
    let place = enter(endpoint)
    defer { leave(place) }
    return try await body()
  }
}
