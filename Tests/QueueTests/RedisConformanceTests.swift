import Jobs
import PrivateServers
import Queue
import Redis
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct RedisConformanceTests {
  @Test(arguments: BrokerConformance.cases)
  func conforms(_ test: BrokerConformance.Case) async throws {
    try await withBroker { bench in try await test.run(bench.conformance) }
  }

  /// The queue under test lies on one of three nodes, whichever its name leads to.
  @Test(arguments: BrokerConformance.cases)
  func conformsInACluster(_ test: BrokerConformance.Case) async throws {
    let client = RedisClient(try RedisURL(await PrivateCluster.shared.url))
    try await withBroker(over: client) { bench in try await test.run(bench.conformance) }
  }
}

extension QueueName {
  static let dispatch = QueueName(known: "dispatch")
  static let check = QueueName(known: "check")
}

/// A broker on the shared Redis, under a prefix of its own.
struct RedisBench: Sendable {
  let client: RedisClient
  let broker: RedisBroker
  let prefix: String

  func key(_ name: String) -> RedisArgument { .string("\(prefix):{dispatch}:2:\(name)") }

  /// Lets the clock of Redis pass, on a connection that blocks for that long.
  func advance(_ duration: Duration) async throws {
    let end = try await now() + duration
    while true {
      let rest = end - (try await now())
      if rest <= .zero { return }
      _ = try await client.blockingPop(key: "\(prefix):{dispatch}:nothing", limit: rest)
    }
  }

  /// By the clock of the server that has the queue.
  private func now() async throws -> Duration {
    let parts =
      try await client.command("EVAL", "return redis.call('TIME')", 1, key("jobs")).array?.compactMap(\.integer) ?? []
    return .seconds(parts[0]) + .microseconds(parts[1])
  }

  var conformance: BrokerConformance.Bench {
    BrokerConformance.Bench(broker: broker, queue: .dispatch) { try await advance($0) }
  }
}

func withBroker(
  on redis: PrivateRedis? = nil, _ body: @Sendable (RedisBench) async throws -> Void
) async throws {
  let server: PrivateRedis
  if let redis { server = redis } else { server = try await PrivateRedis.shared }
  try await withBroker(over: try server.client(), body)
}

private func withBroker(over client: RedisClient, _ body: @Sendable (RedisBench) async throws -> Void) async throws {
  let prefix = "test\(UInt64.random(in: 0...UInt64.max))"
  let bench = RedisBench(client: client, broker: RedisBroker(client: client, prefix: prefix), prefix: prefix)
  do {
    try await body(bench)
  } catch {
    await client.close()
    throw error
  }
  await client.close()
}
