import API
import CommandLine
import EventLoop
import Events
import HTTPServer
import Orders
import Store
import Telemetry

/// `?wait=30s&until=final|change` of `GET /v1/orders/{id}`: the answer comes as soon as it happens, or as the order is when
/// the time is over. Nothing of the database is held meanwhile.
@LoopActor
final class OrderWait {
  enum Until: String, CaseIterable { case final, change }

  struct Wish {
    let limit: Duration
    let until: Until
  }

  nonisolated static let limitMax = Duration.seconds(60)
  /// Requests that wait at once; further ones are answered at once.
  nonisolated static let waitersMax = 500
  /// Of them, those of one tenant: who begins to wait and leaves, again and again, keeps the others from it no longer.
  nonisolated static let waitersOfTenantMax = 250

  private let feed: EventFeed
  private let metrics: Metrics
  private let most: (all: Int, ofTenant: Int)
  private var waiters: [ObjectIdentifier: LoopEvent] = [:]
  private var waitersByTenant: [Int64: Int] = [:]
  private var isStopped = false

  init(
    feed: EventFeed, _ metrics: Metrics, waitersMax: Int = OrderWait.waitersMax,
    ofTenantMax: Int = OrderWait.waitersOfTenantMax
  ) {
    (self.feed, self.metrics) = (feed, metrics)
    most = (waitersMax, ofTenantMax)
    metrics.describe("sevk_http_waiting_requests", "gauge", "Requests that wait for an order")
    note()
  }

  private func note() { metrics.set("sevk_http_waiting_requests", to: Double(waiters.count)) }

  /// What a request wants to wait for; nil: nothing.
  ///
  /// - Throws: ``Problem`` with status 422.
  nonisolated static func wish(_ parameter: (String) -> String?) throws(Problem) -> Wish? {
    guard let text = parameter("wait") else {
      guard parameter("until") == nil else {
        throw .invalidQuery([.init(field: "until", message: "goes with wait")])
      }
      return nil
    }
    guard let limit = Duration(words: text), limit >= .zero, limit <= limitMax else {
      throw .invalidQuery([.init(field: "wait", message: "must be a duration of at most 60s, such as 30s")])
    }
    guard let until = Until(rawValue: parameter("until") ?? Until.final.rawValue) else {
      throw .invalidQuery([.init(field: "until", message: "must be final or change")])
    }
    return Wish(limit: limit, until: until)
  }

  /// What was last seen of an order that somebody waits for.
  @LoopActor
  final class Seen {
    private(set) var order: Order?
    private(set) var firstVersion: Int?
    /// How often it was looked at.
    var looks = 0

    nonisolated init() {}

    func note(_ order: Order) {
      self.order = order
      if firstVersion == nil { firstVersion = order.version }
    }
  }

  /// Calls `look` until its answer is what is waited for: each time that something happened to the order, and once more at
  /// the end of the time.
  func answer(
    _ request: HTTPRequest, _ order: String, _ wish: Wish, _ look: @LoopActor (Seen) async -> HTTPResponse
  ) async -> HTTPResponse {
    let seen = Seen()
    guard !isStopped, waiters.count < most.all else { return await look(seen) }
    let end = ContinuousClock.now + wish.limit
    let happened = LoopEvent()
    waiters[ObjectIdentifier(happened)] = happened
    note()
    // Before the first look: what happens after it is not missed.
    let subscription = feed.watch(order: order) { _ in happened.signal() }
    var tenant: Int64?
    defer {
      feed.leave(subscription)
      waiters[ObjectIdentifier(happened)] = nil
      if let tenant { leave(tenant) }
      note()
    }
    while true {
      let answer = await look(seen)
      seen.looks += 1
      if tenant == nil, let owner = seen.order?.tenantID {
        guard waitersByTenant[owner, default: 0] < most.ofTenant else { return answer }
        waitersByTenant[owner, default: 0] += 1
        tenant = owner
      }
      let rest = end - .now
      if rest <= .zero || isStopped || isEnough(answer, seen, request, wish.until) { return answer }
      _ = await happened.wait(for: rest)
    }
  }

  private func leave(_ tenant: Int64) {
    let left = waitersByTenant[tenant, default: 1] - 1
    waitersByTenant[tenant] = left > 0 ? left : nil
  }

  private func isEnough(_ answer: HTTPResponse, _ seen: Seen, _ request: HTTPRequest, _ until: Until) -> Bool {
    guard answer.status == 200 || answer.status == 304, let order = seen.order else { return true }
    switch until {
    case .final: return order.status.isFinal
    case .change:
      // Who says what he knows waits for anything else.
      return order.version != seen.firstVersion || answer.status == 200 && request.header("If-None-Match") != nil
    }
  }

  /// Answers all who wait as their orders are now.
  func stop() {
    isStopped = true
    for event in waiters.values { event.signal() }
  }
}
