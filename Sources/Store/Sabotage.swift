#if SEVK_SABOTAGE
  import Glibc

  /// Takes one of Sevk's protections away, to prove that `ops/chaos` notices. Debug builds only: release builds have no
  /// such code.
  public enum Sabotage: String, Sendable {
    /// A sender that finds an order in `sending` sends it again.
    case noIntent = "no-intent"
    /// Writes ignore the version that they start from.
    case noFence = "no-fence"
    /// Nothing that Redis lost is rebuilt.
    case noReconciler = "no-reconciler"

    /// What `SEVK_SABOTAGE` names.
    public static let current = getenv("SEVK_SABOTAGE").flatMap { Sabotage(rawValue: String(cString: $0)) }
  }
#endif
