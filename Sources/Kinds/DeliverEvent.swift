public import Jobs

/// Posts to one endpoint what is in line for it about one order. The job's id is both, so nothing overtakes: `7/ORDER`.
public struct DeliverEvent: Job {
  public static let kind = "deliver_event"
  public static let queue = QueueName.deliver
  public let endpoint: Int64
  public let order: String
  public var id: String { "\(endpoint)/\(order)" }
  public var payload: [UInt8] { [] }

  public init(endpoint: Int64, order: String) { (self.endpoint, self.order) = (endpoint, order) }

  public init(id: String, payload: [UInt8]) throws {
    let parts = id.split(separator: "/", maxSplits: 1)
    guard parts.count == 2, let endpoint = Int64(parts[0]) else {
      throw MalformedPayload("\(id) is no endpoint and order")
    }
    self.init(endpoint: endpoint, order: String(parts[1]))
  }

  /// The job, in the turn of its endpoint, so that a receiver that is dead or has much to be told delays no other.
  public static func planned(endpoint: Int64, order: String, after delay: Duration = .zero) -> PlannedJob {
    PlannedJob(
      DeliverEvent(endpoint: endpoint, order: order), flow: "endpoint/\(endpoint)", delay: delay)
  }
}
