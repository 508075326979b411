import CommandLine
import Events
import Jobs
import Kinds
import OrderWork
import Process

/// `scheduler run`: any number may run side by side.
enum RunCommand {
  static let command = Command(
    "run", "Moves due jobs to their queues, publishes events, and repairs the queues, until SIGTERM.",
    settings: Setting.common + [.metricsAddress] + Setting.retentions, example: "scheduler run"
  ) { _, settings in
    let frame = try ProcessFrame(program: "scheduler", settings: settings)
    let health = try HealthService(frame: frame)
    try await frame.connect()
    let poison = PoisonOrders(frame: frame)
    let kinds = JobKinds.sevk
    let reconciler = Reconciler(frame: frame)
    let sweeper = try RetentionSweeper(frame: frame, queues: kinds.queues)
    let periodic = PeriodicService(
      frame: frame,
      tasks: [
        .init(name: "reconcile", every: .seconds(60)) { try await reconciler.reconcile() },
        .init(name: "retention", every: .seconds(60)) { try await sweeper.sweep() },
      ])
    let queueGauges = QueueGauges(frame: frame, queues: kinds.queues)
    let gauges = GaugeService(
      frame: frame,
      readings: [queueGauges.reading, OrderGauges(frame: frame).reading, ProviderGauges(frame: frame).reading])
    let relay = RelayService(frame: frame, sinks: [StreamSink(redis: frame.redis)])
    let promoters = try kinds.usedQueues.map { try PromoterService(frame: frame, queue: $0, poison: poison) }
    try await frame.run(
      ([health, ControlService(frame: frame, runners: [])] as [(any ProcessService)?]).compactMap { $0 }
        + promoters
        + [
          relay, LossWatch(frame: frame, reconciler: reconciler, queues: kinds.usedQueues), periodic, gauges,
        ])
  }
}
