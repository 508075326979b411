import Jobs
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1))) struct RunnerTests {
  private static let empty = QueueCounts(ready: 0, leased: 0, delayed: 0, dead: 0, isPaused: false)

  @Test func runsEveryJobOnce() async throws {
    let ran = Mutex<[Int]>([])
    let shop = Workshop { job, _ in
      ran.withLock { $0.append(job.number) }
      return .completed
    }
    try await shop.add(0..<100)
    let task = shop.start()
    let settled = await shop.broker.settled.next(100)
    #expect(settled.allSatisfy { $0.move == .complete && $0.result == .settled })
    shop.runner.stop()
    await task.value
    #expect(ran.withLock { $0.sorted() } == Array(0..<100))
    #expect(try await shop.counts() == Self.empty)
    #expect(await shop.runner.active.isEmpty)
  }

  @Test func anIdleRunnerIsWokenByAJob() async throws {
    let shop = Workshop { _, _ in .completed }
    let task = shop.start()
    await shop.broker.idle.next()
    try await shop.add(1)
    #expect(await shop.broker.settled.next() == .init(id: "job-1", move: .complete, result: .settled))
    shop.runner.stop()
    await task.value
  }

  @Test(arguments: [true, false]) func retriesWriteTheAttemptsDownAndEndInTheDeadSet(throwing: Bool) async throws {
    let seen = Happenings<Int>()
    let shop = Workshop { _, context in
      seen.add(context.record.attempts)
      if throwing { throw BrokerDown() }
      return .retry(reason: "the broker is down")
    }
    try await shop.add(1)
    let task = shop.start()
    for (attempts, pause) in [(1, 100), (2, 200)] {
      #expect(await seen.next() == attempts - 1)
      let settled = await shop.broker.settled.next()
      #expect(settled.move == .delay(.seconds(pause), attempts: attempts))
      let job = try #require(try await shop.find(1))
      #expect(job.state == .delayed && job.record.attempts == attempts && job.remaining == .seconds(pause))
      shop.clock.advance(.seconds(pause))
      #expect(try await shop.promote().promoted == 1)
    }
    let last = await shop.broker.settled.next()
    #expect(last.move == .bury(reason: "gave up after 3 attempts; last: the broker is down"))
    #expect(try await shop.find(1)?.state == .dead)
    shop.runner.stop()
    await task.value
  }

  @Test func whatCannotBeRunIsBuriedWithItsReason() async throws {
    let shop = Workshop { _, _ in
      Issue.record("nothing here can be run")
      return .completed
    }
    _ = try await shop.broker.enqueue(
      [
        NewJob(JobRecord(id: "kind", kind: "stranger")),
        NewJob(JobRecord(id: "payload", kind: NumberJob.kind, payload: Array("x".utf8))),
        NewJob(JobRecord(id: "record", kind: NumberJob.kind)),
      ], to: Workshop.queue)
    shop.broker.addUnreadable("record", reason: "3 fields, not 6")
    let task = shop.start()
    let settled = await shop.broker.settled.next(3)
    let reasons = Dictionary(uniqueKeysWithValues: settled.map { ($0.id, $0.move) })
    #expect(reasons["kind"] == .bury(reason: "no handler is registered for jobs of kind stranger"))
    #expect(reasons["payload"] == .bury(reason: "malformed payload: not a number"))
    #expect(reasons["record"] == .bury(reason: "3 fields, not 6"))
    #expect(try await shop.counts().dead == 3)
    shop.runner.stop()
    await task.value
  }

  @Test func aSnoozeSpendsNoAttempt() async throws {
    let shop = Workshop { _, context in context.record.attempts == 0 ? .snooze(.seconds(9)) : .completed }
    try await shop.add(1)
    let task = shop.start()
    for _ in 0..<5 {
      #expect(await shop.broker.settled.next().move == .delay(.seconds(9), attempts: 0))
      shop.clock.advance(.seconds(9))
      #expect(try await shop.promote().promoted == 1)
    }
    shop.runner.stop()
    await task.value
  }

  @Test func neverRunsMoreAtOnceThanAllowed() async throws {
    let underWay = Mutex(0)
    let most = Mutex(0)
    let (door, started) = (Door(), Happenings<Int>())
    let shop = Workshop(concurrency: 4) { job, _ in
      let count = underWay.withLock { count in
        count += 1
        return count
      }
      most.withLock { $0 = max($0, count) }
      started.add(job.number)
      await door.pass()
      underWay.withLock { $0 -= 1 }
      return .completed
    }
    try await shop.add(0..<50)
    let task = shop.start()
    #expect(await started.next(4).sorted() == [0, 1, 2, 3])
    #expect(await shop.runner.active.count == 4)
    #expect(try await shop.counts() == QueueCounts(ready: 46, leased: 4, delayed: 0, dead: 0, isPaused: false))
    door.open()
    _ = await shop.broker.settled.next(50)
    #expect(most.withLock { $0 } == 4)
    shop.runner.stop()
    await task.value
  }

  @Test func aFailingBrokerIsReportedOnceAndThenItsRecovery() async throws {
    let shop = Workshop(claimFailures: 3) { _, _ in .completed }
    try await shop.add(1)
    let task = shop.start()
    guard case .brokerFailed("the broker is down", let pause) = await shop.events.next() else {
      Issue.record("no report of the failure")
      return
    }
    #expect(pause > .zero)
    guard case .brokerRecovered = await shop.events.next() else {
      Issue.record("reported twice, or no recovery")
      return
    }
    #expect(await shop.broker.settled.next().move == .complete)
    shop.runner.stop()
    await task.value
  }

  @Test func aStopEndsTheWaitForABrokerThatIsDown() async throws {
    let shop = Workshop(claimFailures: .max) { _, _ in .completed }
    let task = shop.start()
    _ = await shop.events.next()
    shop.runner.stop()
    await task.value
  }

  @Test func aResultIsNotedOnceTheBrokerIsBack() async throws {
    let shop = Workshop { _, _ in .completed }
    shop.broker.failSettling(times: 2)
    try await shop.add(1)
    let task = shop.start()
    #expect(await shop.broker.settled.next() == .init(id: "job-1", move: .complete, result: .settled))
    shop.runner.stop()
    await task.value
    #expect(try await shop.counts() == Self.empty)
  }
}
