public import Jobs

/// Sends one order to its provider. The job's id is the order's id.
public struct DispatchOrder: Job {
  public static let kind = "dispatch"
  public static let queue = QueueName.dispatch
  public let id: String
  public var payload: [UInt8] { [] }
  public init(order: String) { id = order }
  public init(id: String, payload: [UInt8]) { self.id = id }
}

/// Asks the provider about one order. The job's id is the order's id.
public struct CheckOrder: Job {
  public static let kind = "check"
  public static let queue = QueueName.check
  public let id: String
  public var payload: [UInt8] { [] }
  public init(order: String) { id = order }
  public init(id: String, payload: [UInt8]) { self.id = id }
}
