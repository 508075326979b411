import CommandLine
public import EventLoop
public import Jobs
import Orders
public import Telemetry

/// Runs the jobs of one queue in this process, and counts what becomes of them.
@LoopActor
public final class RunnerService: ProcessService {
  public let name: String
  public let runner: Runner
  private var task: Task<Void, Never>?

  /// - Parameter process: whose name the leases bear.
  public init(
    queue: QueueName, broker: any Broker, handlers: Handlers, options: Runner.Options, process: String,
    instruments: Instruments
  ) {
    name = "runner of \(queue)"
    let log = instruments.log
    let metrics = JobMetrics(instruments.metrics, queue: queue, kinds: handlers.kinds)
    runner = Runner(
      queue: queue, broker: broker, handlers: handlers, options: options, token: "\(process)/\(queue)"
    ) { event in
      switch event {
      case .finished(let job, let outcome, let took):
        metrics.count(job, outcome, took: took)
        switch outcome {
        case .retry(let reason):
          log.warning(
            "job failed, will be tried again",
            ["job": job.id, "kind": job.kind, "reason": reason, "trace": job.traceID])
        case .dead(let reason):
          log.error(
            "job is dead; see: worker job list --state dead",
            ["job": job.id, "kind": job.kind, "reason": reason, "trace": job.traceID])
        case .completed, .snooze, .cancelled, .interrupted:
          // Asked first, since making the line costs more than a job may.
          if Log.isDebugging {
            log.debug(
              "job ended",
              ["job": job.id, "kind": job.kind, "outcome": outcome.name, "took": took.inWords, "trace": job.traceID])
          }
        }
      case .leaseLost(let job):
        metrics.leasesLost.add()
        log.warning(
          "the lease of a job is gone; whoever has the job now goes on with it",
          ["job": job.id, "kind": job.kind, "trace": job.traceID])
      case .brokerFailed(let reason, let pause):
        log.error("cannot take jobs, trying again", ["queue": "\(queue)", "reason": reason, "in": pause.inWords])
      case .brokerRecovered:
        log.info("taking jobs again", ["queue": "\(queue)"])
      }
    }
  }

  public func start() async throws {
    let runner = runner
    task = Task(executorPreference: EventLoop.shared) { await runner.run() }
  }

  public func stop() async {
    runner.stop()
    await task?.value
  }
}
