import Foundation
import PrivateServers
import TestSupport
import Testing

/// The real program on real servers, with numbers too small to mean anything.
struct BenchTests {
  @Test func jobsAreMeasuredAndWritten() throws {
    let report = try Self.report(["jobs", "--jobs", "2000", "--rounds", "1"])
    let sevk = try #require(report.results.first)
    #expect(report.results.count == 1)
    #expect(sevk.name == "sevk")
    #expect(sevk.jobs == 2000)
    let (enqueue, drain) = (try #require(sevk.enqueue), try #require(sevk.drain))
    for figures in [enqueue, drain] {
      #expect(figures.median > 0)
      #expect(figures.min <= figures.median && figures.median <= figures.max)
    }
    #expect((sevk.rss_mb ?? 0) > 1)
    #expect(report.machine.cores > 0)
    #expect(!report.machine.redis.isEmpty)
  }

  @Test func ordersAreMeasuredAndWritten() throws {
    let report = try Self.report(["orders", "--orders", "60", "--rounds", "1"])
    let sevk = try #require(report.results.first)
    #expect(sevk.orders == 60)
    let throughput = try #require(sevk.throughput)
    #expect(throughput.median > 0)
    #expect(!report.machine.postgresql.isEmpty)
  }

  /// Each event once, and those of the endpoints that answer, whatever another does.
  @Test func webhooksAreMeasuredAndWritten() throws {
    let report = try Self.report([
      "webhooks", "--events", "200", "--rounds", "1", "--endpoints", "4", "--rate", "40", "--seconds", "1",
    ])
    let sevk = try #require(report.results.first)
    #expect(sevk.name == "sevk" && sevk.events == 200)
    #expect((sevk.rate?.median ?? 0) > 0)
    let delays = try #require(report.delays)
    #expect(delays.map(\.name) == ["all answer", "one refuses", "one never answers"])
    #expect(delays.map(\.due_to_received.samples) == [30, 30, 30])
  }

  /// Against itself, since no other version is at hand: two installations side by side, and their ratios.
  @Test func twoVersionsAreMeasuredByTurns() throws {
    let binaries = Installation.binaries
    let report = try Self.report(["orders", "--orders", "40", "--rounds", "2", "--against", binaries])
    #expect(report.results.map(\.name) == ["sevk", "against"])
    let names = (report.ratios ?? []).map(\.name)
    #expect(names.contains("orders a second"))
    #expect(names.contains("CPU an order, PostgreSQL"))
    let jobs = try Self.report(["jobs", "--jobs", "1000", "--rounds", "1", "--against", binaries])
    #expect(jobs.results.map(\.name) == ["sevk", "against"])
    #expect(jobs.ratios?.contains { $0.name == "jobs drained a second" && $0.ratio.median > 0 } == true)
  }

  @Test(arguments: [
    (["jobs", "--jobs", "0"], "--jobs"), (["jobs", "--peers", "cron"], "--peers cron"),
    (["orders", "--peers", "sidekiq"], "--peers"), (["orders", "--against", "/tmp"], "/tmp has no program dispatcher"),
    (["jobs", "--peer-limit", "0"], "--peer-limit"), (["scale", "--parts", "all"], "--parts all"),
    (["latency", "--rate", "fast"], "--rate"), (["memory", "--day", "1"], "--day"),
    (["bytes", "--orders", "0"], "--orders"), (["webhooks", "--parts", "speed"], "--parts speed"),
    (["webhooks", "--peers", "rq"], "--peers"), (["webhooks", "--endpoints", "1"], "--endpoints"),
  ])
  func aWrongFlagIsNamed(arguments: [String], name: String) throws {
    let result = try Self.bench(arguments)
    #expect(result.code == 64)
    #expect(result.errors.contains(name))
  }

  @Test(arguments: ["jobs", "orders", "latency", "scale", "memory", "bytes", "webhooks"])
  func helpShowsAnExample(command: String) throws {
    let result = try Self.bench([command, "--help"])
    #expect(result.code == 0)
    #expect(result.output.contains("ops/bench \(command) "))
  }

  /// The parts of the report that others may read.
  private struct Report: Decodable {
    struct Machine: Decodable {
      let cores: Int
      let redis: String
      let postgresql: String
    }
    struct Figures: Decodable {
      let median: Double
      let min: Double
      let max: Double
    }
    struct Delay: Decodable {
      struct Latency: Decodable { let samples: Int }
      let name: String
      let due_to_received: Latency
    }
    struct Entry: Decodable {
      let name: String
      let jobs: Int?
      let orders: Int?
      let events: Int?
      let rate: Figures?
      let enqueue: Figures?
      let drain: Figures?
      let throughput: Figures?
      let rss_mb: Double?
    }
    struct Ratio: Decodable {
      let name: String
      let ratio: Figures
    }
    let machine: Machine
    let results: [Entry]
    let ratios: [Ratio]?
    let delays: [Delay]?
  }

  private static func report(_ arguments: [String]) throws -> Report {
    let file = NSTemporaryDirectory() + "sevk-bench-\(UUID().uuidString).json"
    defer { try? FileManager.default.removeItem(atPath: file) }
    let result = try bench(arguments + ["--json", file])
    #expect(result.code == 0, "\(result.output)\(result.errors)")
    return try JSONDecoder().decode(Report.self, from: Data(contentsOf: URL(fileURLWithPath: file)))
  }

  private static func bench(_ arguments: [String]) throws -> ChildProgram.Result {
    try ChildProgram.run(
      "\(Installation.binaries)/bench", arguments, environment: ["PATH": "/usr/bin:/bin"],
      folder: FileManager.default.temporaryDirectory.path)
  }
}
