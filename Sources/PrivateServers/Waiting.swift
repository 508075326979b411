public import EventLoop

/// Waiting for what becomes true outside this process, which is seen only by looking.
@LoopActor
public enum Waiting {
  private nonisolated static let interval = Duration.milliseconds(10)

  /// Looks again and again until `isTrue`.
  ///
  /// - Parameter what: completes "waited in vain until …".
  /// - Throws: ``ChildProgram/Failure`` when `limit` passed.
  public static func until(
    _ what: String, within limit: Duration, _ isTrue: @LoopActor () async throws -> Bool
  ) async throws {
    let begun = ContinuousClock.now
    while !(try await isTrue()) {
      guard ContinuousClock.now - begun < limit else {
        throw ChildProgram.Failure("waited \(limit.components.seconds) s in vain until \(what)")
      }
      try await EventLoop.sleep(for: interval)
    }
  }
}
