import Synchronization

/// A running job's right to act, as far as its own process can know.
///
/// The broker judges by its own clock. This is the holder's side: it counts from *before* the claim or extension was
/// asked for, so it ends no later than the broker's. Ask it right before an effect that can't be taken back.
///
/// `Runner.keepLeases` extends it every third of its length. When that fails nothing is cancelled: it runs out here, and
/// a scheduler gives the job to another (`reap.lua`).
public final class Lease: Sendable {
  private let endsAt: Mutex<ContinuousClock.Instant?>

  /// - Parameter endsAt: when it ends; the instant before the claim was asked for, plus the lease's length.
  public init(endsAt: ContinuousClock.Instant) { self.endsAt = Mutex(endsAt) }

  /// Whether the job is surely still ours, for at least `margin` longer.
  public func isHeld(for margin: Duration = .zero) -> Bool {
    endsAt.withLock { $0.map { ContinuousClock.now + margin < $0 } ?? false }
  }

  /// Notes an extension; a lease once lost stays lost.
  func extend(to instant: ContinuousClock.Instant) {
    endsAt.withLock { if $0 != nil { $0 = instant } }
  }

  /// Notes that the broker gave the job to another.
  func lose() { endsAt.withLock { $0 = nil } }
}
