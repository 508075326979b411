import EventLoop
import Redis
import Store

/// The streams in a Redis Cluster, where each lies on a node of its own: each is appended to, and mended, by itself.
///
/// What one script does on a single server is several calls here, so a relay may die between two. The batch then comes again, and
/// each stream leaves out what it has. That is the fence too: the lease lies with the stream of all, and a relay that was frozen
/// adds to a tenant's stream what follows in it, or nothing.
@LoopActor
final class ClusterStreams {
  private static let append = Publishing(allowsOOM: false)
  private static let replace = Publishing(allowsOOM: true)
  private static let filledMax = 500
  /// Streams that are looked at, at once.
  private static let lookedMax = 32

  /// The script, as it is sent where there is room, and as it works in a full Redis.
  private struct Publishing {
    let script: RedisScript

    nonisolated init(allowsOOM: Bool) {
      let head = allowsOOM ? "#!lua flags=allow-oom\n" : "#!lua\n"
      script = RedisScript(Array(head.utf8) + PackageResources.append_stream_lua)
    }
  }

  private let redis: RedisClient
  private let outbox: Outbox
  /// On which connection each tenant's stream was found to lack nothing. Whoever appends to it leaves nothing out, so it is whole
  /// for as long as its node stays the same.
  private var wholeOn: [String: RedisGeneration] = [:]
  private static let looksMax = 3
  /// By name.
  private var tenants: [String: Int64] = [:]

  nonisolated init(redis: RedisClient, outbox: Outbox) { (self.redis, self.outbox) = (redis, outbox) }

  /// See ``StreamSink/take(_:in:)``.
  func take(_ events: [OutboxEvent], in term: RelayTerm) async throws -> SinkAnswer {
    guard let first = events.first?.position else { return .taken(fresh: 0) }
    var filled = 0
    var after = first - 1
    appending: while true {
      switch try await append(events, to: EventStream.all, after: after, in: term) {
      case .appended(let count):
        filled += count
        break appending
      case .termOver: return .termOver
      case .lacks(let newest):
        guard let count = try await fill(after: newest, before: first, in: term) else { return .termOver }
        if count == 0 { after = 0 }
        filled += count
      }
    }
    var ofTenants: [String: [OutboxEvent]] = [:]
    // What is for operators is not for everybody who reads a tenant's stream.
    for event in events where event.notice == nil { ofTenants[event.tenant, default: []].append(event) }
    try await withThrowingTaskGroup { group in
      for (tenant, events) in ofTenants { group.addTask { try await self.bring(events, to: tenant) } }
      try await group.waitForAll()
    }
    return .taken(fresh: filled)
  }

  /// See ``StreamSink/mend(through:in:)``. Each stream may have lost its end, or none.
  func mend(through position: Int64, in term: RelayTerm) async throws -> Int {
    var mended = 0
    if let newest = try await newest(in: EventStream.all), newest < position {
      mended += try await fill(after: newest, before: position + 1, in: term) ?? 0
    }
    tenants = try await outbox.tenants()
    var rest = tenants.keys.sorted()[...]
    while !rest.isEmpty {
      try await withThrowingTaskGroup(of: Int.self) { group in
        for tenant in rest.prefix(Self.lookedMax) {
          group.addTask { try await self.makeWhole(tenant, before: position + 1).filled }
        }
        for try await filled in group { mended += filled }
      }
      rest = rest.dropFirst(Self.lookedMax)
    }
    return mended
  }

  // MARK: The stream of all

  /// - Returns: how many were appended; nil when another relay's term began.
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
      // Whatever is missing before it is kept no longer.
      let after = first.position == newest + 1 ? newest : 0
      switch try await append(missing, to: EventStream.all, after: after, in: term) {
      case .appended(let fresh): (newest, count) = (last.position, count + fresh)
      case .termOver: return nil
      // It failed over once more.
      case .lacks(let other): newest = other
      }
    }
  }

  // MARK: A tenant's stream

  private func bring(_ events: [OutboxEvent], to tenant: String) async throws {
    guard let first = events.first?.position else { return }
    let stream = EventStream.of(tenant: tenant)
    var after = try await makeWhole(tenant, before: first).newest
    // Where its node fails over right now, what it lacks may be more than these.
    for _ in 0..<Self.looksMax {
      guard case .lacks = try await append(events, to: stream, after: after) else { return }
      after = try await makeWhole(tenant, before: first).newest
    }
    throw RedisError(.unavailable, "the stream of \(tenant) was lost and made whole \(Self.looksMax) times in a row")
  }

  /// Brings back what a tenant's stream lost of its end, if its node is another than when that was looked at last. One that is
  /// empty stays so: it begins with what comes next.
  ///
  /// - Returns: the position of its newest entry, 0 for none, and how many were lost.
  private func makeWhole(_ tenant: String, before end: Int64) async throws -> (newest: Int64, filled: Int) {
    let stream = EventStream.of(tenant: tenant)
    var filled = 0
    for _ in 0..<Self.looksMax {
      let generation = redis.generation(of: stream)
      var newest = try await newest(in: stream) ?? 0
      if wholeOn[tenant] == generation, redis.generation(of: stream) == generation { return (newest, filled) }
      if newest > 0, newest < end - 1 {
        filled += try await fill(tenant, after: newest, before: end)
        newest = try await self.newest(in: stream) ?? 0
      }
      guard redis.generation(of: stream) == generation else { continue }
      wholeOn[tenant] = generation
      return (newest, filled)
    }
    throw RedisError(.unavailable, "the node of the stream of \(tenant) changes too often")
  }

  private func fill(_ tenant: String, after newest: Int64, before end: Int64) async throws -> Int {
    var after = newest
    if tenants[tenant] == nil { tenants = try await outbox.tenants() }
    guard let id = tenants[tenant] else { return 0 }
    var count = 0
    while true {
      let page = try await outbox.list(tenant: id, after: after, limit: Self.filledMax)
      let lost = page.events.filter { $0.position < end && !$0.wasStreamed }
      if case .appended(let fresh) = try await append(lost, to: EventStream.of(tenant: tenant), after: 0) {
        count += fresh
      }
      guard page.hasMore, page.next > after, page.next < end else { return count }
      after = page.next
    }
  }

  // MARK: One stream

  private enum Appended {
    case appended(Int), termOver
    case lacks(after: Int64)
  }

  /// - Parameters:
  ///   - after: the position that its newest entry must have reached.
  ///   - term: for the stream of all.
  private func append(
    _ events: [OutboxEvent], to stream: String, after: Int64, in term: RelayTerm? = nil
  ) async throws -> Appended {
    guard !events.isEmpty else { return .appended(0) }
    let keys = [.string(stream)] + (term.map { [$0.key] } ?? [])
    let entries = events.flatMap { [RedisArgument.integer($0.position), .string(CloudEvent.json($0))] }
    let answer = try await StreamSink.makingRoom(in: [.string(stream)], for: events.count, redis) {
      (isFull, length) async throws(RedisError) in
      try await self.redis.run(
        (isFull ? Self.replace : Self.append).script, keys: keys,
        arguments: (term?.holder ?? ["", 0]) + [.integer(Int64(length)), .integer(after)] + entries)
    }
    switch answer.integer {
    case let count? where count >= 0: return .appended(Int(count))
    case let number? where number <= -2: return .lacks(after: -2 - number)
    default: return .termOver
    }
  }

  /// The position of a stream's newest entry; nil when it is empty, or of a scheduler that says no positions.
  private func newest(in stream: String) async throws -> Int64? { try await StreamSink.newest(in: stream, redis) }
}
