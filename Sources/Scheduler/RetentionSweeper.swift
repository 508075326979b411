import EventLoop
import Service
import Store

/// Drops what `SEVK_RETENTION` says is too old.
@LoopActor
struct RetentionSweeper {
  /// An order that just ended is still asked about by the shop and by support.
  private static let ageMin = Duration.seconds(3600)

  private let frame: ProcessFrame
  private let retention: Retention
  private let age: Duration

  /// nil when everything is kept for ever.
  init?(frame: ProcessFrame) throws(UsageError) {
    guard let age = try frame.settings.durationOrOff(.retention, atLeast: Self.ageMin) else { return nil }
    self.frame = frame
    self.age = age
    retention = Retention(pool: frame.store.pool)
    frame.metrics.describe("sevk_rows_retired_total", "counter", "Rows that were older than SEVK_RETENTION")
  }

  func sweep() async throws {
    for table in Retention.Table.allCases {
      let count = try await retention.sweep(table, olderThan: age)
      guard count > 0 else { continue }
      frame.metrics.add("sevk_rows_retired_total", ["table": table.rawValue], by: Double(count))
      frame.log.info("dropped old rows", ["table": table.rawValue, "rows": "\(count)"])
    }
  }
}
