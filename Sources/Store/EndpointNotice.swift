public import Orders

/// That an endpoint takes no events, for the operators of its tenant.
public struct EndpointNotice: Sendable {
  public let type: OperatorEvent
  public let subject: String
  /// Of the way to being given up.
  public let percent: Int
  /// What it says, as JSON.
  public let data: String

  public init(type: OperatorEvent, subject: String, percent: Int, data: String) {
    (self.type, self.subject, self.percent, self.data) = (type, subject, percent, data)
  }
}
