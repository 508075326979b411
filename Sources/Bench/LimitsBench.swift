import EventLoop
import Glibc
import HTTPClient
import Jobs
import Orders
import Postgres
import PrivateServers
import Queue
import Redis
import Telemetry

/// Each part of an order's way by itself, as far as one load process can push it.
@LoopActor
final class LimitsBench {
  private static let jobsInBatch = 500
  private static let jobLanes = 2
  private static let plainLanes = 512
  private static let rowLanes = 256
  private static let httpLanes = 64
  private static let lease = Duration.seconds(60)
  private static let timeout = Duration.seconds(30)
  private static let insertRow = PostgresStatement(
    name: "bench_row", sql: "INSERT INTO bench_rows (value) VALUES ($1)")

  private let installation: Installation
  private let duration: Duration
  private let client = HTTPClient(connectionsMax: httpLanes)
  private let orders: OrderRows
  private var connections: [PostingConnection] = []
  private var names: [String] = []
  private var rates: [String: [Double]] = [:]
  private var costs: [String: [Double]] = [:]
  private(set) var noiseMax = 0.0

  init(installation: Installation, duration: Duration) {
    self.installation = installation
    self.duration = duration
    orders = OrderRows(url: installation.postgresServer.url)
  }

  var parts: [LimitsReport.Part] {
    names.map {
      .init(name: $0, rate: Figures(rates[$0] ?? []), cpuUs: Figures(costs[$0] ?? [])?.median ?? 0)
    }
  }

  func setUp() async throws {
    try await installation.postgres.script(
      "CREATE TABLE bench_rows (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, value text NOT NULL)")
    try await installation.start(["dispatcher"])
    let address = installation.apiAddress.split(separator: ":")
    for _ in 0..<Self.httpLanes {
      connections.append(
        try await PostingConnection(
          host: String(address[0]), port: Int(address[1]) ?? 0, timeout: Self.timeout))
    }
  }

  func close() async {
    for connection in connections { connection.close() }
    client.close()
    await orders.close()
  }

  /// Measures each part once.
  func round() async throws {
    let redis = installation.redis
    try await measure("Redis: SET", of: installation.redisServer.process?.id, lanes: Self.plainLanes) { lane in
      _ = try await redis.command("SET", .string("bench:\(lane)"), "value")
      return 1
    }
    try await measure(
      "Redis: a job enqueued, claimed, settled", of: installation.redisServer.process?.id, lanes: Self.jobLanes,
      jobs)
    try await measure("PostgreSQL: one row, durable", of: postgres, lanes: Self.rowLanes) { _ in
      _ = try await self.installation.postgres.run(Self.insertRow, [.text("value")])
      return 1
    }
    try await measure("PostgreSQL: an order from new to completed", of: postgres, lanes: Self.rowLanes) { _ in
      try await self.orders.writeOne()
      return 1
    }
    try await measure(
      "HTTP server: GET, kept connections", of: installation.processes["dispatcher"]?.id, lanes: Self.httpLanes
    ) { lane in
      _ = try await self.connections[lane].exchange("GET /healthz HTTP/1.1\r\nHost: bench\r\n\r\n")
      return 1
    }
    for (name, connection) in [("a connection each", HTTPClientRequest.ConnectionUse.fresh), ("kept", .reuse)] {
      let url = "http://\(installation.panel?.address ?? "")/servis/bakiye_kontrol.php"
      try await measure("HTTP client: GET, \(name)", of: getpid(), lanes: Self.httpLanes) { _ in
        let request = HTTPClientRequest(
          method: "GET", url: url, headers: [], body: nil, timeout: Self.timeout, connection: connection)
        _ = try await self.client.perform(request)
        return 1
      }
    }
  }

  private var postgres: pid_t? { installation.postgresServer.process?.id }

  /// A batch of jobs on its whole way.
  private func jobs(_ lane: Int) async throws -> Int {
    let broker = RedisBroker(client: installation.redis)
    var random = SystemRandomNumberGenerator()
    let jobs = (0..<Self.jobsInBatch).map { _ in
      NewJob(NoOp(id: "\(OrderID(milliseconds: Clock.unixMilliseconds(), using: &random))"))
    }
    _ = try await broker.enqueue(jobs, to: NoOp.queue)
    let claim = try await broker.claim(Self.jobsInBatch, from: NoOp.queue, token: "bench-\(lane)", lease: Self.lease)
    _ = try await broker.settle(
      claim.jobs.map { Settlement($0, .complete) }, in: NoOp.queue, token: "bench-\(lane)")
    return claim.jobs.count
  }

  /// - Parameters:
  ///   - part: the process whose CPU is counted, with its children.
  ///   - step: does something some times and says how many.
  private func measure(
    _ name: String, of part: pid_t?, lanes: Int, _ step: @escaping @LoopActor @Sendable (Int) async throws -> Int
  ) async throws {
    guard let part else { throw ChildProgram.Failure("\(name): the process does not run") }
    let isOwn = part == getpid()
    let before = CPUTimes.read()
    let begun = Counter.now
    let deadline = ContinuousClock.now + duration
    let done = try await withThrowingTaskGroup(of: Int.self) { group in
      for lane in 0..<lanes {
        group.addTask {
          var count = 0
          while ContinuousClock.now < deadline { count += try await step(lane) }
          return count
        }
      }
      var sum = 0
      for try await count in group { sum += count }
      return sum
    }
    let seconds = Double(Counter.now - begun) / 1e9
    let after = CPUTimes.read()
    noiseMax = max(noiseMax, after.noise(since: before))
    // Its own children are the servers, which are counted by themselves.
    let spent = isOwn ? after.own(part) - before.own(part) : after.seconds(of: part) - before.seconds(of: part)
    if rates[name] == nil { names.append(name) }
    rates[name, default: []].append(Double(done) / seconds)
    costs[name, default: []].append(spent / Double(max(done, 1)) * 1e6)
  }
}
