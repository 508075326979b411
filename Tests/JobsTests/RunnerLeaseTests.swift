import Jobs
import Testing

@Suite(.timeLimit(.minutes(1))) struct RunnerLeaseTests {
  @Test func nothingIsWrittenOnceTheLeaseRanOut() async throws {
    let (door, started) = (Door(), Happenings<Int>())
    let shop = Workshop { job, _ in
      started.add(job.number)
      await door.pass()
      return .completed
    }
    try await shop.add(1)
    let task = shop.start()
    _ = await started.next()
    shop.clock.advance(.seconds(61))
    door.open()
    #expect(await shop.broker.settled.next() == .init(id: "job-1", move: .complete, result: .lost))
    guard case .finished = await shop.events.next(), case .leaseLost(let record) = await shop.events.next() else {
      Issue.record("the lost lease was not reported")
      return
    }
    #expect(record.id == "job-1")
    #expect(try await shop.find(1)?.state == .leased)
    #expect(try await shop.promote().reaped == 1)
    shop.runner.stop()
    await task.value
  }

  @Test func aJobThatComesBackIsNotRunTwiceAtOnce() async throws {
    let (door, started) = (Door(), Happenings<Lease>())
    let shop = Workshop { _, context in
      started.add(context.lease)
      await door.pass()
      return .completed
    }
    try await shop.add(1)
    let task = shop.start()
    let lease = await started.next()
    #expect(lease.isHeld())
    // Its lease runs out by the broker's clock, so the same runner is given it again.
    shop.clock.advance(.seconds(61))
    #expect(try await shop.promote().reaped == 1)
    #expect(await shop.broker.settled.next().move == .postpone(.seconds(1)))
    #expect(!lease.isHeld(), "the first run is told that it is fenced off")
    #expect(await shop.runner.active.count == 1)
    door.open()
    #expect(await shop.broker.settled.next() == .init(id: "job-1", move: .complete, result: .lost))
    // When the first run is over, the job has its turn.
    shop.clock.advance(.seconds(1))
    #expect(try await shop.promote().promoted == 1)
    #expect(await started.next().isHeld())
    #expect(await shop.broker.settled.next() == .init(id: "job-1", move: .complete, result: .settled))
    shop.runner.stop()
    await task.value
  }

  @Test func heartbeatsKeepTheLease() async throws {
    let (door, started) = (Door(), Happenings<Int>())
    let shop = Workshop(lease: .milliseconds(60)) { job, _ in
      started.add(job.number)
      await door.pass()
      return .completed
    }
    try await shop.add(1)
    let task = shop.start()
    _ = await started.next()
    // More time than the lease has passes by the broker's clock, with heartbeats in between.
    for _ in 0..<3 {
      shop.clock.advance(.milliseconds(40))
      // The first may have begun before the clock moved, the second has not.
      #expect(await shop.broker.extended.next(2) == [1, 1])
    }
    #expect(try await shop.promote().reaped == 0)
    door.open()
    #expect(await shop.broker.settled.next().result == .settled)
    shop.runner.stop()
    await task.value
  }

  @Test func aJobThatMayHaveEndedItsWorkersIsRunAlone() async throws {
    let (started, doors) = (Happenings<Int>(), (1...3).map { _ in Door() })
    let shop = Workshop { job, _ in
      started.add(job.number)
      await doors[job.number - 1].pass()
      return .completed
    }
    try await shop.add([1, 2])
    for _ in 0..<DeadWorkers.suspicious {
      #expect(try await shop.broker.claim(2, from: Workshop.queue, token: "dead", lease: .seconds(1)).jobs.count == 2)
      shop.clock.advance(.seconds(1))
      #expect(try await shop.promote().reaped == 2)
    }
    try await shop.add(3)
    let task = shop.start()
    for number in 1...3 {
      #expect(await started.next() == number)
      #expect(await shop.runner.active.map(\.record.id) == ["job-\(number)"])
      // The others have no lease that they could lose.
      #expect(try await shop.counts().leased == 1)
      #expect(try await shop.counts().ready == 3 - number)
      doors[number - 1].open()
      #expect(await shop.broker.settled.next() == .init(id: "job-\(number)", move: .complete, result: .settled))
    }
    shop.runner.stop()
    await task.value
  }

  @Test func suspectsThatComeWhileOthersRunWaitForThem() async throws {
    let (started, doors) = (Happenings<Int>(), (1...3).map { _ in Door() })
    let shop = Workshop { job, _ in
      started.add(job.number)
      await doors[job.number - 1].pass()
      return .completed
    }
    try await shop.add([1, 2])
    for _ in 0..<DeadWorkers.suspicious {
      #expect(try await shop.broker.claim(2, from: Workshop.queue, token: "dead", lease: .seconds(1)).jobs.count == 2)
      shop.clock.advance(.seconds(1))
      #expect(try await shop.promote().reaped == 2)
    }
    for _ in 1...2 {
      let claim = try await shop.broker.claim(9, from: Workshop.queue, token: "t", lease: .seconds(60))
      _ = try await shop.broker.settle(
        claim.jobs.map { Settlement($0, .postpone(.seconds(9))) }, in: Workshop.queue, token: "t")
      _ = await shop.broker.settled.next()
    }
    try await shop.add(3)
    let task = shop.start()
    #expect(await started.next() == 3)
    shop.clock.advance(.seconds(9))
    #expect(try await shop.promote().promoted == 2)
    for number in [3, 1, 2] {
      if number != 3 { #expect(await started.next() == number) }
      #expect(await shop.runner.active.map(\.record.id) == ["job-\(number)"])
      doors[number - 1].open()
      #expect(await shop.broker.settled.next() == .init(id: "job-\(number)", move: .complete, result: .settled))
    }
    shop.runner.stop()
    await task.value
  }

  /// An order that waits at its provider after two workers died at it must not stop its process at every turn.
  @Test func aSuspectThatOnlySnoozedIsNoneAnyMore() async throws {
    let (started, doors) = (Happenings<Int>(), (1...2).map { _ in Door() })
    let shop = Workshop { job, _ in
      started.add(job.number)
      guard job.number == 1 else {
        await doors[job.number - 1].pass()
        return .completed
      }
      return .snooze(.seconds(9))
    }
    try await shop.add(1)
    for _ in 0..<DeadWorkers.suspicious {
      #expect(try await shop.broker.claim(1, from: Workshop.queue, token: "dead", lease: .seconds(1)).jobs.count == 1)
      shop.clock.advance(.seconds(1))
      #expect(try await shop.promote().reaped == 1)
    }
    let task = shop.start()
    #expect(await started.next() == 1)
    #expect(await shop.broker.settled.next().move == .delay(.seconds(9), attempts: 0))
    // Beside one that runs for long it is claimed again, and runs.
    try await shop.add(2)
    #expect(await started.next() == 2)
    shop.clock.advance(.seconds(9))
    #expect(try await shop.promote().promoted == 1)
    #expect(await started.next() == 1)
    #expect(await shop.broker.settled.next().move == .delay(.seconds(9), attempts: 0))
    doors[1].open()
    #expect(await shop.broker.settled.next() == .init(id: "job-2", move: .complete, result: .settled))
    shop.runner.stop()
    await task.value
  }

  @Test func aLeaseIsHeldUntilItsEndOrItsLoss() {
    let now = ContinuousClock.now
    let lease = Lease(endsAt: now + .seconds(60))
    #expect(lease.isHeld())
    #expect(lease.isHeld(for: .seconds(50)))
    #expect(!lease.isHeld(for: .seconds(61)))
    #expect(!Lease(endsAt: now - .seconds(1)).isHeld())
  }
}
