import EventLoop
import Glibc
import PrivateServers

/// One measured stretch: some processes start, wait at a gate, and then do a number of things together.
@LoopActor
struct Phase {
  struct Result {
    let perSecond: Double
    /// Microseconds of CPU for each thing done.
    let clientCPU: Double
    let redisCPU: Double
    /// Of the processes, at the end.
    let residentMegabytes: Double
    /// See ``CPUTimes/noise(since:)``.
    let noise: Double
  }

  /// When a run is given up.
  struct Limits {
    /// Until every process stands at the gate.
    var ready = Duration.seconds(60)
    /// Without any progress.
    var standstill = Duration.seconds(30)
    /// All of it.
    var whole = Duration.seconds(3600)
  }

  private static let stopGrace = Duration.seconds(10)

  let name: String
  let stage: Stage
  let redis: RedisServer
  var limits = Limits()

  /// - Parameters:
  ///   - processes: how many processes will stand at the gate.
  ///   - environment: for all of them.
  /// - Throws: ``RoundFailure`` with the end of the processes' logs.
  func run(_ launches: [Launch], processes: Int, count wanted: Int, environment: [String: String]) async throws
    -> Result
  {
    let counts = stage.emptied("counts")
    let children = try launches.enumerated().map { index, launch in
      var all = ChildProgram.environment.merging(environment) { $1 }.merging(launch.environment) { $1 }
      all[Counter.folderVariable] = counts
      return try ChildProgram(
        launch.program, launch.arguments, environment: all, log: "\(stage.folder)/\(name)-\(index).log")
    }
    do {
      let result = try await measure(children, processes, wanted, counts)
      await stop(children)
      // Whoever runs a job twice, or more jobs than there were, is caught here.
      let total = Tally(folder: counts).count
      guard total == wanted else {
        throw RoundFailure("\(name): \(total) were done instead of \(wanted)", logsOf: children)
      }
      return result
    } catch {
      await stop(children)
      throw error
    }
  }

  private func measure(_ children: [ChildProgram], _ processes: Int, _ wanted: Int, _ counts: String) async throws
    -> Result
  {
    func requireAlive() throws {
      for child in children {
        if let end = child.poll() {
          throw RoundFailure("\(name) ended with \(end.words)", logsOf: [child])
        }
      }
    }
    let begun = ContinuousClock.now
    while Tally(folder: counts).processes < processes {
      try requireAlive()
      guard ContinuousClock.now - begun < min(limits.ready, limits.whole) else {
        throw RoundFailure("\(name) was not ready within \(min(limits.ready, limits.whole))", logsOf: children)
      }
      try await EventLoop.sleep(for: .milliseconds(10))
    }
    let before = CPUTimes.read()
    close(open("\(counts)/gate", O_CREAT | O_WRONLY, 0o644))
    var tally = Tally(folder: counts)
    var progressAt = ContinuousClock.now
    while tally.count < wanted {
      try await EventLoop.sleep(for: .milliseconds(10))
      try requireAlive()
      let latest = Tally(folder: counts)
      if latest.count > tally.count { progressAt = .now }
      tally = latest
      guard ContinuousClock.now - progressAt < limits.standstill else {
        throw RoundFailure("\(name) stands still after \(tally.count) of \(wanted)", logsOf: children)
      }
      guard ContinuousClock.now - begun < limits.whole else {
        throw RoundFailure("\(name) had done \(tally.count) of \(wanted) when its time was over", logsOf: children)
      }
    }
    let after = CPUTimes.read()
    func perThing(_ id: pid_t) -> Double { (after.seconds(of: id) - before.seconds(of: id)) / Double(wanted) * 1e6 }
    return Result(
      perSecond: Double(wanted) / tally.seconds,
      clientCPU: children.reduce(0) { $0 + perThing($1.id) },
      redisCPU: redis.process.map { perThing($0.id) } ?? 0,
      residentMegabytes: CPUTimes.residentMegabytes(children.flatMap { after.family(of: $0.id) }),
      noise: after.noise(since: before))
  }

  /// Those they started themselves may outlive them, and are ended by name of their family.
  private func stop(_ children: [ChildProgram]) async {
    let family = children.flatMap { CPUTimes.read().family(of: $0.id) }
    for child in children { child.signal(SIGTERM) }
    for child in children { await child.stop(grace: Self.stopGrace) }
    for id in family where !children.contains(where: { $0.id == id }) { kill(id, SIGKILL) }
  }
}
