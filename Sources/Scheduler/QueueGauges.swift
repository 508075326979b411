import EventLoop
import Jobs
import Queue

/// How many jobs wait in each queue, and for how long.
///
/// Redis keeps the turn of a ready job, not since when it is ready. So a few jobs of each queue are remembered: the one
/// that is next and the one that stands last, each time. As long as one of them is still ready, it has waited since.
@LoopActor
final class QueueGauges {
  static let interval = Duration.seconds(5)
  /// Most jobs remembered of a queue. While none of them moves, newer ones tell nothing.
  private static let rememberedMax = 100

  private let broker: RedisBroker
  private let queues: [QueueName]
  private var remembered: [QueueName: [String: ContinuousClock.Instant]] = [:]

  init(broker: RedisBroker, queues: [QueueName]) {
    self.broker = broker
    self.queues = queues
  }

  var reading: GaugeService.Reading {
    GaugeService.Reading(
      name: "queues", every: Self.interval,
      gauges: [
        ("sevk_queue_jobs", "Jobs in the queue, by state"),
        ("sevk_queue_paused", "1 while the queue is paused"),
        (
          "sevk_queue_oldest_ready_age_seconds",
          "For how long, at least, a job has been ready and not taken: some are looked at every 5 s"
        ),
      ]
    ) { try await self.read() }
  }

  private func read() async throws -> [Gauge] {
    var gauges: [Gauge] = []
    for queue in queues {
      let counts = try await broker.counts(of: queue)
      let states = [
        ("ready", counts.ready), ("leased", counts.leased), ("delayed", counts.delayed), ("dead", counts.dead),
      ]
      for (state, count) in states {
        gauges.append(Gauge("sevk_queue_jobs", ["queue": "\(queue)", "state": state], count))
      }
      gauges.append(Gauge("sevk_queue_paused", ["queue": "\(queue)"], counts.isPaused ? 1 : 0))
      gauges.append(Gauge("sevk_queue_oldest_ready_age_seconds", ["queue": "\(queue)"], try await age(queue)))
    }
    return gauges
  }

  private func age(_ queue: QueueName) async throws -> Duration? {
    let known = remembered[queue] ?? [:]
    let ids = Array(known.keys)
    var ready: [String: ContinuousClock.Instant] = [:]
    for (id, state) in zip(ids, try await broker.states(of: ids, in: queue)) where state == .ready {
      ready[id] = known[id]
    }
    let now = ContinuousClock.now
    for id in try await broker.readyEnds(of: queue) where ready[id] == nil && ready.count < Self.rememberedMax {
      ready[id] = now
    }
    remembered[queue] = ready
    return ready.values.min().map { now - $0 }
  }
}
