import Foundation
import TestSupport
import Testing

/// The table of metrics, the alerts, the runbook and the dashboard agree with each other and with the code.
@Suite struct WatchFilesTests {
  private static let rules = "ops/prometheus/sevk.rules.yml"

  @Test func theTableListsEveryMetricThatTheCodeDescribes() throws {
    let described = try Self.described()
    var listed: [String: String] = [:]
    for row in try Repository.text("ops/METRICS.md").matches(of: /(?m)^\| `(\w+)` \| (counter|gauge|histogram)/) {
      #expect(listed.updateValue(String(row.2), forKey: String(row.1)) == nil, "\(row.1) is listed twice")
    }
    #expect(described.count > 40)
    #expect(listed == described)
  }

  @Test func whatIsCountedIsDescribed() throws {
    let described = try Self.described()
    let counted = try Repository.sources().matches(
      of: /(?:add|set|observe|sample|histogram|Gauge)\(\s*"((?:sevk|process)_\w+)"/)
    for match in counted { #expect(described[String(match.1)] != nil, "\(match.1) has no description") }
    #expect(Set(counted.map { String($0.1) }).count > 40)
  }

  @Test func rulesAndDashboardUseWhatIsThere() throws {
    let described = try Self.described()
    for path in [Self.rules, "ops/prometheus/sevk.rules.test.yml", "ops/grafana/sevk.json", "ops/RUNBOOK.md"] {
      let names = try Repository.text(path).matches(of: /\b(?:sevk|process)_[a-z_]+/).map { String($0.0) }
      #expect(!names.isEmpty)
      for name in names {
        let family = name.replacing(/_(bucket|sum|count)$/, with: "")
        #expect(described[name] != nil || described[family] == "histogram", "\(name) in \(path)")
      }
    }
  }

  @Test func everyAlertIsTestedAndSaysWhatToDo() throws {
    let anchors = Set(try Repository.text("ops/RUNBOOK.md").matches(of: /(?m)^## (.+)$/).map { Self.anchor($0.1) })
    let tests = try Repository.text("ops/prometheus/sevk.rules.test.yml")
    let alerts = try Repository.text(Self.rules).components(separatedBy: "- alert: ").dropFirst()
    #expect(alerts.count > 20)
    for alert in alerts {
      let name = alert.prefix { !$0.isWhitespace }
      #expect(tests.contains("alertname=\"\(name)\""), "\(name) is fired by no test")
      #expect(alert.contains(/severity: (critical|warning)/), "\(name)")
      for field in ["summary: ", "description: "] { #expect(alert.contains(field), "\(name) has no \(field)") }
      let anchor = alert.firstMatch(of: /runbook_url: ops\/RUNBOOK\.md#(\S+)/).map { String($0.1) }
      #expect(anchor.map(anchors.contains) == true, "\(name) points to \(anchor ?? "nothing")")
    }
  }

  @Test func prometheusTakesTheFilesAndTheAlertsFireInTime() throws {
    let folder = try Folder()
    let prometheus = "\(Repository.root)/ops/prometheus"
    for arguments in [
      ["check", "config", "\(prometheus)/prometheus.yml"], ["test", "rules", "\(prometheus)/sevk.rules.test.yml"],
    ] {
      let result = try Promtool.run(arguments, in: folder.path)
      #expect(result.code == 0, "\(arguments): \(result.output) \(result.errors)")
    }
  }

  /// Each expression as a rule of its own, since promtool checks nothing else.
  @Test func prometheusTakesEveryExpressionOfTheDashboard() throws {
    let json = try JSONSerialization.jsonObject(with: Data(try Repository.text("ops/grafana/sevk.json").utf8))
    let dashboard = try #require(json as? [String: Any])
    #expect((dashboard["schemaVersion"] as? Int ?? 0) >= 39)
    let panels = try #require(dashboard["panels"] as? [[String: Any]])
    #expect(
      panels.filter { $0["type"] as? String == "row" }.map { $0["title"] as? String } == [
        "Orders", "Queues", "Providers", "Processes",
      ])
    #expect(Set(panels.compactMap { $0["id"] as? Int }).count == panels.count)
    let targets = panels.flatMap { $0["targets"] as? [[String: Any]] ?? [] }
    for target in targets {
      #expect((target["datasource"] as? [String: String])?["uid"] == "${datasource}", "\(target)")
    }
    let expressions = targets.compactMap { $0["expr"] as? String }
    #expect(expressions.count == targets.count && expressions.count > 30)
    let rules = expressions.enumerated().map { index, expression in
      let plain = expression.replacing("$__rate_interval", with: "1m")
      return "      - {record: 'x\(index)', expr: '\(plain.replacing("'", with: "''"))'}"
    }
    let folder = try Folder()
    let file = "\(folder.path)/dashboard.yml"
    try "groups:\n  - name: dashboard\n    rules:\n\(rules.joined(separator: "\n"))\n"
      .write(toFile: file, atomically: true, encoding: .utf8)
    let result = try Promtool.run(["check", "rules", file], in: folder.path)
    #expect(result.code == 0, "\(result.output)\(result.errors)")
    #expect(result.output.contains("\(expressions.count) rules"))
  }

  // MARK: Reading

  /// Every metric in the code, with its type: where `describe` is called, and the gauges that schedulers list.
  private static func described() throws -> [String: String] {
    let sources = try Repository.sources()
    var found: [String: String] = [:]
    for match in sources.matches(of: /describe\(\s*"(\w+)",\s*"(counter|gauge|histogram)",\s*"/) {
      found[String(match.1)] = String(match.2)
    }
    for match in sources.matches(of: /\(\s*"(sevk_\w+)",\s*"[A-Z0-9]/) { found[String(match.1)] = "gauge" }
    if sources.contains(/updated = "sevk_gauges_updated_timestamp_seconds"/) {
      found["sevk_gauges_updated_timestamp_seconds"] = "gauge"
    }
    return found
  }

  /// As GitHub and GitLab make it of a heading.
  private static func anchor(_ heading: Substring) -> String {
    String(heading.lowercased().filter { $0.isLetter || $0.isNumber || $0 == " " || $0 == "-" || $0 == "_" })
      .replacing(" ", with: "-")
  }
}

/// A temporary folder, removed with this.
private final class Folder {
  let path = FileManager.default.temporaryDirectory.appendingPathComponent("sevk-\(UUID().uuidString.prefix(8))").path
  init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }
  deinit { try? FileManager.default.removeItem(atPath: path) }
}
