import Jobs
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1))) struct RunnerStopTests {
  private struct Abandoned: Error {}

  @Test func runningJobsMayFinishWithinTheGrace() async throws {
    let (door, started) = (Door(), Happenings<Int>())
    let shop = Workshop(concurrency: 1) { job, _ in
      started.add(job.number)
      await door.pass()
      return .completed
    }
    try await shop.add(0..<3)
    let task = shop.start()
    #expect(await started.next() == 0)
    shop.runner.stop()
    door.open()
    await task.value
    // The first was completed, the others were left alone.
    #expect(await shop.broker.settled.next() == .init(id: "job-0", move: .complete, result: .settled))
    #expect(try await shop.counts() == QueueCounts(ready: 2, leased: 0, delayed: 0, dead: 0, isPaused: false))
  }

  /// However a handler puts its cancellation, the job goes back and no attempt is spent.
  @Test(arguments: [true, false]) func afterTheGraceJobsAreCancelledAndGivenBack(ownError: Bool) async throws {
    let started = Happenings<Int>()
    let shop = Workshop(grace: .milliseconds(10)) { job, _ in
      started.add(job.number)
      do { try await Task.sleep(for: .seconds(3600)) } catch {
        if ownError { throw Abandoned() }
        throw error
      }
      return .completed
    }
    try await shop.add(0..<2)
    let task = shop.start()
    _ = await started.next(2)
    shop.runner.stop()
    await task.value
    let settled = await shop.broker.settled.next(2)
    #expect(settled.allSatisfy { $0.move == .release && $0.result == .settled }, "\(settled)")
    for number in 0..<2 {
      let job = try #require(try await shop.find(number))
      #expect(job.state == .ready && job.record.attempts == 0)
    }
  }

  @Test func aCancellationThatIsNotOursIsAFailure() async throws {
    let shop = Workshop { _, _ in throw CancellationError() }
    try await shop.add(1)
    let task = shop.start()
    #expect(await shop.broker.settled.next().move == .delay(.seconds(100), attempts: 1))
    shop.runner.stop()
    await task.value
  }

  @Test func aJobThatFinishesInSpiteOfItsCancellationIsCompleted() async throws {
    let started = Happenings<Int>()
    let shop = Workshop(grace: .milliseconds(10)) { job, _ in
      started.add(job.number)
      try? await Task.sleep(for: .seconds(3600))
      return .completed
    }
    try await shop.add(1)
    let task = shop.start()
    _ = await started.next()
    shop.runner.stop()
    await task.value
    #expect(await shop.broker.settled.next() == .init(id: "job-1", move: .complete, result: .settled))
  }

  @Test func stoppingBeforeStartingRunsNothing() async throws {
    let shop = Workshop { _, _ in .completed }
    try await shop.add(1)
    shop.runner.stop()
    await shop.start().value
    #expect(try await shop.counts().ready == 1)
  }

  @Test func startingAndStoppingFiftyTimesLosesNothing() async throws {
    let runs = Mutex<[String: Int]>([:])
    let broker = ProbeBroker()
    var handlers = Handlers()
    handlers.on(NumberJob.self, policy: .persistent) { job, _ in
      runs.withLock { $0[job.id, default: 0] += 1 }
      return .completed
    }
    let options = Runner.Options(concurrency: 3, lease: .seconds(60), grace: .seconds(60))
    for round in 0..<50 {
      let jobs = (0..<20).map { NewJob(NumberJob(round * 20 + $0)) }
      _ = try await broker.enqueue(jobs, to: .check)
      let runners = (0..<2).map { number in
        Runner(
          queue: .check, broker: broker, handlers: handlers, options: options, token: "\(round)-\(number)",
          report: { _ in })
      }
      // Each round stops at another moment: at once, or after some of its jobs were run. Counted before the runners
      // start, since they may be through before this task runs again.
      let enough = runs.withLock { $0.count } + round % 10
      await withTaskGroup(of: Void.self) { group in
        for runner in runners { group.addTask { await runner.run() } }
        if round % 10 > 0 {
          while runs.withLock({ $0.count }) < enough { _ = await broker.settled.next() }
        }
        for runner in runners { runner.stop() }
      }
      #expect(try await broker.counts(of: .check).leased == 0, "round \(round)")
    }
    let left = try await broker.counts(of: .check)
    let done = runs.withLock { $0 }
    #expect(left.ready + done.count == 1000)
    #expect(left.delayed == 0 && left.dead == 0)
    #expect(done.values.allSatisfy { $0 == 1 })
  }
}
