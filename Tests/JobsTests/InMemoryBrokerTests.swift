import Jobs
import Synchronization
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct InMemoryBrokerTests {
  @Test(arguments: BrokerConformance.cases)
  func conforms(_ test: BrokerConformance.Case) async throws {
    let clock = MovedClock()
    let broker = InMemoryBroker(now: { clock.now })
    try await test.run(
      BrokerConformance.Bench(broker: broker, queue: .dispatch) { clock.now += $0 })
  }

  @Test func queuesAreApart() async throws {
    let broker = InMemoryBroker()
    _ = try await broker.enqueue([NewJob(JobRecord(id: "a", kind: "test"))], to: .check)
    #expect(try await broker.claim(1, from: .dispatch, token: "t", lease: .seconds(1)).jobs.isEmpty)
    #expect(try await broker.claim(1, from: .check, token: "t", lease: .seconds(1)).jobs.map(\.id) == ["a"])
  }
}

/// A clock that stands still until a test moves it.
private final class MovedClock: Sendable {
  private let time = Mutex(Duration.zero)
  var now: Duration {
    get { time.withLock { $0 } }
    set { time.withLock { $0 = newValue } }
  }
}
