public import Jobs

/// What is counted of every attempt at a job of one queue. Each series is found once, since this happens for each of a
/// hundred thousand jobs a second.
public struct JobMetrics: Sendable {
  private struct Kind: Sendable {
    let completed, retry, snooze, cancelled, dead, interrupted: MetricSample
    let duration: MetricHistogram

    init(_ metrics: Metrics, _ queue: QueueName, _ kind: String) {
      func attempts(_ outcome: String) -> MetricSample {
        metrics.sample("sevk_jobs_processed_total", ["queue": "\(queue)", "kind": kind, "outcome": outcome])
      }
      completed = attempts("completed")
      retry = attempts("retry")
      snooze = attempts("snooze")
      cancelled = attempts("cancelled")
      dead = attempts("dead")
      interrupted = attempts("interrupted")
      duration = metrics.histogram("sevk_job_duration_seconds", ["queue": "\(queue)", "kind": kind])
    }
  }

  private let kinds: [String: Kind]
  /// A kind that this version does not know; what a record says may be anything.
  private let otherKind: Kind
  public let leasesLost: MetricSample

  public init(_ metrics: Metrics, queue: QueueName, kinds: [String]) {
    metrics.describe("sevk_jobs_processed_total", "counter", "Attempts at jobs, by how they ended")
    metrics.describe("sevk_job_duration_seconds", "histogram", "How long attempts at jobs took")
    metrics.describe("sevk_job_leases_lost_total", "counter", "Attempts whose lease ran out before they were settled")
    self.kinds = Dictionary(uniqueKeysWithValues: kinds.map { ($0, Kind(metrics, queue, $0)) })
    otherKind = Kind(metrics, queue, "other")
    leasesLost = metrics.sample("sevk_job_leases_lost_total", ["queue": "\(queue)"])
  }

  public func count(_ job: JobRecord, _ outcome: Outcome, took: Duration) {
    let kind = kinds[job.kind] ?? otherKind
    kind.duration.observe(took)
    switch outcome {
    case .completed: kind.completed.add()
    case .retry: kind.retry.add()
    case .snooze: kind.snooze.add()
    case .cancelled: kind.cancelled.add()
    case .dead: kind.dead.add()
    case .interrupted: kind.interrupted.add()
    }
  }
}
