import EventLoop
import Glibc
import Kinds
import Postgres
import PrivateServers
import Queue

/// How fast events that are in line get to a receiver that answers at once.
@LoopActor
struct WebhookDrain {
  struct Result {
    let perSecond: Double
    let cpu: WebhooksReport.CPU
    let residentMegabytes: Double
    let noise: Double
  }

  /// Events of one order, which are posted one after the other.
  nonisolated static let perOrder = 2
  private static let standstill = Duration.seconds(30)
  /// Until a scheduler that found Redis emptied has looked at all that is in line.
  private static let calm = Duration.seconds(3)
  private static let stopGrace = Duration.seconds(10)

  let installation: Installation
  let events: Int
  let endpoints: Int

  /// One round of one worker, with a scheduler.
  func sevk() async throws -> Result {
    let receiver = try await ReceiverProgram(installation.stage, notesTimes: false)
    let rows = try await prepare(receiver)
    try await rows.broker.setPaused(true, queue: DeliverEvent.queue)
    try await rows.enqueue(lines) { $0 % endpoints + 1 }
    // The scheduler brings back what had to wait for a place in its endpoint's lane.
    try await installation.start(["worker", "scheduler"])
    try await EventLoop.sleep(for: Self.calm)
    let result = try await measure(receiver, Array(installation.processes.values), limit: .seconds(3600)) {
      try await rows.broker.setPaused(false, queue: DeliverEvent.queue)
    } isOver: {
      try await rows.delivered() == events
    }
    await installation.stopProcesses()
    await receiver.stop()
    return result
  }

  /// One round of Celery, a task an event.
  ///
  /// - Parameter limit: how long it may take.
  func peer(_ peers: Peers, limit: Duration) async throws -> Result {
    let receiver = try await ReceiverProgram(installation.stage, notesTimes: false)
    _ = try await prepare(receiver)
    let counts = installation.stage.emptied("counts")
    var environment = ChildProgram.environment.merging(installation.peerEnvironment) { $1 }
    environment[Counter.folderVariable] = counts
    environment["BENCH_RECEIVER"] = receiver.origin
    func start(_ launch: Launch, _ name: String) throws -> ChildProgram {
      try ChildProgram(
        launch.program, launch.arguments, environment: environment.merging(launch.environment) { $1 },
        log: "\(installation.stage.folder)/\(name).log")
    }
    let load = try start(peers.webhookLoad(), "webhook-load")
    let end = try await load.ended(within: limit)
    guard end == .exited(0) else { throw RoundFailure("the load ended with \(end.words)", logsOf: [load]) }
    let workers = try peers.webhookWorkers().enumerated().map { try start($1, "webhook-\($0)") }
    do {
      try await Waiting.until("Celery was ready", within: min(Self.standstill, limit)) {
        try Self.requireAlive(workers)
        return Tally(folder: counts).processes >= Peers.webhookProcesses
      }
      let result = try await measure(receiver, workers, limit: limit) {
        close(open("\(counts)/gate", O_CREAT | O_WRONLY, 0o644))
      } isOver: {
        true
      }
      await stop(workers)
      await receiver.stop()
      return result
    } catch {
      await stop(workers)
      await receiver.stop()
      throw error
    }
  }

  private var lines: Range<Int> { 1..<(events / Self.perOrder + 1) }

  private func prepare(_ receiver: ReceiverProgram) async throws -> WebhookRows {
    let rows = WebhookRows(installation)
    try await rows.setUp((1...endpoints).map { "\(receiver.origin)/endpoint/\($0)" })
    try await rows.fill(lines, perLine: Self.perOrder, endpoint: "line % \(endpoints) + 1")
    return rows
  }

  private static func requireAlive(_ processes: [ChildProgram]) throws {
    for process in processes {
      if let end = process.poll() { throw RoundFailure("it ended with \(end.words)", logsOf: [process]) }
    }
  }

  /// What they started themselves may outlive them.
  private func stop(_ workers: [ChildProgram]) async {
    let family = workers.flatMap { CPUTimes.read().family(of: $0.id) }
    for worker in workers { worker.signal(SIGTERM) }
    for worker in workers { await worker.stop(grace: Self.stopGrace) }
    for id in family where !workers.contains(where: { $0.id == id }) { kill(id, SIGKILL) }
  }

  /// From the first post that arrives to the last; CPU until all is written down too.
  private func measure(
    _ receiver: ReceiverProgram, _ clients: [ChildProgram], limit: Duration,
    _ begin: @LoopActor () async throws -> Void, isOver: @LoopActor () async throws -> Bool
  ) async throws -> Result {
    let before = CPUTimes.read()
    let begun = ContinuousClock.now
    try await begin()
    var (tally, progressAt) = (receiver.tally, ContinuousClock.now)
    while tally.count < events {
      try await EventLoop.sleep(for: .milliseconds(50))
      try Self.requireAlive(clients)
      let latest = receiver.tally
      if latest.count > tally.count { progressAt = .now }
      tally = latest
      guard ContinuousClock.now - progressAt < Self.standstill else {
        throw RoundFailure("it stands still after \(tally.count) of \(events) events", logsOf: clients)
      }
      guard ContinuousClock.now - begun < limit else {
        throw RoundFailure("it had posted \(tally.count) of \(events) events when its time was over", logsOf: clients)
      }
    }
    try await Waiting.until("all was written down", within: Self.standstill, isOver)
    let after = CPUTimes.read()
    guard receiver.tally.count == events else {
      throw RoundFailure("of \(events) events \(receiver.tally.count) came", logsOf: clients)
    }
    func perEvent(_ ids: [pid_t?]) -> Double {
      ids.compactMap { $0 }.reduce(0) { $0 + (after.seconds(of: $1) - before.seconds(of: $1)) / Double(events) * 1e6 }
    }
    return Result(
      perSecond: Double(events) / tally.seconds,
      cpu: .init(
        client: perEvent(clients.map(\.id)), redis: perEvent([installation.redisServer.process?.id]),
        postgresql: perEvent([installation.postgresServer.process?.id]), receiver: perEvent([receiver.process.id])),
      residentMegabytes: CPUTimes.residentMegabytes(clients.flatMap { after.family(of: $0.id) }),
      noise: after.noise(since: before))
  }
}
