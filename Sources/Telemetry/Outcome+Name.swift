public import Jobs

extension Outcome {
  /// One word, for logs, metrics and spans.
  public var name: String {
    switch self {
    case .completed: "completed"
    case .retry: "retry"
    case .snooze: "snooze"
    case .cancelled: "cancelled"
    case .dead: "dead"
    case .interrupted: "interrupted"
    }
  }
}
