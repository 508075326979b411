import EventLoop
import FoundationEssentials
import Redis

/// Reads the stream `sevk:events` all along, as a shop would.
@LoopActor
final class Subscriber {
  private static let pause = Duration.milliseconds(50)
  private let redis: RedisClient
  private var last = "0"
  private var task: Task<Void, Never>?
  private(set) var deliveries: [Evidence.Delivery] = []

  init(_ redis: RedisClient) { self.redis = redis }

  func start() { task = Task(executorPreference: EventLoop.shared) { await self.follow() } }

  private func follow() async {
    while !Task.isCancelled {
      if await read() == 0 { try? await EventLoop.sleep(for: Self.pause) }
    }
  }

  func stop() async {
    task?.cancel()
    await task?.value
    while await read() > 0 {}
  }

  /// - Returns: how many entries came.
  private func read() async -> Int {
    struct CloudEvent: Decodable {
      let subject: String
      let sequence: String
    }
    guard let reply = try? await redis.command("XREAD", "COUNT", 1000, "STREAMS", "sevk:events", .string(last)) else {
      return 0
    }
    let entries = reply.array?.first?.array?.last?.array ?? []
    for entry in entries {
      guard let id = entry.array?.first?.text, let text = entry.array?.last?.array?.last?.bytes else { continue }
      last = id
      if let event = try? JSONDecoder().decode(CloudEvent.self, from: Data(text)) {
        deliveries.append(Evidence.Delivery(order: event.subject, sequence: Int(event.sequence) ?? -1))
      }
    }
    return entries.count
  }
}
