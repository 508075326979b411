import Jobs

/// Whose turn it is among the ready jobs of a queue: start-time fair queuing inside the band of each priority.
///
/// A job's place is a moment on its band's own clock: right after its flow's last job, or now if that is past. The clock
/// stands at the last place that was claimed. So flows take turns, however many jobs one of them has waiting.
struct MemoryTurns {
  fileprivate struct Flow: Hashable {
    let priority: JobPriority
    let name: String
  }

  private static let bandSize: Int64 = 1_000_000_000_000_000
  /// Of so many jobs claimed while two bands wait, one is the first of the normal and one the first of the low ones.
  private static let seats = 16

  private var clocks: [JobPriority: Int64] = [:]
  private var ends: [Flow: Int64] = [:]
  private var highest: Int64 = 0
  private var taken = 0

  /// Forgets the past, since nobody waits who could be treated unfairly.
  mutating func reset() { self = MemoryTurns(highest: highest) }

  private init(highest: Int64) { self.highest = highest }
  init() {}

  mutating func place(_ record: JobRecord) -> Int64 {
    let flow = Flow(record)
    let clock = clocks[record.priority] ?? highest
    clocks[record.priority] = clock
    let end = max(clock, ends[flow] ?? 0) + 1
    ends[flow] = end
    highest = max(highest, end)
    return Self.band(record.priority) * Self.bandSize + end
  }

  mutating func claimed(_ priority: JobPriority, _ place: Int64) {
    // A job that was given back has an old place, but no clock goes back.
    guard let clock = clocks[priority] else { return }
    clocks[priority] = max(clock, place - Self.band(priority) * Self.bandSize)
  }

  /// Bands that get seats of their own: where the count of all and the offset make a multiple of ``seats``.
  private static let lower: [(priority: JobPriority, offset: Int)] = [(.normal, 8), (.low, 0)]

  /// How many of the next `count` jobs are to be the first of the normal band and of the low band, although a higher
  /// band waits.
  mutating func lowerSeats(among count: Int) -> [(band: ClosedRange<Int64>, count: Int)] {
    taken += count
    return Self.lower.map { priority, offset in
      let start = Self.band(priority) * Self.bandSize
      return (
        start...(start + Self.bandSize - 1), (taken + offset) / Self.seats - (taken - count + offset) / Self.seats
      )
    }
  }

  /// The next job claimed while two bands wait is the first of this band once more.
  mutating func keepSeat(of priority: JobPriority) {
    guard let offset = Self.lower.first(where: { $0.priority == priority })?.offset else { return }
    taken += Self.seats
    taken -= (taken + offset + 1) % Self.seats
  }

  /// Whether two places are in different bands.
  static func areApart(_ one: Int64, _ other: Int64) -> Bool { one / bandSize != other / bandSize }

  private static func band(_ priority: JobPriority) -> Int64 {
    switch priority {
    case .high: 0
    case .normal: 1
    case .low: 2
    }
  }
}

extension MemoryTurns.Flow {
  fileprivate init(_ record: JobRecord) { self.init(priority: record.priority, name: record.flow) }
}
