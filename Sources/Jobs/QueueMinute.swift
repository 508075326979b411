/// What happened to the jobs of a queue: moves, not jobs, so one that is tried again counts each time.
public struct QueueTally: Sendable, Equatable {
  /// The kinds of move, in the order in which people read them. The raw values are kept in Redis.
  public enum Move: String, Sendable, CaseIterable {
    /// Added as a new job, ready or delayed.
    case enqueued
    /// Ended well.
    case done
    /// Put off without a failed attempt: asked again later, or waiting for a provider.
    case postponed
    /// Failed, to be tried again.
    case retried
    /// Given back by a process that stops.
    case released
    /// Taken back from a process whose lease ran out.
    case lost
    /// To the dead set.
    case dead
  }

  private var counts = [Int](repeating: 0, count: Move.allCases.count)

  public init() {}

  public subscript(move: Move) -> Int {
    get { counts[Self.index(move)] }
    set { counts[Self.index(move)] = newValue }
  }

  /// Times that a process ended its work at a job, whatever came of it.
  public var processed: Int { self[.done] + self[.postponed] + self[.retried] + self[.dead] }
  public var isEmpty: Bool { counts.allSatisfy { $0 == 0 } }

  public static func += (sum: inout QueueTally, other: QueueTally) {
    for move in Move.allCases { sum[move] += other[move] }
  }

  private static func index(_ move: Move) -> Int {
    switch move {
    case .enqueued: 0
    case .done: 1
    case .postponed: 2
    case .retried: 3
    case .released: 4
    case .lost: 5
    case .dead: 6
    }
  }
}

/// What a queue did in one minute of the broker's clock.
public struct QueueMinute: Sendable, Equatable {
  /// Whole minutes since the beginning of the broker's clock: of Unix time for Redis.
  public var minute: Int64
  public var tally: QueueTally
  public init(minute: Int64, tally: QueueTally) {
    self.minute = minute
    self.tally = tally
  }

  /// A broker keeps so many minutes, a little more than a day.
  public static let keptMax = 1_500
}

extension Settlement {
  /// How the history counts it.
  public var counted: QueueTally.Move {
    switch move {
    case .complete: .done
    case .delay(_, let attempts): attempts > job.attempts ? .retried : .postponed
    case .postpone: .postponed
    case .release: .released
    case .bury: .dead
    }
  }
}
