import EventLoop
import Testing

@Suite struct EventLoopTests {
  @Test func runsNonisolatedAndIsolatedCodeOnOneThread() async {
    @LoopActor func isolated() { #expect(EventLoop.shared.isOnLoop) }
    await Task(executorPreference: EventLoop.shared) {
      #expect(EventLoop.shared.isOnLoop)
      await isolated()
      #expect(EventLoop.shared.isOnLoop)
    }.value
  }

  @Test func sleepsAtLeastAsLongAsAsked() async throws {
    let clock = ContinuousClock()
    let start = clock.now
    try await EventLoop.sleep(for: .milliseconds(20))
    #expect(clock.now - start >= .milliseconds(20))
  }

  @Test func sleepEndsAtCancellation() async {
    let task = Task { try await EventLoop.sleep(for: .seconds(600)) }
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
  }

  @Test func batcherGathersOneTick() async throws {
    let sizes = Sizes()
    let batcher = Batcher<Int, Int>(batchMax: 100) { inputs in
      sizes.add(inputs.count)
      return inputs.map { .success($0 * 2) }
    }
    let sum = try await withThrowingTaskGroup(of: Int.self) { group in
      for number in 0..<50 { group.addTask { try await batcher.submit(number) } }
      var sum = 0
      for try await value in group { sum += value }
      return sum
    }
    #expect(sum == 49 * 50)
    #expect(await sizes.values.reduce(0, +) == 50)
    #expect(await sizes.values.count < 50)
  }

  @Test func batcherGivesEachItsOwnError() async throws {
    struct Odd: Error {}
    let batcher = Batcher<Int, Int>(batchMax: 100) { inputs in
      inputs.map { $0 % 2 == 0 ? .success($0) : .failure(Odd()) }
    }
    #expect(try await batcher.submit(2) == 2)
    await #expect(throws: Odd.self) { try await batcher.submit(3) }
  }

  @Test func aFlightIsSharedAndEndsBeforeItsWaitersGoOn() async {
    let flight = SingleFlight<Int, Never>()
    let landing = LoopEvent()
    let begun = LoopEvent()
    @LoopActor func begin() async -> Int {
      await flight.run {
        begun.signal()
        _ = await landing.wait()
        return 1
      }
    }
    // Joins the first, and then begins one of its own at once: the first has ended, whoever is woken before whom.
    @LoopActor func joinAndBegin() async -> [Int] { [await flight.run { 0 }, await flight.run { 2 }] }
    let first = Task(executorPreference: EventLoop.shared) { await begin() }
    _ = await begun.wait()
    let second = Task(executorPreference: EventLoop.shared) { await joinAndBegin() }
    await Task { @LoopActor in landing.signal() }.value
    #expect(await first.value == 1)
    #expect(await second.value == [1, 2])
  }

  @Test func eventIsLatchedOnce() async {
    let event = LoopEvent()
    await event.signal()
    #expect(await event.wait(for: .seconds(600)))
    #expect(await event.wait(for: .milliseconds(1)) == false)
  }

  @Test func namesAreLookedUpAndAddressesAreNot() async throws {
    #expect(try await Resolver.addresses(of: "127.0.0.1", within: .zero) == ["127.0.0.1"])
    #expect(try await Resolver.addresses(of: "::1", within: .zero) == ["::1"])
    #expect(try await Resolver.addresses(of: "fe80::1%lo", within: .zero) == ["fe80::1%lo"])
    let found = try await Resolver.addresses(of: "localhost", within: .seconds(30))
    #expect(found.contains("127.0.0.1") || found.contains("::1"))
    let error = await #expect(throws: StreamError.self) {
      try await Resolver.addresses(of: "nowhere.invalid", within: .seconds(30))
    }
    #expect(
      error?.description.hasPrefix("cannot find the host nowhere.invalid: ") == true, "\(error?.description ?? "")")
  }

  @Test func refusedConnectionNamesTheAddress() async {
    await #expect(throws: StreamError.self) {
      _ = try await LoopStream.connect(to: .unix(path: "/nonexistent/socket"), timeout: .seconds(5))
    }
    await #expect(throws: StreamError.self) {
      _ = try await LoopStream.connect(to: .tcp(host: "127.0.0.1", port: 1), timeout: .seconds(5))
    }
  }
}

@LoopActor private final class Sizes {
  private(set) var values: [Int] = []
  nonisolated init() {}
  func add(_ size: Int) { values.append(size) }

  /// The wall clock is believed where it says that more has passed, as after a pause of the virtual machine.
  @Test func aStopwatchGoesByTheClockThatSaysMore() {
    let hour = Int64(3_600_000_000_000)
    let paused = Stopwatch(begun: ContinuousClock.now, wallBegun: Stopwatch.wallNow - hour)
    #expect(paused.elapsed >= .seconds(3600))
    let setBack = Stopwatch(begun: ContinuousClock.now - .seconds(7), wallBegun: Stopwatch.wallNow + hour)
    #expect((.seconds(7)...(.seconds(3600))).contains(setBack.elapsed))
  }
}
