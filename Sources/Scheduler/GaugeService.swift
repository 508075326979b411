import EventLoop
import Process
import Telemetry

/// Reads what all processes share, now and then, and shows it as gauges.
///
/// Every scheduler does so for itself, and they show the same. What can't be read is not shown until it can be read
/// again; `sevk_gauges_updated_timestamp_seconds` tells since when.
@LoopActor
final class GaugeService: ProcessService {
  /// Gauges that are read together.
  struct Reading {
    /// For the label `gauges`.
    let name: String
    let every: Duration
    /// Name and help of each.
    let gauges: [(name: String, help: String)]
    let read: @LoopActor () async throws -> [Gauge]
  }

  /// Between two readings passes this many times what the last one took, so that counting a million orders takes no more
  /// than a fiftieth of a connection, but at most ``pauseMax``.
  private static let pauseFactor = 50
  private static let pauseMax = Duration.seconds(120)
  private static let updated = "sevk_gauges_updated_timestamp_seconds"
  private static let several = "; each scheduler shows it: use max(), not sum()"

  let name = "gauges"
  private let log: Log
  private let metrics: Metrics
  private let readings: [Reading]
  private var tasks: [Task<Void, Never>] = []

  init(readings: [Reading], _ instruments: Instruments) {
    (log, metrics) = (instruments.log, instruments.metrics)
    self.readings = readings
    for reading in readings {
      for gauge in reading.gauges { metrics.describe(gauge.name, "gauge", gauge.help + Self.several) }
    }
    metrics.describe(
      Self.updated, "gauge", "When this scheduler last read the gauges of that name, in seconds of Unix time")
  }

  func start() async throws {
    // As if just read, so that a process which never can is noticed as well.
    for reading in readings { note(reading) }
    tasks = readings.indices.map { index in
      Task(executorPreference: EventLoop.shared) { await self.keep(self.readings[index]) }
    }
  }

  func stop() async {
    for task in tasks { task.cancel() }
    for task in tasks { await task.value }
  }

  private func keep(_ reading: Reading) async {
    while !Task.isCancelled {
      let begun = ContinuousClock.now
      do {
        let gauges = try await reading.read()
        forget(reading)
        for gauge in gauges { metrics.set(gauge.name, gauge.labels, to: gauge.value) }
        note(reading)
      } catch {
        forget(reading)
        log.debug("gauges can't be read", ["gauges": reading.name, "reason": "\(error)"])
      }
      let took = ContinuousClock.now - begun
      try? await EventLoop.sleep(for: max(reading.every, min(took * Self.pauseFactor, Self.pauseMax)))
    }
  }

  private func forget(_ reading: Reading) {
    for gauge in reading.gauges { metrics.removeAll(of: gauge.name) }
  }

  private func note(_ reading: Reading) {
    metrics.set(Self.updated, ["gauges": reading.name], to: Double(Clock.unixMilliseconds()) / 1000)
  }
}
