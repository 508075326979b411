import CommandLine
import EventLoop
import Foundation
import PrivateServers
import Testing

@testable import Bench

/// A peer that hangs costs its own figures and nobody else's.
struct PeerFailureTests {
  @Test func aPeerThatStandsStillIsGivenUpAndTheOthersGoOn() async throws {
    let (report, error) = try await Self.run(
      [
        Self.contender("sevk", worker: Self.counts(5)),
        Self.contender("hangs", worker: Self.hangs, limits: .init(standstill: .milliseconds(300))),
        Self.contender("works", worker: Self.counts(5)),
      ])
    #expect(error == nil)
    #expect(report.results.map(\.name) == ["sevk", "works"])
    #expect(report.results.map(\.rounds) == [2, 2])
    let failure = try #require(report.failures.first)
    #expect(report.failures.count == 1)
    #expect((failure.name, failure.round) == ("hangs", 1))
    #expect(failure.reason.contains("stands still after 0 of 5"))
    #expect(failure.logEnd.contains("waiting for a lock"))
  }

  @Test func aPeerWhoseTimeIsOverIsGivenUp() async throws {
    let (report, error) = try await Self.run(
      [
        Self.contender("sevk", worker: Self.counts(5)),
        Self.contender("slow", worker: Self.hangs, limits: .init(whole: .milliseconds(500))),
      ])
    #expect(error == nil)
    #expect(report.failures.map(\.name) == ["slow"])
    #expect(report.failures.first?.reason.contains("when its time was over") == true)
  }

  @Test func whenSevkFailsThePeersFiguresAreKept() async throws {
    let (report, error) = try await Self.run(
      [Self.contender("sevk", worker: "exit 3"), Self.contender("works", worker: Self.counts(5))])
    #expect(error?.contains("exit 3") == true)
    #expect(report.results.map(\.name) == ["works"])
    #expect(report.failures.map(\.name) == ["sevk"])
  }

  /// Each report is kept as soon as it is there, and the last one is shown once, also when the run ends with an error.
  @Test func whatIsKnownIsWrittenAfterEachTurn() async throws {
    let (written, shown) = await Self.kept()
    #expect(written == [1, 2])
    #expect(shown == [2])
  }

  // MARK: Helpers

  private static func contender(_ name: String, worker: String, limits: Phase.Limits = .init()) -> Contender {
    func shell(_ script: String) -> Launch { Launch(program: "/bin/sh", arguments: ["-c", script]) }
    return Contender(
      name: name, jobs: 5, enqueue: shell(counts(5)), workers: [shell(worker)], workerProcesses: 1, setUp: "",
      limits: limits)
  }

  /// Says at once that it did so many things within a second.
  private static func counts(_ count: UInt8) -> String {
    let numbers: [UInt64] = [UInt64(count), 1_000_000_000, 2_000_000_000]
    let bytes = numbers.flatMap { number in (0..<8).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) } }
    let octal = bytes.map { "\\0" + String($0, radix: 8) }.joined()
    return "printf '%b' '\(octal)' > \"$\(Counter.folderVariable)/$$\"; exec sleep 60"
  }

  /// Stands at the gate, and then does nothing.
  private static let hangs = "echo waiting for a lock; : > \"$\(Counter.folderVariable)/$$\"; exec sleep 60"

  /// Two rounds; what was known at the end, and what was thrown then.
  @LoopActor
  private static func run(_ contenders: [Contender]) async throws -> (JobsReport, String?) {
    var report: JobsReport?
    var thrown: String?
    try await Stage.run { stage in
      let redis = RedisServer(folder: "\(stage.folder)/redis", log: "\(stage.folder)/redis.log")
      do {
        try await JobsBench(stage: stage, redis: redis, contenders: contenders, rounds: 2).run { report = $0 }
      } catch { thrown = "\(error)" }
    }
    return (try #require(report), thrown)
  }

  @LoopActor
  private static func kept() async -> (written: [Int], shown: [Int]) {
    var written: [Int] = []
    var shown: [Int] = []
    do {
      try await Stage.run { stage in
        try await stage.keeping { (report: Int) in
          shown.append(report)
        } as: {
          written.append($0)
        } of: { keep in
          try keep(1)
          try keep(2)
          throw UsageError("it ends badly")
        }
      }
    } catch {}
    return (written, shown)
  }
}
