public import Jobs

extension QueueName {
  /// Sends orders to providers; run by `dispatcher`.
  public static let dispatch = QueueName(known: "dispatch")
  /// Asks providers about orders; run by `worker`.
  public static let check = QueueName(known: "check")
  /// Hands results on: posts events to endpoints, tells people; run by `worker`.
  public static let deliver = QueueName(known: "deliver")
}
