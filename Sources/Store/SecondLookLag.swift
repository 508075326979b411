internal import Orders
internal import Postgres

/// How far second looks after one delay are behind.
public struct SecondLookLag: Sendable, Equatable {
  public let delay: Duration
  /// For how long the first event that was not looked through has been old enough.
  public let lag: Duration
  /// Whether events were dropped that were not looked through: the looks at their orders never come.
  public let hasMissed: Bool

  public init(delay: Duration, lag: Duration, hasMissed: Bool) {
    self.delay = delay
    self.lag = lag
    self.hasMissed = hasMissed
  }
}

extension SecondLooks {
  /// Events are told to be gone so long before they are dropped.
  private nonisolated static let dropAhead = Retention.noteAhead

  /// Whether retention drops the events of an order before its look is found.
  public nonisolated static func isTooLong(_ delay: Duration, retention: Duration) -> Bool {
    delay + dropAhead >= retention
  }

  /// By the delays that some provider has, shortest first.
  ///
  /// - Parameter usual: the delays of providers that set none.
  public func lag(usual: [Duration]) async throws -> [SecondLookLag] {
    try await store.pool.run(Statements.secondLookLag, [.intArray(usual.map { Int64($0.milliseconds) })]).map { row in
      try SecondLookLag(
        delay: .milliseconds(row.int(0)), lag: .milliseconds(row.intOrNil(1) ?? 0), hasMissed: row.bool(2))
    }
  }

  /// What ends while no provider has a delay is not looked at after it, also if some provider has it again later.
  ///
  /// - Parameter usual: the delays of providers that set none.
  public func passOver(usual: [Duration]) async throws {
    _ = try await store.pool.run(Statements.passSecondLooks, [.intArray(usual.map { Int64($0.milliseconds) })])
  }
}
