public import Jobs

/// What every broker must do, as cases that run on each implementation.
///
///     @Test(arguments: BrokerConformance.cases)
///     func conforms(_ test: BrokerConformance.Case) async throws { try await test.run(bench) }
public enum BrokerConformance {
  /// A broker under test.
  public struct Bench: Sendable {
    public let broker: any Broker
    /// A queue that is empty and that nobody else uses.
    public let queue: QueueName
    /// Lets time pass on the broker's clock, at least as much as given.
    public let advance: @Sendable (Duration) async throws -> Void

    public init(
      broker: any Broker, queue: QueueName, advance: @escaping @Sendable (Duration) async throws -> Void
    ) {
      self.broker = broker
      self.queue = queue
      self.advance = advance
    }
  }

  public struct Case: Sendable, CustomStringConvertible {
    public let description: String
    public let run: @Sendable (Bench) async throws -> Void

    init(_ description: String, _ run: @escaping @Sendable (Bench) async throws -> Void) {
      self.description = description
      self.run = run
    }
  }

  /// What did not hold.
  public struct Failure: Error, CustomStringConvertible {
    public let description: String
  }

  /// A lease or delay that passes during a test, and one that does not.
  static let short: Duration = .milliseconds(30)
  static let long: Duration = .seconds(600)

  public static let cases: [Case] = moves + failures + fairness + inspection + waiting

  static func expect(_ isTrue: Bool, _ what: String, line: Int = #line) throws {
    guard isTrue else { throw Failure(description: "line \(line): \(what)") }
  }

  static func expect<T: Equatable>(_ found: T, is wanted: T, _ what: String = "", line: Int = #line) throws {
    guard found == wanted else {
      throw Failure(description: "line \(line): \(what) expected \(wanted), found \(found)")
    }
  }
}

extension BrokerConformance.Bench {
  func job(_ id: String, _ priority: JobPriority = .normal, payload: String = "") -> JobRecord {
    JobRecord(id: id, kind: "test", priority: priority, trace: "00-trace", payload: Array(payload.utf8))
  }

  @discardableResult
  func add(_ ids: String..., priority: JobPriority = .normal, delay: Duration = .zero) async throws -> [EnqueueResult] {
    try await broker.enqueue(ids.map { NewJob(job($0, priority), delay: delay) }, to: queue)
  }

  func claim(_ max: Int = 100, token: String = "one", lease: Duration = BrokerConformance.long) async throws
    -> [JobRecord]
  {
    try await broker.claim(max, from: queue, token: token, lease: lease).jobs
  }

  func claimIDs(_ max: Int = 100, token: String = "one", lease: Duration = BrokerConformance.long) async throws
    -> [String]
  {
    try await claim(max, token: token, lease: lease).map(\.id)
  }

  func settle(_ id: String, _ move: Settlement.Move, token: String = "one") async throws -> SettleResult {
    try await broker.settle([Settlement(job(id), move)], in: queue, token: token)[0]
  }

  func promote(max: Int = 100, crashesMax: Int = 3) async throws -> Promotion {
    try await broker.promote(in: queue, max: max, crashesMax: crashesMax)
  }

  func state(_ id: String) async throws -> JobState? { try await broker.find(id, in: queue)?.state }

  func counts() async throws -> QueueCounts { try await broker.counts(of: queue) }
}
