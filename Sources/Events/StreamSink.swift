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

  /// The script, as it is sent where there is room, and as it works in a full Redis too: only where it makes a stream shorter.
  struct Publishing {
    let publish, replace: RedisScript

    fileprivate init(checks: Bool) {
      let source = Array("local checks = \(checks)\n".utf8) + PackageResources.publish_events_lua
      publish = RedisScript(Array("#!lua\n".utf8) + source)
      replace = RedisScript(Array("#!lua flags=allow-oom\n".utf8) + source)
    }
  }

  /// Appends only what follows up with the newest entry.
  static let inOrder = Publishing(checks: true)
  /// Appends whatever is missing before it: what is kept no longer, or was left out by a restore.
  static let anyway = Publishing(checks: false)
  /// How long a stream is; refused as every write is while Redis is full.
  private static let lengthIfThereIsRoom = RedisScript(Array("#!lua\nreturn redis.call('XLEN', KEYS[1])".utf8))
  private static let filledMax = 500

  public var name: String { Self.name }
  private let redis: RedisClient
  /// What a stream lacks is read from here.
  private let outbox: Outbox
  /// In place of what is here, where each stream lies on a node of its own.
  private let split: ClusterStreams?

  public init(redis: RedisClient, outbox: Outbox) {
    (self.redis, self.outbox) = (redis, outbox)
    split = redis.url.isCluster ? ClusterStreams(redis: redis, outbox: outbox) : nil
  }

  @LoopActor
  public func take(_ events: [OutboxEvent], in term: RelayTerm) async throws -> SinkAnswer {
    let missing = events.filter { !$0.wasStreamed }
    guard let first = missing.first?.position else { return .taken(fresh: 0) }
    if let split { return try await split.take(missing, in: term) }
    var filled = 0
    var script = Self.inOrder
    while true {
      switch try await append(missing, in: term, script) {
      case .appended: return .taken(fresh: filled + missing.count)
      case .termOver: return .termOver
      case .lacks(let newest):
        guard let count = try await fill(after: newest, before: first, in: term) else { return .termOver }
        if count == 0 { script = Self.anyway }
        filled += count
      }
    }
  }

  /// Appends what the streams lost of what they had: a replica that took over may not have got the last events.
  ///
  /// A stream that is empty stays so: it begins with what comes next.
  @LoopActor
  public func mend(through position: Int64, in term: RelayTerm) async throws -> Int {
    if let split { return try await split.mend(through: position, in: term) }
    guard let newest = try await Self.newest(in: EventStream.all, redis), newest < position else { return 0 }
    return try await fill(after: newest, before: position + 1, in: term) ?? 0
  }

  /// The position of a stream's newest entry; nil when it is empty, or of a scheduler that says no positions.
  @LoopActor
  static func newest(in stream: String, _ redis: RedisClient) async throws -> Int64? {
    let entry = try await redis.command("XREVRANGE", .string(stream), "+", "-", "COUNT", 1).array?.first
    guard let fields = entry?.array?.last?.array, fields.count > 1, fields[0].text == "position" else { return nil }
    return fields[1].integer
  }

  /// - Returns: how many were appended; nil when another relay's term began.
  @LoopActor
  private func fill(after newest: Int64, before end: Int64, in term: RelayTerm) async throws -> Int? {
    var (newest, count) = (newest, 0)
    while true {
      let lost = try await outbox.read(after: newest, limit: Self.filledMax).filter { $0.position < end }
      guard let last = lost.last else { return count }
      let missing = lost.filter { !$0.wasStreamed }
      guard let first = missing.first else {
        newest = last.position
        continue
      }
      switch try await append(missing, in: term, first.position == newest + 1 ? Self.inOrder : Self.anyway) {
      case .appended: (newest, count) = (last.position, count + missing.count)
      case .termOver: return nil
      // It failed over once more.
      case .lacks(let other): newest = other
      }
    }
  }

  /// In a full Redis no job is planned, so no order changes and no event comes that would take the place of an old one: the streams
  /// have to give way by themselves, or all would stand still for good.
  @LoopActor
  public func makeRoom() async throws -> Bool {
    // One server is full or not; of a cluster each stream may lie on another.
    if split == nil, try await !isFull(at: EventStream.all) { return false }
    var trimmed = false
    for stream in [EventStream.all] + (try await outbox.tenants()).keys.sorted().map(EventStream.of) {
      if split != nil, try await !isFull(at: stream) { continue }
      let length = Int(try await redis.command("XLEN", .string(stream)).integer ?? 0)
      let kept = max(Self.streamLengthWhenFull, length - length / 10)
      guard kept < length else { continue }
      let gone = try await redis.command("XTRIM", .string(stream), "MAXLEN", "~", .integer(Int64(kept))).integer ?? 0
      if gone > 0 { trimmed = true }
    }
    return trimmed
  }

  @LoopActor
  private func isFull(at stream: String) async throws(RedisError) -> Bool {
    do throws(RedisError) {
      _ = try await redis.run(Self.lengthIfThereIsRoom, keys: [.string(stream)], arguments: [])
      return false
    } catch {
      guard error.code == .replyError(prefix: "OOM") else { throw error }
      return true
    }
  }

  private enum Appended {
    case appended, termOver
    case lacks(after: Int64)
  }

  @LoopActor
  private func append(_ events: [OutboxEvent], in term: RelayTerm, _ script: Publishing) async throws -> Appended {
    let batch = StreamBatch(events)
    let answer = try await Self.append(
      batch.entries, to: batch.streams, lease: term.key, term.holder, redis, script)
    switch answer.integer {
    case Int64(events.count): return .appended
    case let number? where number <= -2: return .lacks(after: -2 - number)
    default: return .termOver
    }
  }

  /// Appends events to streams; in a full Redis in the place of old ones.
  ///
  /// - Parameters:
  ///   - entries: as the script takes them, three for each event.
  ///   - streams: the stream of all, then those of tenants.
  @LoopActor
  static func append(
    _ entries: [RedisArgument], to streams: [RedisArgument], lease: RedisArgument, _ holder: [RedisArgument],
    _ redis: RedisClient, _ scripts: Publishing = StreamSink.inOrder
  ) async throws(RedisError) -> RedisValue {
    // Each event goes to two streams.
    try await makingRoom(in: streams, for: 2 * (entries.count / 3), redis) {
      (isFull, length) async throws(RedisError) in
      try await redis.run(
        isFull ? scripts.replace : scripts.publish, keys: [lease] + streams,
        arguments: holder + [.integer(Int64(length))] + entries)
    }
  }

  /// Appends to streams; in a full Redis once more, in the place of old entries.
  ///
  /// Nothing else would trim the streams then, which may be what fills Redis: no job could be planned, for good. So the
  /// longest loses a tenth, and more entries than are added, and the others what they have above that: there is room for
  /// jobs again.
  ///
  /// - Parameters:
  ///   - added: how many entries that are.
  ///   - append: is told whether it works in a full Redis, and how many entries each stream keeps.
  @LoopActor
  static func makingRoom(
    in streams: [RedisArgument], for added: Int, _ redis: RedisClient,
    _ append: @LoopActor (_ isFull: Bool, _ length: Int) async throws(RedisError) -> RedisValue
  ) async throws(RedisError) -> RedisValue {
    do throws(RedisError) {
      return try await append(false, streamLengthMax)
    } catch {
      guard error.code == .replyError(prefix: "OOM") else { throw error }
      var longest = 0
      for stream in streams { longest = max(longest, Int(try await redis.command("XLEN", stream).integer ?? 0)) }
      let kept = max(streamLengthWhenFull, longest - max(longest / 10, 2 * added))
      guard longest > kept + added else { throw error }
      return try await append(true, kept)
    }
  }
}
