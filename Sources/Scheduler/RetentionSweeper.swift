import CommandLine
import EventLoop
import Jobs
import Queue
import Redis
import Store
import Support
import Telemetry

/// Drops what is too old by the settings: `SEVK_RETENTION`, `SEVK_KEY_RETENTION`, `SEVK_PIN_PRINT_RETENTION`,
/// `SEVK_DEAD_JOB_RETENTION` and `SEVK_ACT_RETENTION`; and processes that have not been heard of for long. All of it page by page, so that orders go
/// first.
@LoopActor
struct RetentionSweeper {
  /// An order that just ended is still asked about by the shop and by support.
  private static let ageMin = Duration.seconds(3600)
  /// A client may repeat an order for as long as its own queues and backups live.
  private static let keyAgeMin = Duration.seconds(30 * 86_400)
  /// A code is sold again only by mistake, and such mistakes come from stock that was taken in together.
  private static let pinPrintAgeMin = Duration.seconds(30 * 86_400)
  /// A person has to have had the time to look at it.
  private static let deadJobAgeMin = Duration.seconds(86_400)

  /// The database keeps what is younger, whatever is asked for.
  private static let actAgeMin = Duration.seconds(30 * 86_400)

  /// What endpoints were told, so that they can have it again.
  private static let deliveryAge = Duration.seconds(30 * 86_400)

  private let broker: RedisBroker
  private let redis: RedisClient
  private let log: Log
  private let metrics: Metrics
  private let queues: [QueueName]
  private let retention: Retention
  /// What `SEVK_RETENTION` says; nil: for ever.
  let age: Duration?
  private let keyAge: Duration?
  private let pinPrintAge: Duration?
  private let deadJobAge: Duration?
  private let actAge: Duration?

  /// - Throws: ``UsageError`` for a setting that can't be.
  init(
    _ settings: Settings, retention: Retention, broker: RedisBroker, redis: RedisClient, queues: [QueueName],
    _ instruments: Instruments
  ) throws(UsageError) {
    self.retention = retention
    self.broker = broker
    self.redis = redis
    self.queues = queues
    (log, metrics) = (instruments.log, instruments.metrics)
    age = try settings.durationOrOff(.retention, atLeast: Self.ageMin)
    keyAge = try settings.durationOrOff(.keyRetention, atLeast: Self.keyAgeMin)
    pinPrintAge = try settings.durationOrOff(.pinPrintRetention, atLeast: Self.pinPrintAgeMin)
    deadJobAge = try settings.durationOrOff(.deadJobRetention, atLeast: Self.deadJobAgeMin)
    actAge = try settings.durationOrOff(.actRetention, atLeast: Self.actAgeMin)
    metrics.describe("sevk_rows_retired_total", "counter", "Rows and jobs that were older than their settings")
  }

  func sweep() async throws {
    if let age {
      for table in Retention.Table.allCases {
        note(table.rawValue, try await retention.sweep(table, olderThan: age))
      }
    }
    note("deliveries", try await retention.sweepDeliveries(olderThan: Self.deliveryAge))
    note("notifications", try await retention.sweepNotifications(olderThan: Self.deliveryAge))
    if let keyAge { note("keys", try await retention.sweepKeys(olderThan: keyAge)) }
    if let pinPrintAge { note("pin_prints", try await retention.sweepPinPrints(olderThan: pinPrintAge)) }
    if let actAge {
      for (table, count) in try await retention.sweepActs(olderThan: actAge) { note(table, count) }
    }
    if let deadJobAge {
      for queue in queues {
        note("dead_jobs", try await broker.retireDead(olderThan: deadJobAge, in: queue))
      }
    }
    for queue in queues { try await broker.forgetOldLayout(of: queue) }
    try await Inspector(redis: redis).forgetSilent()
  }

  private func note(_ table: String, _ count: Int) {
    guard count > 0 else { return }
    metrics.add("sevk_rows_retired_total", ["table": table], by: Double(count))
    log.info("dropped old rows", ["table": table, "rows": "\(count)"])
  }
}
