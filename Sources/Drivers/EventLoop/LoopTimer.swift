internal import CUV

/// A one-shot or repeating timer on the loop.
@LoopActor
public final class LoopTimer {
  private let handle: UnsafeMutablePointer<uv_timer_t>
  private let action: @LoopActor () -> Void

  /// Makes a timer that is not yet started.
  public init(_ action: @escaping @LoopActor () -> Void) {
    self.action = action
    handle = .allocate(capacity: 1)
    uv_timer_init(EventLoop.shared.uv, handle)
    handle.pointee.data = Unmanaged.passUnretained(self).toOpaque()
  }

  /// Starts (or restarts) the timer. It never fires early: libuv may by up to a millisecond, which is added here.
  public func start(after delay: Duration, every interval: Duration? = nil) {
    // Without this, a delay would count from the start of a tick that may already be long.
    uv_update_time(EventLoop.shared.uv)
    let first = delay <= .zero ? 0 : delay.wholeMilliseconds + 1
    let again = interval.map { max(1, $0.wholeMilliseconds) } ?? 0
    uv_timer_start(
      handle,
      { handle in
        guard let data = handle?.pointee.data else { return }
        LoopActor.assumeIsolated {
          Unmanaged<LoopTimer>.fromOpaque(data).takeUnretainedValue().action()
        }
      }, first, again)
  }

  /// Stops the timer; harmless when it is not running.
  public func stop() { uv_timer_stop(handle) }

  isolated deinit {
    handle.pointee.data = nil
    closeAndFree(UnsafeMutableRawPointer(handle))
  }
}

/// Closes a libuv handle and frees its memory once libuv lets go of it.
func closeAndFree(_ handle: UnsafeMutableRawPointer) {
  uv_close(handle.assumingMemoryBound(to: uv_handle_t.self)) { UnsafeMutableRawPointer($0)?.deallocate() }
}

extension Duration {
  /// Whole milliseconds, rounded down, never negative.
  public var wholeMilliseconds: UInt64 {
    let (seconds, attoseconds) = components
    guard seconds >= 0, attoseconds >= 0 else { return 0 }
    return UInt64(seconds) &* 1000 &+ UInt64(attoseconds / 1_000_000_000_000_000)
  }
}
