/// How an attempt at a job ended. One `switch` in ``Settlement/init(_:outcome:policy:using:)`` acts on it.
public enum Outcome: Sendable, Equatable {
  /// Done; the job is gone.
  case completed
  /// Failed; to be tried again after the policy's backoff, until its attempts are spent.
  case retry(reason: String)
  /// Not yet; to be run again after the pause. Spends no attempt. What it carries becomes the job's payload, if anything: for
  /// what may be lost or come twice without harm.
  case snooze(Duration, carrying: [UInt8]? = nil)
  /// No longer wanted; the job is gone.
  case cancelled(reason: String)
  /// Can't succeed; to the dead set for a person.
  case dead(reason: String)
  /// The process is stopping; back to ready at once. Spends no attempt.
  case interrupted
}

/// How often and how fast a kind of job is tried again.
public struct RetryPolicy: Sendable {
  public var attemptsMax: Int
  public var backoff: Backoff
  public init(attemptsMax: Int, backoff: Backoff) {
    self.attemptsMax = attemptsMax
    self.backoff = backoff
  }
  /// For work that must not be given up: infrastructure that is down comes back.
  public static let persistent = RetryPolicy(
    attemptsMax: 1000, backoff: .exponential(from: .milliseconds(500), upTo: .seconds(30)))
}

extension Settlement {
  /// What an outcome does to its job.
  public init(
    _ job: JobRecord, outcome: Outcome, policy: RetryPolicy, using generator: inout some RandomNumberGenerator
  ) {
    switch outcome {
    case .completed, .cancelled:
      self.init(job, .complete)
    case .retry(let reason):
      let attempts = job.attempts + 1
      if attempts >= policy.attemptsMax {
        self.init(job, .bury(reason: "gave up after \(attempts) attempts; last: \(reason)"))
      } else {
        self.init(
          job, .delay(policy.backoff.delay(afterAttempt: attempts, using: &generator), attempts: attempts))
      }
    case .snooze(let pause, let carried):
      var job = job
      if let carried { job.payload = carried }
      self.init(job, .delay(pause, attempts: job.attempts))
    case .dead(let reason):
      self.init(job, .bury(reason: reason))
    case .interrupted:
      self.init(job, .release)
    }
  }
}
