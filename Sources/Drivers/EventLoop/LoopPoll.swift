internal import CUV

/// Watches a file descriptor that a C library owns.
@LoopActor
public final class LoopPoll {
  /// What to watch for, and what was seen.
  public struct Events: OptionSet, Sendable {
    public let rawValue: Int32
    public init(rawValue: Int32) { self.rawValue = rawValue }
    public static let readable = Events(rawValue: Int32(UV_READABLE.rawValue))
    public static let writable = Events(rawValue: Int32(UV_WRITABLE.rawValue))
  }

  private let handle: UnsafeMutablePointer<uv_poll_t>
  private let action: @LoopActor (Events) -> Void

  /// Makes a watcher for `descriptor`, not yet started; nil when the descriptor can't be watched.
  public init?(descriptor: Int32, _ action: @escaping @LoopActor (Events) -> Void) {
    self.action = action
    handle = .allocate(capacity: 1)
    guard uv_poll_init(EventLoop.shared.uv, handle, descriptor) == 0 else {
      handle.deallocate()
      return nil
    }
    handle.pointee.data = Unmanaged.passUnretained(self).toOpaque()
  }

  /// Starts watching, or changes what is watched for. An error on the descriptor is reported as readable and
  /// writable, so that the library's next call finds it.
  public func start(_ events: Events) {
    uv_poll_start(handle, events.rawValue) { handle, status, events in
      guard let data = handle?.pointee.data else { return }
      LoopActor.assumeIsolated {
        Unmanaged<LoopPoll>.fromOpaque(data).takeUnretainedValue()
          .action(status < 0 ? [.readable, .writable] : Events(rawValue: events))
      }
    }
  }

  /// Stops watching. Must be called before the descriptor is closed.
  public func stop() { uv_poll_stop(handle) }

  isolated deinit {
    uv_poll_stop(handle)
    handle.pointee.data = nil
    closeAndFree(UnsafeMutableRawPointer(handle))
  }
}
