public import Queue
public import Redis
public import Store

/// Where that stands which people are told of: PostgreSQL, and Redis.
public struct SupportSources: Sendable {
  public let store: Store
  public let directory: Directory
  public let redis: RedisClient
  public let broker: RedisBroker

  public init(store: Store, directory: Directory, redis: RedisClient, broker: RedisBroker) {
    self.store = store
    self.directory = directory
    self.redis = redis
    self.broker = broker
  }
}
