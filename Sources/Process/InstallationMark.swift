import CommandLine
public import EventLoop
public import Redis
public import Store
public import Telemetry

/// The mark in Redis that says which installation it belongs to, by the database's identity. Redis holds nothing that can't
/// be rebuilt, so a mark that went with all else is made again; one of another database means that two installations meet
/// here: they would take each other's jobs, limits and health of providers for their own.
@LoopActor
public final class InstallationMark: ProcessService {
  public let name = "mark of the installation"
  public nonisolated static let key = "sevk:installation"
  private static let pause = Duration.seconds(5)

  private let store: Store
  private let redis: RedisClient
  private let log: Log
  private var task: Task<Void, Never>?
  /// Whose Redis it is, when it is another's; nil when it is ours, or not known yet.
  public private(set) var stranger: String?

  /// Why this process is not ready; nil when it is.
  var problem: String? { stranger.map { "Redis is another installation's, whose PostgreSQL is \($0)" } }

  init(_ store: Store, _ redis: RedisClient, _ log: Log) {
    self.store = store
    self.redis = redis
    self.log = log
  }

  /// KEYS 1 the mark. ARGV 1 the installation's id, 2 where its database is. Puts the mark where there is none; answers with the
  /// id and the place that are there.
  private static let script = RedisScript(
    Array(
      """
      if redis.call('HGET', KEYS[1], 'id') == false then redis.call('HSET', KEYS[1], 'id', ARGV[1], 'database', ARGV[2]) end
      return redis.call('HMGET', KEYS[1], 'id', 'database')
      """.utf8))

  /// - Parameter isMaking: false only looks.
  /// - Returns: where the other database is, when the Redis is another installation's.
  public static func stranger(_ store: Store, _ redis: RedisClient, isMaking: Bool) async throws -> String? {
    guard let own = try await store.installation() else { return nil }
    let reply =
      isMaking
      ? try await redis.run(script, keys: [.string(key)], arguments: [.string(own.id), .string(own.place)])
      : try await redis.command("HMGET", .string(key), "id", "database")
    guard let there = reply.array?.first?.text, there != own.id else { return nil }
    return reply.array?.last?.text ?? "unknown"
  }

  /// What to do about it.
  public nonisolated static let mend =
    "give each installation a database of Redis of its own (redis://HOST:PORT/N); if the other one is gone for good, or this"
    + " is its restored backup, empty this one (redis-cli -n N flushdb): jobs are rebuilt from PostgreSQL"

  public func start() async throws {
    do { try await look() } catch {
      // Without Redis, or without the database for the moment: it is looked at again.
    }
    if let stranger {
      throw UsageError(
        "\(Setting.redisURL.variable) (or \(Setting.redisURL.flag)) is the Redis of another installation, whose PostgreSQL is"
          + " \(stranger): \(Self.mend)")
    }
    task = Task(executorPreference: EventLoop.shared) { await self.keepLooking() }
  }

  public func stop() async {
    task?.cancel()
    await task?.value
  }

  private func keepLooking() async {
    while !Task.isCancelled {
      try? await EventLoop.sleep(for: Self.pause)
      guard !Task.isCancelled else { return }
      try? await look()
    }
  }

  private func look() async throws {
    let found = try await Self.stranger(store, redis, isMaking: true)
    if let found, stranger == nil {
      log.error(
        "this Redis is another installation's by now", ["postgres": found, "do": Self.mend])
    }
    stranger = found
  }
}
