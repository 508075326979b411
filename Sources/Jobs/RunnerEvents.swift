/// What a runner reports; for logs and metrics.
public enum RunnerEvent: Sendable {
  /// An attempt ended.
  case finished(JobRecord, Outcome, took: Duration)
  /// The result of an attempt could not be noted because the lease had run out, and another will run the job; or it was
  /// noted and only the broker's answer to that was lost.
  case leaseLost(JobRecord)
  /// The broker could not be reached; it is tried again after the pause.
  case brokerFailed(String, retryIn: Duration)
  /// The broker works again.
  case brokerRecovered
}
