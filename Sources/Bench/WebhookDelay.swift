import EventLoop
import FoundationEssentials
import Glibc
import Kinds
import PrivateServers
import Telemetry

/// How late events come at endpoints that answer at once, beside one that does not.
@LoopActor
struct WebhookDelay {
  enum Dead: String, CaseIterable {
    case none = "all answer"
    case refuses = "one refuses"
    case silent = "one never answers"
  }

  /// The one that may be dead.
  private static let dead = 1
  /// What it has not taken when a round begins.
  private static let backlog = 1000
  /// From the first row to the first that is due.
  private static let lead = Duration.seconds(3)
  private static let limit = Duration.seconds(60)

  let installation: Installation
  let endpoints: Int
  let perSecond: Int
  let seconds: Int

  /// Milliseconds from due to received of each event of the others, and the noise.
  func round(_ dead: Dead) async throws -> (Latencies, noise: Double) {
    let receiver = try await ReceiverProgram(installation.stage, notesTimes: true)
    let rows = WebhookRows(installation)
    try await rows.setUp(
      (1...endpoints).map { number in
        switch dead {
        case .refuses where number == Self.dead: "http://127.0.0.1:\((try? FreePort.find()) ?? 1)/refuses"
        case .silent where number == Self.dead: "\(receiver.origin)\(Receiver.neverPath)"
        default: "\(receiver.origin)/endpoint/\(number)"
        }
      })
    try await installation.start(["worker", "scheduler"])
    let count = perSecond * seconds
    let lines = 1..<(count + 1)
    if dead != .none {
      let old = (count + 1)..<(count + 1 + Self.backlog)
      try await rows.fill(old, perLine: 1, endpoint: "\(Self.dead)", due: "now() - interval '1 minute'")
      try await rows.enqueue(old) { _ in Self.dead }
    }
    let start = Int64(Clock.unixMilliseconds()) + Int64(Self.lead / .milliseconds(1))
    func due(_ line: Int) -> Int64 { start + Int64((line - 1) * 1000 / perSecond) }
    try await rows.fill(
      lines, perLine: 1, endpoint: "line % \(endpoints) + 1",
      due: "to_timestamp((\(start) + (line - 1) * 1000 / \(perSecond)) / 1000.0)")
    // A job that comes within the millisecond in which its event is due would have to wait for it.
    try await rows.enqueue(lines) {
      $0 % endpoints + 1
    } delay: {
      .milliseconds(max(due($0) - Int64(Clock.unixMilliseconds()) + 1, 0))
    }
    let before = CPUTimes.read()
    let others = lines.count { ($0 % endpoints) + 1 != Self.dead }
    var times: [Int: Int64] = [:]
    try await Waiting.until("the others had all their events", within: .seconds(seconds) + Self.lead + Self.limit) {
      try installation.requireAlive()
      guard receiver.tally.count >= others else { return false }
      times = try Self.read(receiver.times)
      return times.count >= others
    }
    let noise = CPUTimes.read().noise(since: before)
    await installation.stopProcesses()
    await receiver.stop()
    return (Latencies(times.map { Double($1) / 1000 - Double(due($0)) }), noise)
  }

  /// When the events of the others came, by their line, in microseconds of the wall clock.
  private static func read(_ file: String) throws -> [Int: Int64] {
    var times: [Int: Int64] = [:]
    let text = String(decoding: FileManager.default.contents(atPath: file) ?? Data(), as: UTF8.self)
    for row in text.split(separator: "\n") {
      let words = row.split(separator: " ")
      guard words.count == 3, let time = Int64(words[1]), words[0] != "/endpoint/\(dead)",
        let digits = words[2].split(separator: "/").first?.suffix(12), let line = Int(digits, radix: 16)
      else { continue }
      guard times.updateValue(time, forKey: line) == nil else {
        throw ChildProgram.Failure("event \(line) came twice")
      }
    }
    return times
  }
}
