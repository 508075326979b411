internal import Jobs
internal import Redis

/// Every key that a queue has in Redis. The braces keep them in one slot of a Redis Cluster.
struct Keys: Sendable {
  private let base: String

  init(prefix: String, queue: QueueName) { base = "\(prefix):{\(queue)}:" }

  /// Hash: id → record. The only place where a job's content is.
  var jobs: RedisArgument { key("jobs") }
  /// Sorted set: id by place, which is priority band plus the flow's turn in it (see `places.lua`).
  var ready: RedisArgument { key("ready") }
  /// Sorted set: id by due time in ms of Redis' clock.
  var delayed: RedisArgument { key("delayed") }
  /// Sorted set: id by the time its lease ends.
  var leases: RedisArgument { key("leases") }
  /// Hash: leased id → its place in ready, when its lease ends, the token that holds it; spaces between.
  var owners: RedisArgument { key("owners") }
  /// Sorted set: id by the time it was buried.
  var dead: RedisArgument { key("dead") }
  /// Hash: dead id → why.
  var reasons: RedisArgument { key("reasons") }
  /// Hash: id → leases lost so far.
  var crashes: RedisArgument { key("crashes") }
  /// String: there while the queue is paused.
  var paused: RedisArgument { key("paused") }
  /// Hash: whose turn it is in ready (see `places.lua`).
  var turns: RedisArgument { key("turns") }
  /// Number: the highest turn ever given in ready.
  var seq: RedisArgument { key("seq") }
  /// String: there as long as nothing was lost since it was set.
  var epoch: RedisArgument { key("epoch") }
  /// What the queue did: with a minute of Unix time behind it, a hash of counters by kind of move.
  var history: RedisArgument { key("history:") }
  /// Sorted set with at most one member: the latched sign that something may be ready.
  var wakeName: String { base + "wake" }
  var wake: RedisArgument { .string(wakeName) }
  /// The same for a due time earlier than all before.
  var dueWakeName: String { base + "due-wake" }
  var dueWake: RedisArgument { .string(dueWakeName) }

  private func key(_ name: String) -> RedisArgument { .string(base + name) }
}
