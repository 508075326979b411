import CommandLine

/// What keeps an order from going on, for people and for programs.
public struct Hindrance: Sendable, Equatable {
  /// Names for `--json`; ops/CLI.md lists them, and none ever changes its meaning.
  public enum Kind: String, Sendable, CaseIterable {
    case redisAway = "redis_away"
    case noProcess = "no_process"
    case noScheduler = "no_scheduler"
    case queuePaused = "queue_paused"
    case jobMissing = "job_missing"
    case jobDead = "job_dead"
    case providerPaused = "provider_paused"
    case providerDown = "provider_down"
    case providerRecovering = "provider_recovering"
    /// The provider does not answer questions, so they are asked slowly.
    case questionsSlowed = "questions_slowed"
    case balance
    /// Every provider asks more than its route allows.
    case price
    /// A stock has no code for it.
    case stock
    case rate
    case slots
    /// Other jobs come first.
    case turn
  }

  public let kind: Kind
  /// A sentence that says since when, until when, and what ends it, as far as that is known.
  public let text: String

  init(kind: Kind, text: String) {
    self.kind = kind
    self.text = text
  }

  /// Nothing has to be done about it: the order goes when it has its turn.
  public var isOnlySlow: Bool {
    switch kind {
    case .providerRecovering, .rate, .slots, .turn: true
    case .redisAway, .noProcess, .noScheduler, .queuePaused, .jobMissing, .jobDead, .providerPaused, .providerDown,
      .questionsSlowed, .balance, .price, .stock:
      false
    }
  }

  public var json: String {
    JSONText.object(["kind": JSONText.quote(kind.rawValue), "text": JSONText.quote(text)])
  }
}
