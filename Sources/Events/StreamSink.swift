import EventLoop
public import Redis
public import Store

/// The streams `sevk:events` and `sevk:events:TENANT`.
///
/// The script that appends checks that the relay still holds its lease, so a relay that was stopped and came back can't
/// mix old events among newer ones.
public struct StreamSink: EventSink {
  public static let name = "stream"

  /// Each stream keeps about so many events; who reads it falls back to the API for older ones.
  private static let streamLengthMax = 1_000_000
  /// In a full Redis new events take the place of the oldest while a stream has more than these; then they wait.
  static let streamLengthWhenFull = 10_000

  static let publish = RedisScript(Array("#!lua\n".utf8) + PackageResources.publish_events_lua)
  /// Works in a full Redis too: only where it makes a stream shorter.
  static let replace = RedisScript(Array("#!lua flags=allow-oom\n".utf8) + PackageResources.publish_events_lua)

  public var name: String { Self.name }
  private let redis: RedisClient

  public init(redis: RedisClient) { self.redis = redis }

  @LoopActor
  public func take(_ events: [OutboxEvent], in term: RelayTerm) async throws -> SinkAnswer {
    let missing = events.filter { !$0.wasStreamed }
    guard !missing.isEmpty else { return .taken(fresh: 0) }
    let batch = StreamBatch(missing)
    let answer = try await Self.append(batch.entries, to: batch.streams, lease: term.key, term.holder, redis)
    return answer.integer == Int64(missing.count) ? .taken(fresh: missing.count) : .termOver
  }

  /// Appends events to streams; in a full Redis in the place of old ones.
  ///
  /// Nothing else would trim the streams then, which may be what fills Redis: no job could be planned, for good. So the
  /// longest loses a tenth, and more entries than are added, and the others what they have above that: there is room for
  /// jobs again.
  ///
  /// - Parameters:
  ///   - entries: as the script takes them, three for each event.
  ///   - streams: the stream of all, then those of tenants.
  @LoopActor
  static func append(
    _ entries: [RedisArgument], to streams: [RedisArgument], lease: RedisArgument, _ holder: [RedisArgument],
    _ redis: RedisClient
  ) async throws(RedisError) -> RedisValue {
    func run(_ script: RedisScript, keeping length: Int) async throws(RedisError) -> RedisValue {
      try await redis.run(
        script, keys: [lease] + streams, arguments: holder + [.integer(Int64(length))] + entries)
    }
    do throws(RedisError) {
      return try await run(publish, keeping: streamLengthMax)
    } catch {
      guard error.code == .replyError(prefix: "OOM") else { throw error }
      var longest = 0
      for stream in streams { longest = max(longest, Int(try await redis.command("XLEN", stream).integer ?? 0)) }
      // Each event goes to two streams.
      let added = 2 * (entries.count / 3)
      let kept = max(streamLengthWhenFull, longest - max(longest / 10, 2 * added))
      guard longest > kept + added else { throw error }
      return try await run(replace, keeping: kept)
    }
  }
}
