#if SEVK_SABOTAGE
  import Glibc
  public import Orders

  /// Takes one of Sevk's protections away, to prove that `ops/chaos` notices. Debug builds only: release builds have no
  /// such code.
  public enum Sabotage: String, Sendable {
    /// A sender that finds an order in `sending` sends it again.
    case noIntent = "no-intent"
    /// Writes ignore the version that they start from.
    case noFence = "no-fence"
    /// Nothing that Redis lost is rebuilt.
    case noReconciler = "no-reconciler"
    /// One line of the provider settles an order.
    case oneLine = "one-line"
    /// A refusal of a send is believed without a question.
    case believeRefusal = "believe-refusal"
    /// A claim of a refund is answered and forgotten.
    case forgetClaim = "forget-claim"
    /// No order goes on from a provider that is shut.
    case noFailover = "no-failover"
    /// An endpoint is posted the newest event of an order first.
    case overtake
    /// What is posted in a provider's name is believed as it comes.
    case believeNotice = "believe-notice"

    /// A point where a process can be made to die at one order.
    public enum Work: String, Sendable {
      /// It took up the order to send it.
      case dispatch
      /// It committed the intent to send the order.
      case send
      /// It took up the order to ask about it.
      case check
    }

    /// Kills the process when `SEVK_SABOTAGE` is `crash-on:WORK:TEXT` and a field of the order is TEXT: a poison order.
    public static func crash(on order: Order, in work: Work) {
      guard let wish = getenv("SEVK_SABOTAGE").map({ String(cString: $0) }),
        order.fields.values.contains(where: { wish == "crash-on:\(work.rawValue):\($0)" })
      else { return }
      kill(getpid(), SIGKILL)
    }

    /// What `SEVK_SABOTAGE` names.
    public static let current = getenv("SEVK_SABOTAGE").flatMap { Sabotage(rawValue: String(cString: $0)) }
  }
#endif
