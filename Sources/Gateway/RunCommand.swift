import API
import CommandLine
import CustomerPage
import EventLoop
import Events
import Kinds
import Notify
import OrderWork
import Orders
import Process
import Redis
import Store

/// `gateway run`: any number may run side by side; they keep no truth.
enum RunCommand {
  static let command = Command(
    "run",
    "Serves live events by server-sent events and WebSocket; where it has the key also the pages of orders, and what providers and"
      + " Telegram post. Until SIGTERM.",
    settings: Setting.common + [.gatewayAddress, .publicURL, .metricsAddress, .streamsPerToken, .streamsPerTenant]
      + Setting.checks,
    example: "gateway run --gateway-address 127.0.0.1:8081"
  ) { _, settings in
    // What it shows is no secret of a provider or a customer, so it holds no key, unless it is to verify what providers post
    // and to show customers their orders.
    let frame = try ProcessFrame(program: "gateway", settings: settings, key: .ifGiven)
    let url = try PublicURL.read(settings)
    let outbox = Outbox(pool: frame.store.pool)
    let feed = EventFeed(redis: frame.redis.url, outbox: outbox, frame.instruments)
    var limits = StreamHub.Limits()
    limits.streamsOfTokenMax = try settings.integer(.streamsPerToken, in: 1...limits.streamsMax)
    limits.streamsOfTenantMax = try settings.integer(.streamsPerTenant, in: 1...limits.streamsMax)
    let hub = StreamHub(limits, feed: feed, outbox: outbox, directory: frame.directory, frame.instruments)
    let hooks =
      settings.isGiven(.secretKey)
      ? ProviderHooks(
        NoticeTaker(
          store: frame.store, directory: frame.directory, broker: frame.broker, schedule: try settings.checkSchedule(),
          frame.instruments)) : nil
    let telegram =
      settings.isGiven(.secretKey)
      ? TelegramHooks(
        frame.store,
        handlers: [
          AskButton(
            store: frame.store,
            ask: AskNow(store: frame.store, directory: frame.directory, broker: frame.broker))
        ],
        plan: { [planner = JobPlanner(broker: frame.broker, log: frame.log)] line, channel in
          await planner.plan(NotifyPeople.planned(target: line.target, order: line.order, channel: channel))
        }, frame.instruments) : nil
    let pages =
      settings.isGiven(.secretKey)
      ? try orderPages(frame, feed: feed, url: url, schedule: try settings.checkSchedule()) : nil
    let gateway = GatewayService(
      frame.store, frame.directory, redis: frame.redis, health: frame.health, hub: hub, feed: feed, outbox: outbox,
      hooks: hooks, telegram: telegram, pages: pages, address: try settings.address(.gatewayAddress), publicURL: url,
      isOutageTold: { [database = frame.database] in database.isTold }, frame.instruments)
    let health = try frame.healthService()
    try await frame.connect()
    try await frame.run(([health, frame.control(), gateway] as [(any ProcessService)?]).compactMap { $0 })
  }
  @LoopActor
  private static func orderPages(
    _ frame: ProcessFrame, feed: EventFeed, url: String, schedule: CheckSchedule
  ) throws -> OrderPages {
    let desks = DeskPages(
      store: frame.store,
      fulfilments: Fulfilments(
        store: frame.store, directory: frame.directory, broker: frame.broker, schedule: schedule, frame.instruments),
      log: frame.log)
    return try OrderPages(
      frame.store, feed: feed, publicURL: url, frame.instruments, fulfilment: { try await desks.fulfilment(of: $0) },
      askToCancel: { try await desks.askToCancel($0) })
  }
}
