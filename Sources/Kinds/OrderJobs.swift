public import Jobs

/// Sends one order to its provider. The job's id is the order's id.
///
/// While the order waits, the record's payload tells what it waited for so far (`OrderWaits` in `Orders`): for people alone.
/// It is lost with Redis, and nothing is decided by it.
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

/// Asks about an order that ended, once more.
public struct LookAgain: Job {
  public static let kind = "second_look"
  public static let queue = QueueName.check
  private static let prefix = "look-"
  /// The order's id.
  public let order: String
  /// Another than the order's check has, which may just be ending.
  public var id: String { Self.prefix + order }
  public var payload: [UInt8] { [] }
  public init(order: String) { self.order = order }

  /// Whether a job of that id is a look, and no order's check.
  public static func isLook(_ id: String) -> Bool { id.hasPrefix(prefix) }

  public init(id: String, payload: [UInt8]) {
    order = id.hasPrefix(Self.prefix) ? String(id.dropFirst(Self.prefix.count)) : id
  }
}
