import Calls
import CommandLine
import EventLoop
import HTTPClient
import Jobs
import Kinds
import Notify
import OrderWork
import Process
import ProviderGate
import Store
import Telemetry
import Webhooks

/// `worker run`: runs the jobs of the queues that are the worker's, `check` and `deliver`.
enum RunCommand {
  private static let queues = JobKinds.sevk.queues(runBy: "worker")

  static let command = Command(
    "run", usage: "[--queues \(queues.map(\.rawValue).joined(separator: ","))]",
    "Asks providers about orders until they are settled, until SIGTERM.",
    grammar: .init(values: ["--queues"], choices: ["--queues": queues.map(\.rawValue)]),
    settings: Setting.common + [.metricsAddress, .providerPrivateHosts, .deliveryRetries] + Setting.checks,
    details: ["worker run list, show, resume and abort are about runs over many orders, and no process."],
    example: "worker run --queues check"
  ) { arguments, settings in
    let queues = try arguments.value("--queues").map(wanted) ?? queues
    let frame = try ProcessFrame(program: "worker", settings: settings)
    try frame.startTracing()
    let http = HTTPClient(
      connectionsMax: ProviderClient.connectionsMax, addresses: try settings.providerAddresses(),
      agent: Program.agent)
    let client = ProviderClient(
      http: http, sandbox: StoredSandbox(frame.store), stock: StoredStock(frame.store),
      desk: StoredDesk(frame.store), tokens: StoredTokens(frame.store))
    let tools = OrderTools(
      store: frame.store, directory: frame.directory, planner: JobPlanner(broker: frame.broker, log: frame.log),
      schedule: try settings.checkSchedule(), instruments: frame.instruments)
    let gate = ProviderGate(
      process: frame.name, slots: try settings.concurrency(), redis: frame.redis, store: frame.store,
      directory: frame.directory, client: client, frame.instruments)
    let questions = QuestionGate(redis: frame.redis, frame.instruments)
    let checker = OrderChecker(tools, client: client, gate: gate, questions: questions)
    let looker = SecondLooker(tools, client: client, gate: gate, questions: questions)
    var handlers = Handlers()
    let check: @Sendable (CheckOrder, JobContext) async throws -> Outcome = { try await checker.run($0, $1) }
    handlers.on(CheckOrder.self, policy: .persistent, frame.instruments.traced(check))
    let look: @Sendable (LookAgain, JobContext) async throws -> Outcome = { try await looker.run($0, $1) }
    handlers.on(LookAgain.self, policy: .persistent, frame.instruments.traced(look))
    let receivers = HTTPClient(
      connectionsMax: EventDelivery.connectionsMax, addresses: try settings.providerAddresses(),
      agent: Program.agent)
    let retries = RetrySchedule(pauses: try settings.durations(.deliveryRetries, upTo: RetrySchedule.span))
    let delivery = EventDelivery(
      store: frame.store, http: receivers, redis: frame.redis, slots: try settings.concurrency(), retries: retries,
      frame.instruments)
    handlers.on(DeliverEvent.self, policy: .persistent) { try await delivery.run($0, $1) }
    // Services of their own rule: what a shop's receivers take long for holds nobody's message up.
    let services = HTTPClient(
      connectionsMax: Messenger.connectionsMax, addresses: try settings.providerAddresses(), agent: Program.agent)
    let mail = MailClient(addresses: try settings.providerAddresses())
    let teller = Teller(
      store: frame.store, messenger: Messenger(http: services, mail: mail), slots: try settings.concurrency(),
      pauses: try settings.durations(.deliveryRetries, upTo: RetrySchedule.span), frame.instruments)
    handlers.on(NotifyPeople.self, policy: .persistent) { try await teller.run($0, $1) }
    let runners = try queues.map { try frame.runner(of: $0, handlers) }
    let health = try frame.healthService()
    try await frame.connect()
    // Says at once which providers' credentials can't be read, not when their first order comes.
    _ = try? await frame.directory.providers()
    try await frame.run(
      ([health, frame.control(runners)] as [(any ProcessService)?]).compactMap { $0 }
        + [ServiceGroup("runners", runners)])
    http.close()
    receivers.close()
    services.close()
    mail.close()
  }

  private static func wanted(_ text: String) throws(UsageError) -> [QueueName] {
    var wanted: [QueueName] = []
    for name in text.split(separator: ",") {
      guard let queue = QueueName(name), queues.contains(queue) else {
        let known = queues.map(\.rawValue).joined(separator: " and ")
        throw UsageError("--queues \(name) is not known; a worker runs \(known)")
      }
      wanted.append(queue)
    }
    return wanted
  }
}
