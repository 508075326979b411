public import Jobs
public import Orders

extension JobPriority {
  /// An order's jobs are as urgent as the order.
  public init(_ priority: Priority) {
    switch priority {
    case .high: self = .high
    case .normal: self = .normal
    case .low: self = .low
    }
  }
}
