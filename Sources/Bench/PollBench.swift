import EventLoop
import Glibc
import Postgres
import PrivateServers

/// Shops that ask for orders over and over: how often a dispatcher says that nothing has changed, and what that costs.
@LoopActor
final class PollBench {
  private static let orders = 2000
  private static let lanes = 64
  private static let timeout = Duration.seconds(30)
  private static let rowsRead = PostgresStatement(
    name: "bench_reads",
    sql: "SELECT coalesce(idx_tup_fetch, 0), seq_tup_read FROM pg_stat_user_tables WHERE relname = 'orders'")

  private let installation: Installation
  private let duration: Duration
  private var connections: [PostingConnection] = []
  /// A request for each order, with the tag that the order has.
  private var unchanged: [String] = []
  /// The same without the tag.
  private var whole: [String] = []
  private var figures: [String: [(rate: Double, dispatcher: Double, postgres: Double, rows: Double)]] = [:]
  private(set) var noiseMax = 0.0

  init(installation: Installation, duration: Duration) {
    self.installation = installation
    self.duration = duration
  }

  func setUp() async throws {
    try await installation.start(["dispatcher"])
    let address = installation.apiAddress
    let poster = OrderPoster(address: address, token: installation.token, run: "poll", connectionsMax: Self.lanes)
    let parts = address.split(separator: ":")
    for _ in 0..<Self.lanes {
      connections.append(
        try await PostingConnection(host: String(parts[0]), port: Int(parts[1]) ?? 0, timeout: Self.timeout))
    }
    Output.progress("posting \(Self.orders) orders")
    try await poster.post(all: Self.orders, lanes: Self.lanes, openMax: Self.orders) { 0 }
    poster.close()
    // The sender goes on for a moment; then nothing moves them, since no worker runs.
    try await waitUntilSent()
    let rows = try await installation.postgres.run(
      PostgresStatement(name: "bench_ids", sql: "SELECT id::text FROM orders ORDER BY id"), [])
    for row in rows {
      let request = """
        GET /v1/orders/\(try row.text(0)) HTTP/1.1\r\nHost: \(address)\r\nAuthorization: Bearer \(installation.token)\r\n
        """
      let reply = try await connections[0].exchange(request + "\r\n")
      guard reply.status == 200, let tag = reply.entityTag else {
        throw ChildProgram.Failure("an order was answered \(reply.status) without an ETag")
      }
      whole.append(request + "\r\n")
      unchanged.append(request + "If-None-Match: \(tag)\r\n\r\n")
    }
  }

  private func waitUntilSent() async throws {
    let open = PostgresStatement(
      name: "bench_open", sql: "SELECT count(*) FROM unsettled_orders WHERE status <> 'sent'")
    let deadline = ContinuousClock.now + Self.timeout
    while try await installation.postgres.run(open, []).single().int(0) > 0 {
      guard ContinuousClock.now < deadline else { throw ChildProgram.Failure("not all orders were sent") }
      try await EventLoop.sleep(for: .milliseconds(100))
    }
  }

  func round() async throws {
    try await measure("304, nothing new", unchanged, status: 304)
    try await measure("200, the whole order", whole, status: 200)
  }

  func results() -> [PollReport.Part] {
    figures.sorted { $0.key > $1.key }.map { name, rounds in
      PollReport.Part(
        name: name, rate: Figures(rounds.map(\.rate)), dispatcherCpuUs: Figures(rounds.map(\.dispatcher))?.median ?? 0,
        postgresCpuUs: Figures(rounds.map(\.postgres))?.median ?? 0, rowsRead: Figures(rounds.map(\.rows))?.max ?? 0)
    }
  }

  func close() { for connection in connections { connection.close() } }

  private func measure(_ name: String, _ requests: [String], status: Int) async throws {
    guard let dispatcher = installation.processes["dispatcher"]?.id,
      let postgres = installation.postgresServer.process?.id
    else { throw ChildProgram.Failure("\(name): a process does not run") }
    let rowsBefore = try await rows()
    let before = CPUTimes.read()
    let begun = Counter.now
    let deadline = ContinuousClock.now + duration
    let done = try await withThrowingTaskGroup(of: Int.self) { group in
      for lane in 0..<Self.lanes {
        group.addTask { try await self.ask(lane, requests, status, until: deadline) }
      }
      var sum = 0
      for try await count in group { sum += count }
      return sum
    }
    let seconds = Double(Counter.now - begun) / 1e9
    let after = CPUTimes.read()
    noiseMax = max(noiseMax, after.noise(since: before))
    let rowsAfter = try await rows()
    func microseconds(_ process: pid_t) -> Double {
      (after.seconds(of: process) - before.seconds(of: process)) / Double(max(done, 1)) * 1e6
    }
    figures[name, default: []].append(
      (
        Double(done) / seconds, microseconds(dispatcher), microseconds(postgres),
        Double(rowsAfter - rowsBefore) / Double(max(done, 1))
      ))
  }

  private func ask(
    _ lane: Int, _ requests: [String], _ status: Int, until deadline: ContinuousClock.Instant
  ) async throws -> Int {
    var count = 0
    while ContinuousClock.now < deadline {
      let reply = try await connections[lane].exchange(requests[(lane * 31 + count) % requests.count])
      guard reply.status == status else { throw ChildProgram.Failure("a poll was answered \(reply.status)") }
      count += 1
    }
    return count
  }

  /// Rows of `orders` that were read so far, by an index and in order.
  private func rows() async throws -> Int64 {
    // Sessions tell what they did at most once a second.
    try await EventLoop.sleep(for: .milliseconds(1500))
    let row = try await installation.postgres.run(Self.rowsRead, []).single()
    return try row.int(0) + row.int(1)
  }
}
