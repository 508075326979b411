import ProviderGate
import CommandLine
import Process
import OrderWork
import Calls
import EventLoop
import HTTPClient
import Jobs
import Store

/// `worker run`: runs the jobs of the queues `check` and `deliver`.
enum RunCommand {
  static let command = Command(
    "run", usage: "[--queues check,deliver]", "Asks providers about orders until they are settled, until SIGTERM.",
    grammar: .init(values: ["--queues"], choices: ["--queues": ["check", "deliver"]]),
    settings: Setting.common + [.metricsAddress, .providerPrivateHosts] + Setting.checks,
    example: "worker run --queues check"
  ) { arguments, settings in
    let queues = try (arguments.value("--queues") ?? "check,deliver").split(separator: ",").map { text in
      guard let queue = QueueName(text), [.check, .deliver].contains(queue) else {
        throw UsageError("--queues \(text) is not known; a worker runs check and deliver")
      }
      return queue
    }
    let frame = try ProcessFrame(program: "worker", settings: settings)
    try frame.startTracing()
    let http = HTTPClient(
      connectionsMax: ProviderClient.connectionsMax, addresses: try settings.providerAddresses())
    let checker = try OrderChecker(
      frame: frame, client: ProviderClient(http: http), planner: JobPlanner(broker: frame.broker, log: frame.log),
      schedule: try settings.checkSchedule())
    var handlers = Handlers()
    let check: @Sendable (CheckOrder, JobContext) async throws -> Outcome = { try await checker.run($0, $1) }
    handlers.on(CheckOrder.self, policy: .persistent, frame.traced(check))
    let runners = try queues.map { try RunnerService(frame: frame, queue: $0, handlers: handlers) }
    let health = try HealthService(frame: frame)
    try await frame.connect()
    // Says at once which providers' credentials can't be read, not when their first order comes.
    _ = try? await frame.directory.providers()
    try await frame.run(
      ([health, ControlService(frame: frame, runners: runners)] as [(any ProcessService)?]).compactMap { $0 }
        + [ServiceGroup("runners", runners)])
    http.close()
  }
}
