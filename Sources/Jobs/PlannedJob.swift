/// A job and the queue that its type names, so that no caller can send one to another queue.
public struct PlannedJob: Sendable {
  public let queue: QueueName
  public let job: NewJob

  public init(
    _ job: some Job, priority: JobPriority = .normal, flow: String = "", delay: Duration = .zero, trace: String = "",
    now: Int64 = 0
  ) {
    queue = type(of: job).queue
    self.job = NewJob(job, priority: priority, flow: flow, delay: delay, trace: trace, now: now)
  }

  public var id: String { job.record.id }
}

extension Broker {
  /// Adds jobs that don't exist yet, each to its queue with one call a queue, in the order in which the queues come;
  /// one result each.
  public func enqueue(_ planned: [PlannedJob]) async throws -> [EnqueueResult] {
    var places: [QueueName: [Int]] = [:]
    var queues: [QueueName] = []
    for (place, job) in planned.enumerated() {
      if places[job.queue] == nil { queues.append(job.queue) }
      places[job.queue, default: []].append(place)
    }
    var results = [EnqueueResult](repeating: .added, count: planned.count)
    for queue in queues {
      let places = places[queue, default: []]
      let found = try await enqueue(places.map { planned[$0].job }, to: queue)
      for (place, result) in zip(places, found) { results[place] = result }
    }
    return results
  }
}
