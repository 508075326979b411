import Glibc

/// How much time has passed since it was made, by whichever of two clocks says more.
///
/// `ContinuousClock` (CLOCK_BOOTTIME on Linux) goes on while the machine is suspended, but stands still while a hypervisor
/// pauses it or brings it back from a snapshot. The wall clock is set right after that; it may also be set for no such
/// reason. So for what must not be done late, and may be left undone at any time.
public struct Stopwatch: Sendable {
  private let begun: ContinuousClock.Instant
  /// Nanoseconds of Unix time.
  private let wallBegun: Int64

  public init() { self.init(begun: ContinuousClock.now, wallBegun: Self.wallNow) }

  /// - Parameter wallBegun: nanoseconds of Unix time.
  public init(begun: ContinuousClock.Instant, wallBegun: Int64) {
    self.begun = begun
    self.wallBegun = wallBegun
  }

  /// Never less than what the first of the clocks says.
  public var elapsed: Duration {
    max(ContinuousClock.now - begun, .nanoseconds(Self.wallNow &- wallBegun))
  }

  /// Nanoseconds of Unix time.
  public static var wallNow: Int64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
  }
}
