extension EventLoop {
  /// Suspends the task for at least `duration`, on the loop's own timer.
  ///
  /// - Throws: `CancellationError` as soon as the task is cancelled.
  @LoopActor
  public static func sleep(for duration: Duration) async throws {
    let event = LoopEvent()
    try await withTaskCancellationHandler {
      try Task.checkCancellation()
      _ = await event.wait(for: duration)
      try Task.checkCancellation()
    } onCancel: {
      Task { @LoopActor in event.signal() }
    }
  }
}
