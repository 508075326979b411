import Adapters
import EventLoop
import FoundationEssentials
import HTTPClient
import Orders
import PrivateServers

/// Closes the books of a run as ops do at the end of a month: each provider's statement is compared with the orders, what it
/// settles is settled, and it is compared once more.
@LoopActor
struct Bookkeeper {
  private struct Report: Decodable {
    struct Sum: Decodable {
      let count: Int
      let theirs: String
    }
    let kinds: [String: Sum]
    let together: Sum
    let unread_all, settled, settleable: Int
  }

  private static let bytesMax = 512 * 1024 * 1024
  private static let from = "2020-01-01", until = "2100-01-01"

  private static let statuses = "delivered=delivered,cancelled=cancelled,waiting=waiting"

  let servers: Servers
  let fleet: Fleet
  let http: HTTPClient
  let folder: String

  func close(_ lineup: Lineup) async throws -> [Evidence.Statement] {
    var statements: [Evidence.Statement] = []
    for member in lineup.members {
      let file = try await file(member)
      let first = try await compare(
        member, file, ["--settle", "--note", "the statement of the run", "--by", "chaos", "--yes"])
      let (code, report) = try await compare(member, file, [])
      statements.append(
        Evidence.Statement(
          provider: member.name, knowsReferences: member.adapter != "turkpin", code: code, unread: report.unread_all,
          theirs: Money(parsing: report.together.theirs)?.tenThousandths ?? .min, settled: first.report.settled,
          settleable: report.settleable, kinds: report.kinds.mapValues(\.count)))
    }
    return statements
  }

  /// The statement of a provider that lists none by itself; nil for one that does, and for a stock, whose own is in the
  /// database.
  private func file(_ member: Lineup.Member) async throws -> String? {
    if member.isStock || AdapterRegistry.sevk.adapter(named: member.adapter) is any StatementAdapter { return nil }
    let file = "\(folder)/statement-\(member.name).csv"
    let url = "http://\(servers.simulator(of: member))/_statement?dealer=\(member.dealer)"
    let reply = try await http.perform(HTTPClientRequest(url: url, bodyBytesMax: Self.bytesMax))
    FileManager.default.createFile(atPath: file, contents: Data(reply.body))
    return file
  }

  private func compare(
    _ member: Lineup.Member, _ file: String?, _ more: [String]
  ) async throws -> (code: Int32, report: Report) {
    // A provider that takes no reference is found by its own numbers.
    let columns = member.adapter == "turkpin" ? ["--columns", "id=reference"] : []
    let (code, output) = try await fleet.outcome(
      "worker",
      [
        "provider", "reconcile", member.name, "--from", Self.from, "--to", Self.until, "--json",
      ] + (file.map { ["--file", $0, "--status", Self.statuses] } ?? []) + columns + more)
    guard let line = output.split(separator: "\n").first(where: { $0.hasPrefix("{\"provider\"") }), let code,
      let report = try? JSONDecoder().decode(Report.self, from: Data(line.utf8))
    else { throw ChildProgram.Failure("the statement of \(member.name) could not be compared: \(output)") }
    return (code, report)
  }
}
