import CommandLine
import EventLoop
import HTTPClient

/// Takes spans to a collector in batches (OTLP over HTTP), beside all other work: what the collector does not take in time
/// is dropped and counted, and no order waits for it.
@LoopActor
final class SpanExporter {
  /// Spans that wait; later ones are dropped.
  static let queueMax = 2048
  static let batchMax = 512
  private static let attemptsMax = 5
  private static let pauseFirst = Duration.seconds(1)
  /// A collector may ask for a longer pause, but not for an endless one.
  private static let pauseMax = Duration.seconds(60)
  private static let replyBytesMax = 65_536
  private static let droppedName = "sevk_spans_dropped_total"

  private enum Answer {
    case taken(rejected: Int)
    /// Will not be taken, however often it is offered.
    case refused(String)
    case later(String, Duration?)
  }

  private let settings: TracingSettings
  private let frame: (before: String, after: String)
  private let log: Log
  private let metrics: Metrics
  private let http = HTTPClient(connectionsMax: 1, agent: Program.agent)
  /// Encoded when they end, so that no batch takes the loop for long.
  private var queue: [String] = []
  private let wake = LoopEvent()
  private var isStopping = false
  private var isFailing = false
  private var task: Task<Void, Never>?

  init(_ settings: TracingSettings, frame: (before: String, after: String), log: Log, metrics: Metrics) {
    self.settings = settings
    self.frame = frame
    self.log = log
    self.metrics = metrics
    metrics.describe("sevk_spans_exported_total", "counter", "Spans that the collector took")
    metrics.describe("sevk_spans_dropped_total", "counter", "Spans that were not taken, by why")
    task = Task(executorPreference: EventLoop.shared) { await self.run() }
  }

  func add(_ span: String) {
    guard queue.count < Self.queueMax else { return metrics.add(Self.droppedName, ["why": "queue_full"]) }
    queue.append(span)
    // The first ends the wait for any, a whole batch the wait for more.
    if queue.count == 1 || queue.count == Self.batchMax { wake.signal() }
  }

  /// Offers what is left once more, until `deadline` at the latest.
  func stop(by deadline: ContinuousClock.Instant) async {
    guard !isStopping else { return }
    isStopping = true
    wake.signal()
    let end = Task(executorPreference: EventLoop.shared) { await self.close(at: deadline) }
    await task?.value
    end.cancel()
    http.close()
  }

  /// Ends the request under way, which fails then.
  private func close(at deadline: ContinuousClock.Instant) async {
    let left = deadline - ContinuousClock.now
    if left > .zero { do { try await EventLoop.sleep(for: left) } catch { return } }
    http.close()
  }

  private func run() async {
    while true {
      while queue.isEmpty, !isStopping { _ = await wake.wait() }
      let begun = ContinuousClock.now
      while queue.count < Self.batchMax, !isStopping, case let left = settings.pause - (ContinuousClock.now - begun),
        left > .zero
      {
        _ = await wake.wait(for: left)
      }
      guard !queue.isEmpty else { return }
      let batch = Array(queue.prefix(Self.batchMax))
      queue.removeFirst(batch.count)
      await export(batch)
    }
  }

  private func export(_ batch: [String]) async {
    let body = Array((frame.before + batch.joined(separator: ",") + frame.after).utf8)
    var pause = Self.pauseFirst
    for attempt in 1... {
      let isLastTry = isStopping || attempt == Self.attemptsMax
      switch await post(body) {
      case .taken(let rejected):
        if isFailing { log.info("the collector takes spans again") }
        isFailing = false
        metrics.add("sevk_spans_exported_total", by: Double(batch.count - min(rejected, batch.count)))
        if rejected > 0 { drop(min(rejected, batch.count), "rejected", "it rejected spans of a batch") }
        return
      case .refused(let reason):
        return drop(batch.count, "refused", reason)
      case .later(let reason, let wanted):
        if isLastTry || isStopping { return drop(batch.count, "unavailable", reason) }
        note(reason)
        await waitUnlessStopping(min(wanted ?? pause * Double.random(in: 0.5...1), Self.pauseMax))
        pause = pause * 2
      }
    }
  }

  private func waitUnlessStopping(_ pause: Duration) async {
    let end = ContinuousClock.now + pause
    while !isStopping, case let left = end - ContinuousClock.now, left > .zero { _ = await wake.wait(for: left) }
  }

  private func post(_ body: [UInt8]) async -> Answer {
    let reply: HTTPClientReply
    do {
      reply = try await http.perform(
        HTTPClientRequest(
          method: "POST", url: settings.url, headers: [("Content-Type", "application/json")] + settings.headers,
          body: body, timeout: settings.timeout, bodyBytesMax: Self.replyBytesMax, connection: .reuse))
    } catch let error as HTTPClientError {
      return .later(error.description, nil)
    } catch {
      return .later("the request was given up", nil)
    }
    // Its words are not repeated: an error page may show the request's headers.
    let reason = "HTTP status \(reply.status)"
    switch reply.status {
    case 200..<300: return .taken(rejected: OTLPJSON.rejected(reply.body))
    case 429, 502, 503, 504:
      let wanted = reply.headers.first { $0.name.lowercased() == "retry-after" }.flatMap { Int($0.value) }
      return .later(reason, wanted.map { .seconds(max(0, min($0, 86_400))) })
    default: return .refused(reason)
    }
  }

  private func drop(_ count: Int, _ why: String, _ reason: String) {
    metrics.add(Self.droppedName, ["why": why], by: Double(count))
    note(reason)
  }

  /// Once, until the collector takes spans again.
  private func note(_ reason: String) {
    guard !isFailing else { return }
    isFailing = true
    log.warning(
      "the collector takes no spans; orders are not affected",
      ["collector": ServerAddress(url: settings.url)?.description, "reason": reason])
  }
}
