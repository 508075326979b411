internal import CUV

/// Calls back on the loop when the process receives a signal.
@LoopActor
public final class LoopSignal {
  private let handle: UnsafeMutablePointer<uv_signal_t>
  private let action: @LoopActor () -> Void

  /// Starts listening for `number` (`SIGTERM`, …); listens until released.
  public init(_ number: Int32, _ action: @escaping @LoopActor () -> Void) {
    self.action = action
    handle = .allocate(capacity: 1)
    uv_signal_init(EventLoop.shared.uv, handle)
    handle.pointee.data = Unmanaged.passUnretained(self).toOpaque()
    uv_signal_start(
      handle,
      { handle, _ in
        guard let data = handle?.pointee.data else { return }
        LoopActor.assumeIsolated {
          Unmanaged<LoopSignal>.fromOpaque(data).takeUnretainedValue().action()
        }
      }, number)
  }

  isolated deinit {
    uv_signal_stop(handle)
    handle.pointee.data = nil
    closeAndFree(UnsafeMutableRawPointer(handle))
  }
}
