import CommandLine
import Events
import Jobs
import Kinds
import OrderWork
import Orders
import Process
import Store

/// `scheduler run`: any number may run side by side.
enum RunCommand {
  static let command = Command(
    "run", "Moves due jobs to their queues, publishes events, and repairs the queues, until SIGTERM.",
    settings: Setting.common + [.metricsAddress] + Setting.retentions, example: "scheduler run"
  ) { _, settings in
    let frame = try ProcessFrame(program: "scheduler", settings: settings)
    let health = try frame.healthService()
    try await frame.connect()
    let (store, redis, broker, instruments) = (frame.store, frame.redis, frame.broker, frame.instruments)
    let kinds = JobKinds.sevk
    let lease = try settings.duration(.lease, atLeast: .seconds(1))
    let tools = OrderTools(
      store: store, directory: frame.directory, planner: JobPlanner(broker: broker, log: frame.log),
      // What others do with the settings of checks; a wrong one stops them and not the schedulers.
      schedule: (try? settings.checkSchedule()) ?? CheckSchedule(), instruments: instruments)
    let poison = PoisonOrders(broker: broker, store: store, instruments)
    let reconciler = Reconciler(tools, broker: broker, lease: lease)
    let sweeper = try RetentionSweeper(
      settings, retention: Retention(pool: store.pool), broker: broker, redis: redis, queues: kinds.queues, instruments)
    let finder = SecondLookFinder(tools, broker, retention: sweeper.age)
    let news = ProviderNews(store: store, directory: frame.directory, redis: redis)
    let keeper = StockKeeper(store: store)
    let periodic = PeriodicService(
      redis: redis, log: frame.log,
      tasks: [
        .init(name: "reconcile", every: .seconds(60)) { try await reconciler.reconcile() },
        .init(name: "second looks", every: SecondLookFinder.interval) { try await finder.find() },
        .init(name: "retention", every: .seconds(60)) { try await sweeper.sweep() },
        .init(name: "stock", every: StockKeeper.interval) { try await keeper.look() },
        .init(name: "provider news", every: ProviderNews.interval) { try await news.look() },
      ])
    let queueGauges = QueueGauges(broker: broker, queues: kinds.queues)
    let gauges = GaugeService(
      readings: [
        queueGauges.reading, OrderGauges(store: store).reading,
        ProviderGauges(directory: frame.directory, redis: redis).reading, EndpointGauges(store: store).reading,
        SecondLookGauges(store: store).reading, StockGauges(store: store).reading,
        ChannelGauges(store: store).reading,
      ], instruments)
    let endpoints = EndpointSink(store: store) { lines in
      let jobs = lines.map { DeliverEvent.planned(endpoint: $0.line.endpoint, order: $0.line.order) }
      await tools.planner.plan(jobs)
      for (job, line) in zip(jobs, lines) where line.replaces { await tools.planner.hurry(job) }
    }
    let people = NotifySink(store: store) { lines in
      let jobs = lines.map {
        NotifyPeople.planned(target: $0.line.target, order: $0.line.order, channel: $0.channel)
      }
      await tools.planner.plan(jobs)
      // What is told next may be newer than what waits for its next attempt, and take its place.
      for (job, line) in zip(jobs, lines) where line.isBehind { await tools.planner.hurry(job) }
    }
    let relay = RelayService(
      process: frame.name, redis: redis, outbox: Outbox(pool: store.pool),
      sinks: [StreamSink(redis: redis, outbox: Outbox(pool: store.pool)), endpoints, people], instruments)
    let promoters = kinds.usedQueues.map { queue in
      PromoterService(queue: queue, broker: broker, lease: lease, instruments) { buried in
        try await poison.holdNewest(buried, of: queue)
      }
    }
    let watch = LossWatch(broker: broker, queues: kinds.usedQueues, reconciler: reconciler, instruments)
    try await frame.run(
      ([health, frame.control()] as [(any ProcessService)?]).compactMap { $0 } + promoters
        + [relay, watch, periodic, gauges])
  }
}
