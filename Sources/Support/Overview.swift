public import Jobs
public import Orders
import Queue
public import Store

/// How everything does at a glance: for `worker top` and the dashboard. What could not be read is nil, and said in
/// ``problems``.
public struct Overview: Sendable {
  /// A process that is listed in Redis.
  public struct ProcessLine: Sendable, Equatable {
    public var name: String
    /// Since it was last seen, when it does not answer; nil when it does, and only then are the others known.
    public var silentSeconds: Int?
    public var uptimeSeconds = 0
    public var queues: [String] = []
    public var active = 0
    public var jobsProcessed = 0
    public var residentBytes = 0
    public init(name: String) { self.name = name }
  }

  public struct QueueLine: Sendable, Equatable {
    public var queue: QueueName
    public var counts: QueueCounts
    /// How late the first delayed job is; nil when none is late. More than a second means that no scheduler promotes.
    public var overdue: Duration?
    /// The present minute of Redis' clock, and what was done in the last few.
    public var now: Int64
    public var minutes: [QueueMinute]
    public init(queue: QueueName, counts: QueueCounts, overdue: Duration?, now: Int64, minutes: [QueueMinute]) {
      self.queue = queue
      self.counts = counts
      self.overdue = overdue
      self.now = now
      self.minutes = minutes
    }
  }

  public struct ProviderLine: Sendable, Equatable {
    /// `unknown` when Redis did not say.
    public enum Health: String, Sendable { case working, recovering, down, paused, unknown }
    public var name: String
    public var health: Health
    /// Why sends to it do not go as usual, in the words of who noticed; nil when they do.
    public var why: String?
    /// Sends under way, and most at once.
    public var inFlight: Int?
    public var concurrencyMax: Int
    public var balance: Money?
    public var balanceAge: Duration?
    /// Orders that wait because the balance is too low; nil when none do.
    public var shortage: ProviderWaits.Shortage?
    /// Of the last sends (20 at most, since the health changed), how many were answered.
    public var lastSends: Int?
    public var lastAnswered: Int?
    public var usualAnswer: Duration?
    public var lastError: String?
    public var lastErrorAge: Duration?
    public init(name: String, health: Health, concurrencyMax: Int) {
      self.name = name
      self.health = health
      self.concurrencyMax = concurrencyMax
    }
  }

  /// Milliseconds of Unix time by the clock of who read it.
  public var time: Int64
  public var processes: [ProcessLine]?
  public var queues: [QueueLine]?
  public var providers: [ProviderLine]?
  /// Orders that are not settled, a status each; and when the oldest was recorded.
  public var orders: [WaitingOrders]?
  /// What could not be read and why, one line each.
  public var problems: [String] = []

  public init(time: Int64) { self.time = time }

  /// Jobs of a queue that were processed between an earlier overview and this one, per second.
  ///
  /// nil when either does not know the queue, or no time passed, or Redis was emptied between.
  public func rate(of queue: QueueName, since earlier: Overview) -> Double? {
    guard let now = queues?.first(where: { $0.queue == queue }),
      let then = earlier.queues?.first(where: { $0.queue == queue }), time > earlier.time,
      // What was done before the minutes that this one has is not in it.
      then.now > now.now - Int64(Self.minutes)
    else { return nil }
    func processed(_ line: QueueLine) -> Int {
      line.minutes.lazy.filter { $0.minute >= then.now }.reduce(0) { $0 + $1.tally.processed }
    }
    let count = processed(now) - processed(then)
    return count < 0 ? nil : Double(count) * 1000 / Double(time - earlier.time)
  }

  /// How many minutes of history it has.
  static let minutes = 5
}
