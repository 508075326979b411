public import Jobs

/// Tells somebody what is in line for them about one order. The job's id is both, so nothing overtakes: `n7/ORDER`.
public struct NotifyPeople: Job {
  public static let kind = "notify"
  public static let queue = QueueName.deliver
  /// Another than a delivery's, whose ids begin with a digit in the same queue.
  private static let prefix = "n"

  public let target: Int64
  public let order: String
  public var id: String { "\(Self.prefix)\(target)/\(order)" }
  public var payload: [UInt8] { [] }

  public init(target: Int64, order: String) { (self.target, self.order) = (target, order) }

  public init(id: String, payload: [UInt8]) throws {
    let parts = id.split(separator: "/", maxSplits: 1)
    guard parts.count == 2, parts[0].hasPrefix(Self.prefix), let target = Int64(parts[0].dropFirst()) else {
      throw MalformedPayload("\(id) is no target and order")
    }
    self.init(target: target, order: String(parts[1]))
  }

  /// The job, in the turn of its channel, so that a service that is down or slow delays no other.
  public static func planned(
    target: Int64, order: String, channel: Int64, after delay: Duration = .zero
  ) -> PlannedJob {
    PlannedJob(NotifyPeople(target: target, order: order), flow: "channel/\(channel)", delay: delay)
  }
}
