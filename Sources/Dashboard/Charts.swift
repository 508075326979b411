import CommandLine
import EventLoop
import Jobs
import Orders
import Queue
import Store
import Support
import Telemetry

/// What queues did and providers answered, over the last hour and day.
@LoopActor
struct Charts {
  private static let spans: [(id: String, words: String, steps: Int, stepMinutes: Int, unit: String)] = [
    ("hour", "the last hour", 60, 1, "a minute"), ("day", "the last day", 24, 60, "an hour"),
  ]

  let sources: SupportSources
  /// On a connection of its own: a count must not stand before an order in the pipeline.
  let store: Store

  func page() async throws -> PageModel {
    var page = PageModel(
      title: "Charts · Sevk", heading: "Charts",
      lead: "What the queues did, from Redis, and what became of the sends to each provider, from PostgreSQL.",
      tone: .muted, asOf: Timestamp.rfc3339(now), isLive: false, tables: [])
    for queue in DeadJobs.queues { page.charts += try await ofQueue(queue) }
    for provider in try await sources.directory.providers() { page.charts += try await ofProvider(provider) }
    return page
  }

  func ofQueue(_ name: String) async throws -> [PageModel.Chart] {
    guard let queue = QueueName(name) else { return [] }
    let history = try await sources.broker.history(of: queue, minutes: 24 * 60)
    return Self.spans.map { span in
      var done = [Int](repeating: 0, count: span.steps)
      var (later, again, lost) = (done, done, done)
      for minute in history.minutes {
        let step = span.steps - 1 - Int(history.now - minute.minute) / span.stepMinutes
        guard minute.minute <= history.now, done.indices.contains(step) else { continue }
        done[step] += minute.tally[.done]
        later[step] += minute.tally[.postponed]
        again[step] += minute.tally[.retried]
        lost[step] += minute.tally[.dead] + minute.tally[.lost]
      }
      return chart(
        "queue-\(name)", "Queue \(name), \(span.words)", span.id, span.steps * span.stepMinutes, "jobs \(span.unit)",
        [
          .init(name: "done", tone: .good, values: done), .init(name: "put off", tone: .muted, values: later),
          .init(name: "tried again", tone: .warning, values: again),
          .init(name: "dead or lost", tone: .bad, values: lost),
        ])
    }
  }

  func ofProvider(_ provider: Provider) async throws -> [PageModel.Chart] {
    var charts: [PageModel.Chart] = []
    for span in Self.spans {
      let history = try await store.sendHistory(
        provider: provider.id, steps: span.steps, step: .seconds(span.stepMinutes * 60), nowMilliseconds: now)
      func values(_ states: [SendState]) -> [Int] { history.map { step in states.reduce(0) { $0 + (step[$1] ?? 0) } } }
      charts.append(
        chart(
          "provider-\(provider.id)", "Sends to \(provider.name), \(span.words)", span.id, span.steps * span.stepMinutes,
          "sends \(span.unit)",
          [
            .init(name: "accepted", tone: .good, values: values([.accepted])),
            .init(name: "refused", tone: .muted, values: values([.refused])),
            .init(name: "not sent or not received", tone: .warning, values: values([.notSent, .notReceived])),
            .init(name: "unknown or under way", tone: .bad, values: values([.unknown, .sending])),
          ]))
    }
    return charts
  }

  private var now: Int64 { Int64(Clock.unixMilliseconds()) }

  private func chart(
    _ id: String, _ caption: String, _ span: String, _ minutes: Int, _ unit: String, _ series: [PageModel.Chart.Series]
  ) -> PageModel.Chart {
    PageModel.Chart(
      id: "\(id)-\(span)", caption: caption, from: Timestamp.rfc3339(now - Int64(minutes) * 60_000),
      to: Timestamp.rfc3339(now), unit: unit, series: series)
  }
}
