import EventLoop
import FoundationEssentials
import Redis

/// Reads the events all along: of all tenants as ops would, or of each tenant as its shop would.
@LoopActor
final class Subscriber {
  enum Habit: String, CaseIterable, Sendable {
    case steady
    /// Reads little at a time and rests between; each tenant's own stream.
    case slow
    /// Loses its connection now and then, and then also its newest place in the stream.
    case forgetful
  }

  private static let pause = Duration.milliseconds(50)
  private static let slowPause = Duration.milliseconds(400)
  private static let entriesMax = 1000
  private static let slowEntriesMax = 100
  /// A forgetful one reads so often before it begins again from an old place.
  private static let readsMax = 40

  let habit: Habit
  private let url: RedisURL
  private var redis: RedisClient
  private let streams: [String]
  /// The newest entry of each stream.
  private var last: [String]
  /// Where a forgetful one begins again.
  private var remembered: [String]
  private var reads = 0
  /// How often it began again.
  private var readings = 0
  private var task: Task<Void, Never>?
  private(set) var deliveries: [Evidence.Delivery] = []

  init(_ habit: Habit, _ url: RedisURL, tenants: [String]) {
    (self.habit, self.url) = (habit, url)
    streams = habit == .slow ? tenants.map { "sevk:events:\($0)" } : ["sevk:events"]
    last = streams.map { _ in "0" }
    remembered = last
    redis = RedisClient(url)
  }

  func start() { task = Task(executorPreference: EventLoop.shared) { await self.follow() } }

  private func follow() async {
    while !Task.isCancelled {
      let count = await read()
      if habit == .slow {
        try? await EventLoop.sleep(for: Self.slowPause)
      } else if count == 0 {
        try? await EventLoop.sleep(for: Self.pause)
      }
      reads += 1
      if habit == .forgetful, reads % Self.readsMax == 0 { reconnect() }
    }
  }

  private func reconnect() {
    redis.close()
    redis = RedisClient(url)
    (last, remembered) = (remembered, last)
    readings += 1
  }

  func stop() async {
    task?.cancel()
    await task?.value
    while await read() > 0 {}
    redis.close()
  }

  /// - Returns: how many entries came.
  private func read() async -> Int {
    let count = habit == .slow ? Self.slowEntriesMax : Self.entriesMax
    var taken = 0
    // One by one: in a cluster they lie on several nodes.
    for (stream, id) in zip(streams, last) {
      let reply = try? await redis.command(
        "XREAD", "COUNT", .integer(Int64(count)), "STREAMS", .string(stream), .string(id))
      taken += (reply?.array ?? []).reduce(0) { $0 + take($1) }
    }
    return taken
  }

  /// - Parameter answer: a stream's name and its entries.
  private func take(_ answer: RedisValue) -> Int {
    struct CloudEvent: Decodable {
      let subject: String
      let sequence: String
    }
    guard let name = answer.array?.first?.text, let place = streams.firstIndex(of: name) else { return 0 }
    let entries = answer.array?.last?.array ?? []
    for entry in entries {
      guard let id = entry.array?.first?.text, let text = entry.array?.last?.array?.last?.bytes else { continue }
      last[place] = id
      if let event = try? JSONDecoder().decode(CloudEvent.self, from: Data(text)) {
        deliveries.append(
          Evidence.Delivery(
            order: event.subject, sequence: Int(event.sequence) ?? -1, subscriber: habit.rawValue,
            reading: readings))
      }
    }
    return entries.count
  }
}
