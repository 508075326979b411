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

/// `dispatcher run`: the intake and the sender in one process.
enum RunCommand {
  static let command = Command(
    "run", "Takes orders in over HTTP and sends them to their providers, until SIGTERM.",
    settings: Setting.common + [.httpAddress, .metricsAddress, .dashboardAddress, .providerPrivateHosts, .rateLimit]
      + Setting.checks,
    example: "dispatcher run --http-address 127.0.0.1:8080"
  ) { _, settings in
    let frame = try ProcessFrame(program: "dispatcher", settings: settings)
    try frame.startTracing()
    let http = HTTPClient(
      connectionsMax: ProviderClient.connectionsMax, addresses: try settings.providerAddresses())
    let planner = JobPlanner(broker: frame.broker, log: frame.log)
    let sender = try Sender(
      frame: frame, client: ProviderClient(http: http), planner: planner, schedule: try settings.checkSchedule())
    var handlers = Handlers()
    let send: @Sendable (DispatchOrder, JobContext) async throws -> Outcome = { try await sender.run($0, $1) }
    handlers.on(DispatchOrder.self, policy: .persistent, frame.traced(send))
    let runner = try RunnerService(frame: frame, queue: .dispatch, handlers: handlers)
    let intake = try IntakeService(frame: frame, planner: planner)
    let health = try HealthService(frame: frame)
    let dashboard = try DashboardService(frame: frame)
    try await frame.connect()
    // Stopped in the reverse order: first no new orders, then the sends under way finish, then the rest.
    try await frame.run(
      ([
        health, ControlService(frame: frame, runners: [runner]), runner, dashboard, intake, StartRebuild(frame: frame),
      ] as [(any ProcessService)?]).compactMap { $0 })
    http.close()
  }
}
