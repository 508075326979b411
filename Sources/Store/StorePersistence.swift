internal import EventLoop
public import Orders
internal import Postgres

extension Store {
  private nonisolated static let writePauseMax = Duration.milliseconds(500)

  /// Writes a move that must not be forgotten, such as what a provider answered: waits for a database that is away.
  ///
  /// Trying again is safe, since a move applies only once to the version it starts from. After a lost answer to a
  /// COMMIT the retry finds either the old version, and writes, or its own work, which is read back.
  ///
  /// - Returns: the order as it is from then on.
  /// - Throws: ``StoreError/conflict(_:)`` when another writer moved the order; `CancellationError` when the process
  ///   stops before the database came back; other `PostgresError`s that waiting can't mend.
  @discardableResult
  public func applyPersistently(_ transition: Transition) async throws -> Order {
    var pause = Duration.milliseconds(50)
    var isKept = false
    defer { if isKept { unwrittenMoves -= 1 } }
    while true {
      if let order = try await applied(transition) { return order }
      // An intent or a cancellation that is forgotten is harmless; what a provider answered is not.
      if !isKept, transition.to != .sending, transition.to != .cancelled {
        unwrittenMoves += 1
        isKept = true
      }
      try await EventLoop.sleep(for: pause)
      pause = min(pause * 2, Self.writePauseMax)
    }
  }

  /// The order once it is moved; nil when that is to be tried again.
  private func applied(_ transition: Transition) async throws -> Order? {
    do {
      do {
        return try await apply(transition)
      } catch StoreError.conflict(let id) {
        // Must not be taken for another's work because reading it back failed: then the write is tried again.
        let order = try await order(id)
        guard let order, order.version == transition.fromVersion + 1, order.status == transition.to,
          transition.send == nil || order.sendReference == transition.send?.sendReference
        else { throw StoreError.conflict(id) }
        return order
      }
    } catch let error as PostgresError where error.isUnknownOutcome || error.isTransient {
      return nil
    }
  }
}
