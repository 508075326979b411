import EventLoop
import Foundation
import PrivateServers
import Testing

@testable import Bench

/// What is counted must be exact: a run of which a job is missing, or was run twice, is no measurement.
struct CountingTests {
  @Test func theSlotsOfAllThreadsAndProcessesAddUp() throws {
    let folder = NSTemporaryDirectory() + "sevk-tally-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try Self.file([(3, 2_000_000_000, 4_000_000_000), (0, 0, 0), (2, 3_000_000_000, 5_500_000_000)])
      .write(to: URL(fileURLWithPath: "\(folder)/101"))
    try Self.file([(7, 1_000_000_000, 2_000_000_000)]).write(to: URL(fileURLWithPath: "\(folder)/102"))
    try Data().write(to: URL(fileURLWithPath: "\(folder)/gate"))
    let tally = Tally(folder: folder)
    #expect(tally.count == 12)
    #expect(tally.processes == 2)
    #expect(tally.seconds == 4.5)
  }

  @Test func aCounterWritesWhatATallyReads() throws {
    let folder = NSTemporaryDirectory() + "sevk-counter-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let counter = try Counter(folder: folder)
    #expect(Tally(folder: folder).count == 0)
    for _ in 0..<3 { counter.count() }
    #expect(Tally(folder: folder).count == 3)
    counter.note(1000, from: 5_000_000_000, to: 7_000_000_000)
    #expect(Tally(folder: folder).count == 1000)
    #expect(Tally(folder: folder).seconds == 2)
  }

  @Test func aPhaseThatDidAsMuchAsItShouldIsMeasured() async throws {
    let failure = await Self.failure(ofPhaseWith: [Self.worker(counts: 4), Self.worker(counts: 1)], wanted: 5)
    #expect(failure == nil)
  }

  @Test func aJobThatIsDoneTwiceSpoilsThePhase() async throws {
    let failure = await Self.failure(ofPhaseWith: [Self.worker(counts: 4), Self.worker(counts: 2)], wanted: 5)
    #expect(failure?.contains("6 were done instead of 5") == true)
  }

  @Test func aProcessThatEndsSpoilsThePhaseAndSaysWhy() async throws {
    let ends = Launch(program: "/bin/sh", arguments: ["-c", "echo no such broker >&2; exit 3"])
    let failure = await Self.failure(ofPhaseWith: [ends], wanted: 5)
    #expect(failure?.contains("exit 3: no such broker") == true)
  }

  /// A program that says at once that it did so many things within a second.
  private static func worker(counts count: Int) -> Launch {
    let bytes = file([(UInt64(count), 1_000_000_000, 2_000_000_000)])
      .map { "\\" + String($0, radix: 8) }.joined()
    return Launch(
      program: "/bin/sh", arguments: ["-c", "printf '\(bytes)' > \"$\(Counter.folderVariable)/$$\"; exec sleep 60"])
  }

  private static func file(_ slots: [(UInt64, UInt64, UInt64)]) -> Data {
    var data = Data()
    for slot in slots {
      for number in [slot.0, slot.1, slot.2] {
        withUnsafeBytes(of: number.littleEndian) { data.append(contentsOf: $0) }
      }
    }
    return data
  }

  /// What a phase throws, in words; nil when it was measured.
  @LoopActor
  private static func failure(ofPhaseWith launches: [Launch], wanted: Int) async -> String? {
    do {
      try await Stage.run { stage in
        let redis = RedisServer(folder: stage.folder, log: "\(stage.folder)/redis.log")
        do {
          let result = try await Phase(name: "test", stage: stage, redis: redis)
            .run(launches, processes: launches.count, count: wanted, environment: [:])
          #expect(result.perSecond == Double(wanted))
        } catch {
          // Stage keeps the folder of a run that failed, for its logs.
          try? FileManager.default.removeItem(atPath: stage.folder)
          throw error
        }
      }
      return nil
    } catch {
      return "\(error)"
    }
  }
}
