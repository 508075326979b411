import Jobs

/// What a queue in memory did, minute by minute.
struct MemoryHistory {
  private var minutes: [Int64: QueueTally] = [:]

  mutating func count(_ move: QueueTally.Move, now: Duration) {
    let minute = Self.minute(now)
    if minutes[minute] == nil { minutes = minutes.filter { $0.key > minute - Int64(QueueMinute.keptMax) } }
    minutes[minute, default: QueueTally()][move] += 1
  }

  func last(_ count: Int, now: Duration) -> (now: Int64, minutes: [QueueMinute]) {
    let minute = Self.minute(now)
    let first = minute - Int64(max(0, min(count, QueueMinute.keptMax)))
    return (
      minute, minutes.filter { $0.key > first }.sorted { $0.key < $1.key }.map { QueueMinute(minute: $0, tally: $1) }
    )
  }

  private static func minute(_ now: Duration) -> Int64 { now.components.seconds / 60 }
}
