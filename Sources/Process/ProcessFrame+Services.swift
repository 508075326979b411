public import CommandLine
import EventLoop
public import Jobs
import Store
import Telemetry

/// The services that every program, or every program with jobs, has.
extension ProcessFrame {
  /// `/healthz`, `/readyz` and `/metrics` of this process.
  public var health: HealthEndpoints {
    HealthEndpoints(store: store, redis: redis, problem: { [mark] in mark.problem }) { self.renderMetrics() }
  }

  /// Those on an address of their own; nil when `SEVK_METRICS_ADDRESS` is `off`.
  public func healthService() throws(UsageError) -> HealthService? {
    guard try settings.string(.metricsAddress) != "off" else { return nil }
    return HealthService(health, at: try settings.address(.metricsAddress), log: log)
  }

  /// Lets `worker inspect` find this process.
  public func control(_ runners: [RunnerService] = []) -> ControlService {
    ControlService(program: program, process: name, redis: redis, metrics: metrics, runners: runners)
  }

  /// Runs the jobs of a queue as the settings say: how many at once, how long a lease and the grace are.
  public func runner(of queue: QueueName, _ handlers: Handlers) throws(UsageError) -> RunnerService {
    RunnerService(
      queue: queue, broker: broker, handlers: handlers,
      options: Runner.Options(
        concurrency: try settings.concurrency(), lease: try settings.duration(.lease, atLeast: .seconds(1)),
        grace: try settings.duration(.shutdownGrace, atLeast: .zero)),
      process: name, instruments: instruments)
  }
}
