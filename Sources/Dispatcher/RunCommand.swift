import API
import Calls
import CommandLine
import Dashboard
import EventLoop
import HTTPClient
import Jobs
import Kinds
import OrderWork
import Process
import ProviderGate
import Store
import Support
import Telemetry

/// `dispatcher run`: the intake and the sender in one process.
enum RunCommand {
  static let command = Command(
    "run", "Takes orders in over HTTP and sends them to their providers, until SIGTERM.",
    settings: Setting.common + [
      .httpAddress, .metricsAddress, .dashboardAddress, .providerPrivateHosts, .rateLimit, .gatewayAddress, .publicURL,
    ] + Setting.checks,
    example: "dispatcher run --http-address 127.0.0.1:8080"
  ) { _, settings in
    let frame = try ProcessFrame(program: "dispatcher", settings: settings)
    try frame.startTracing()
    let instruments = frame.instruments
    let http = HTTPClient(
      connectionsMax: ProviderClient.connectionsMax, addresses: try settings.providerAddresses(),
      agent: Program.agent)
    let client = ProviderClient(
      http: http, sandbox: StoredSandbox(frame.store), stock: StoredStock(frame.store),
      desk: StoredDesk(frame.store), tokens: StoredTokens(frame.store))
    let tools = OrderTools(
      store: frame.store, directory: frame.directory, planner: JobPlanner(broker: frame.broker, log: frame.log),
      schedule: try settings.checkSchedule(), instruments: instruments)
    let gate = ProviderGate(
      process: frame.name, slots: try settings.concurrency(), redis: frame.redis, store: frame.store,
      directory: frame.directory, client: client, instruments)
    let sender = Sender(tools, client: client, gate: gate)
    var handlers = Handlers()
    let send: @Sendable (DispatchOrder, JobContext) async throws -> Outcome = { try await sender.run($0, $1) }
    handlers.on(DispatchOrder.self, policy: .persistent, instruments.traced(send))
    let runner = try frame.runner(of: .dispatch, handlers)
    let intake = IntakeService(
      tools, frame.sources, database: frame.database, providers: gate, health: frame.health, redis: frame.redis,
      address: try settings.address(.httpAddress), rate: try settings.rateOrOff(.rateLimit),
      receivers: try settings.providerAddresses(),
      pages: PageLinks(base: try PublicURL.read(settings), vault: try frame.store.vault))
    let health = try frame.healthService()
    let dashboard = try DashboardService(settings, frame.sources, log: frame.log)
    let reconciler = Reconciler(tools, broker: frame.broker, lease: try settings.duration(.lease))
    try await frame.connect(startsWithoutRedis: true)
    // Stopped in the reverse order: first no new orders, then the sends under way finish, then the rest.
    try await frame.run(
      ([
        health, frame.control([runner]), runner, dashboard, intake, StartRebuild(reconciler, log: frame.log),
      ] as [(any ProcessService)?]).compactMap { $0 })
    http.close()
  }
}
