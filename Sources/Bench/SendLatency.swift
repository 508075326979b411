import EventLoop
import HTTPClient
import PrivateServers

/// Orders at a steady rate, whatever becomes of those before (an open loop): how long until the provider has them.
@LoopActor
final class SendLatency {
  struct Round {
    /// From when the post was to begin until its 201 was there.
    let accepting: Latencies
    /// From when the post was to begin until the panel had the send.
    let sending: Latencies
    /// From the 201 until the panel had the send; zero where it was faster than the 201.
    let afterAccepting: Latencies
    /// Each order's trace, when its post was to begin, and when the panel had the send; milliseconds of Unix time.
    let ways: [(trace: String, posted: Double, atPanel: Double)]
    let noise: Double
  }

  private static let connectionsMax = 512
  private static let settleLimit = Duration.seconds(120)

  private let installation: Installation
  private var intended: [UInt64] = []
  private var accepted: [UInt64] = []
  private var traces: [String] = []
  private var underWay = 0
  private var failure: (any Error)?

  init(_ installation: Installation) { self.installation = installation }

  /// - Parameters:
  ///   - perSecond: orders a second.
  ///   - name: tells the round's orders from others.
  func run(perSecond: Double, for duration: Duration, name: String) async throws -> Round {
    guard let panel = installation.panel else { throw ChildProgram.Failure("there is no panel") }
    let http = HTTPClient()
    defer { http.close() }
    let poster = OrderPoster(
      address: installation.apiAddress, token: installation.token, run: name, connectionsMax: Self.connectionsMax)
    defer { poster.close() }
    let count = Int(perSecond * Double(duration.components.seconds))
    let atPanelBefore = try await PanelBooks.read(panel.address, http, isSummary: true).ordersCount
    let before = CPUTimes.read()

    let begun = Counter.now
    intended = (0..<count).map { begun + UInt64(Double($0) / perSecond * 1e9) }
    accepted = Array(repeating: 0, count: count)
    traces = Array(repeating: "", count: count)
    // From the clock of the measurement to that of the spans.
    let wallOffset = Double(Stopwatch.wallNow) / 1e6 - Double(Counter.now) / 1e6
    var next = 0
    while next < count {
      while next < count, intended[next] <= Counter.now {
        start(next, poster)
        next += 1
      }
      if next < count, intended[next] > Counter.now {
        try await EventLoop.sleep(for: .nanoseconds(intended[next] - min(Counter.now, intended[next])))
      }
      if let failure { throw failure }
    }
    try await Waiting.until("every order was at the provider", within: Self.settleLimit) {
      if let failure = self.failure { throw failure }
      try self.installation.requireAlive()
      guard self.underWay == 0 else { return false }
      return try await PanelBooks.read(panel.address, http, isSummary: true).ordersCount >= atPanelBefore + count
    }
    let noise = CPUTimes.read().noise(since: before)
    let books = try await PanelBooks.read(panel.address, http, isSummary: false)
    let received = Dictionary((books.orders ?? []).map { ($0.player, $0) }) { first, _ in first }
    var sending: [Double] = []
    var afterAccepting: [Double] = []
    var ways: [(trace: String, posted: Double, atPanel: Double)] = []
    for index in 0..<count {
      guard let order = received[poster.player(index)], order.sends == 1 else {
        throw ChildProgram.Failure("order \(index) was not sent once")
      }
      let atPanel = Double(order.receivedMonotonicUs) / 1000
      ways.append((traces[index], Double(intended[index]) / 1e6 + wallOffset, atPanel + wallOffset))
      sending.append(atPanel - Double(intended[index]) / 1e6)
      afterAccepting.append(max(atPanel - Double(accepted[index]) / 1e6, 0))
    }
    return Round(
      accepting: Latencies(zip(intended, accepted).map { (Double($1) - Double($0)) / 1e6 }),
      sending: Latencies(sending), afterAccepting: Latencies(afterAccepting), ways: ways, noise: noise)
  }

  private func start(_ index: Int, _ poster: OrderPoster) {
    underWay += 1
    Task(executorPreference: EventLoop.shared) { await self.post(index, poster) }
  }

  private func post(_ index: Int, _ poster: OrderPoster) async {
    do {
      traces[index] = try await poster.post(index)
      accepted[index] = Counter.now
    } catch { failure = error }
    underWay -= 1
  }
}
