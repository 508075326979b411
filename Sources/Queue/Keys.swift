internal import Jobs
internal import Redis

/// Every key that a queue has in Redis. The braces keep them in one slot of a Redis Cluster. Scripts are given the two
/// beginnings and put the names behind them:
///
/// | name behind ``queue`` | what |
/// |---|---|
/// | `jobs` | hash: id → record; the only place where a job's content is |
/// | `ready:LINE` | list: ready ids of a flow in the band of a priority, oldest first (see `line.lua`) |
/// | `flows:BAND` | list: the lines of a band that have jobs, in the order of their turns |
/// | `back` | sorted set: ready ids that were given back, by their old place (see `claims.lua`) |
/// | `delayed` | sorted set: id by due time in ms of Redis' clock |
/// | `leases` | sorted set: token by the time its lease ends |
/// | `held:TOKEN` | set: ids that the token holds |
/// | `claims` | hash: token → its ids as they were claimed, and their places |
/// | `dead` | sorted set: id by the time it was buried |
/// | `reasons` | hash: dead id → why |
/// | `crashes` | hash: id → leases lost so far |
/// | `seats` | number: jobs taken while several bands waited |
/// | `seq` | number: jobs ever claimed |
/// | `epoch` | string: there as long as nothing was lost since it was set |
/// | `wake` | sorted set with at most one member: the latched sign that something may be ready |
/// | `due-wake` | the same for a due time earlier than all before |
///
/// | behind ``shared`` | what |
/// |---|---|
/// | `paused` | string: there while the queue is paused |
/// | `history:MINUTE` | hash: what the queue did in a minute of Unix time, counters by kind of move |
struct Keys: Sendable {
  /// The number of the layout: programs of another one have keys of their own.
  private static let layout = 2
  /// What the first layout had, but for what is shared.
  private static let oldNames = [
    "jobs", "ready", "delayed", "leases", "owners", "dead", "reasons", "crashes", "turns", "seq", "epoch", "wake",
    "due-wake",
  ]

  /// The beginning of the keys of this layout.
  let queue: String
  /// The beginning of those that all layouts have.
  let shared: String
  /// As every script is given them.
  let arguments: [RedisArgument]

  init(prefix: String, queue name: QueueName) {
    shared = "\(prefix):{\(name)}:"
    queue = "\(shared)\(Self.layout):"
    arguments = [.string(queue), .string(shared)]
  }

  var wakeName: String { queue + "wake" }
  var dueWakeName: String { queue + "due-wake" }

  /// The list of the lines that have jobs in the band of a priority.
  func flows(_ priority: JobPriority) -> RedisArgument { .string("\(queue)flows:\(priority.letter)") }
  /// The list of the ready jobs of a line.
  func ready(_ line: String) -> RedisArgument { .string("\(queue)ready:\(line)") }
  /// What programs of the first layout left.
  var ofOldLayout: [RedisArgument] { Self.oldNames.map { .string(shared + $0) } }
}
