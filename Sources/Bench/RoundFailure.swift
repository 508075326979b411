import EventLoop
import PrivateServers

/// Why a round of one system is no measurement, and the end of what its processes wrote.
struct RoundFailure: Error, Encodable, CustomStringConvertible {
  private static let logCharactersMax = 2000

  /// Which system.
  let name: String
  /// Counted from 1.
  let round: Int
  let reason: String
  let logEnd: String

  var description: String { logEnd.isEmpty ? reason : "\(reason): \(logEnd)" }

  /// - Parameter processes: whose logs are looked at; those that wrote nothing are left out.
  @LoopActor
  init(_ reason: String, name: String = "", round: Int = 0, logsOf processes: [ChildProgram] = []) {
    self.reason = reason
    self.name = name
    self.round = round
    let ends = processes.map { String($0.output.suffix(Self.logCharactersMax)) }
    logEnd = ends.filter { !$0.allSatisfy(\.isWhitespace) }.joined(separator: "\n…\n")
  }

  /// Any error as that of one round of a system.
  init(_ error: any Error, name: String, round: Int) {
    let known = error as? RoundFailure
    self.name = name
    self.round = round
    reason = known?.reason ?? "\(error)"
    logEnd = known?.logEnd ?? ""
  }

  static func show(_ failures: [RoundFailure]) {
    for failure in failures {
      Output.line("\(failure.name) FAILED in round \(failure.round) and was not tried again: \(failure.reason)")
      guard !failure.logEnd.isEmpty else { continue }
      Output.line("  the end of its log:")
      for line in failure.logEnd.split(whereSeparator: \.isNewline) { Output.line("  | \(line)") }
    }
  }
}
