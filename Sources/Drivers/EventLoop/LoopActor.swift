/// The one isolation domain of a process: everything marked `@LoopActor` runs on the event loop's thread.
///
/// Drivers are `@LoopActor` classes, so they need neither locks nor hops between threads, and C callbacks
/// that libuv makes on that thread may enter them directly with ``assumeIsolated(_:)``.
@globalActor
public actor LoopActor {
  /// The actor's only instance.
  public static let shared = LoopActor()

  public nonisolated var unownedExecutor: UnownedSerialExecutor {
    EventLoop.shared.asUnownedSerialExecutor()
  }

  /// Runs `body` as if isolated to the loop; traps when called from another thread.
  ///
  /// For C callbacks only: Swift code should `await` instead.
  public nonisolated static func assumeIsolated<T>(_ body: @LoopActor () throws -> T) rethrows -> T {
    precondition(EventLoop.shared.isOnLoop, "not on the event loop's thread")
    return try withoutActuallyEscaping(body) { body in
      // The same step `MainActor.assumeIsolated` takes: the check above proves the isolation that the cast drops.
      try unsafeBitCast(body, to: (() throws -> T).self)()
    }
  }
}
