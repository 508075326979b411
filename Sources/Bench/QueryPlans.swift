import EventLoop
import Postgres
import PrivateServers

/// How PostgreSQL found the rows of each statement, as it noted itself while the processes ran.
@LoopActor
struct QueryPlans {
  let installation: Installation

  /// From now on new sessions write each statement's plan, with the rows that it met, to the server's log.
  func begin() async throws {
    try await installation.postgres.script(
      """
      ALTER ROLE sevk SET session_preload_libraries = 'auto_explain';
      ALTER ROLE sevk SET auto_explain.log_min_duration = 0;
      ALTER ROLE sevk SET auto_explain.log_analyze = on;
      ALTER ROLE sevk SET auto_explain.log_buffers = on;
      ALTER ROLE sevk SET auto_explain.log_timing = off;
      """)
  }

  /// The last plan of each statement, by statement.
  func written() -> String {
    let text = installation.postgresServer.process?.output ?? ""
    return Self.lastOfEach(text).sorted { $0.key < $1.key }.map(\.value).joined(separator: "\n")
  }

  /// A plan follows a line that ends in `plan:`, each line of it behind a tab.
  nonisolated static func lastOfEach(_ log: String) -> [String: String] {
    var plans: [String: String] = [:]
    var lines: [Substring]?
    func end() {
      guard let found = lines, let title = found.first(where: { $0.contains("Query Text:") }) else { return }
      plans[String(title)] = found.joined(separator: "\n") + "\n"
    }
    for line in log.split(separator: "\n") {
      if line.hasSuffix("plan:") {
        end()
        lines = []
      } else if line.hasPrefix("\t") {
        lines?.append(line.dropFirst())
      } else {
        end()
        lines = nil
      }
    }
    end()
    return plans
  }
}
