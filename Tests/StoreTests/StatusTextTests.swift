import Foundation
import Orders
import Store
import TestSupport
import Testing

/// What people read about statuses, and what watches them, says what the table says.
@Suite struct StatusTextTests {
  /// Every page, wherever its words stand.
  private let pages: String

  init() throws {
    let folders = ["docs", "ops"].flatMap { folder in
      let found = try? FileManager.default.subpathsOfDirectory(atPath: "\(Repository.root)/\(folder)")
      return (found ?? []).filter { $0.hasSuffix(".md") }.sorted().map { "\(folder)/\($0)" }
    }
    pages = try (["README.md", "CONTRIBUTING.md"] + folders).map { try Repository.text($0) }.joined(separator: "\n")
  }

  @Test func theTableForShops() throws {
    let lines = pages.split(separator: "\n", omittingEmptySubsequences: false)
    let start = try #require(lines.firstIndex { $0.hasPrefix("| status | support says |") })
    let rows = lines[(start + 2)...].prefix { $0.hasPrefix("|") }.map { line in
      line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
    }
    #expect(rows.map { $0.first } == Status.allCases.map { "`\($0.rawValue)`" })
    for (row, status) in zip(rows, Status.allCases) {
      #expect(row.count == 3 && row[1] == status.meaning, "\(status)")
      #expect((row.last == "final") == status.isFinal, "\(status)")
    }
  }

  @Test func whenARefundIsSafe() throws {
    let safe = Self.quoted(Status.allCases.filter(\.isRefundSafe), last: " and ")
    let told = "Give money back on \(safe), and on nothing else."
    #expect(pages.contains(told), "no page says: \(told)")
    let described = "Refund on \(safe), on nothing else."
    #expect(try openAPI.contains(described), "openapi.json does not say: \(described)")
  }

  @Test func theTypesOfEvents() throws {
    let types = Status.allCases.compactMap(\.eventType)
    let start = try #require(pages.firstRange(of: "The types are "), "no page lists the types of events")
    // To the end of the paragraph.
    let rest = pages[start.upperBound...]
    let paragraph = rest[..<(rest.firstRange(of: "\n\n")?.lowerBound ?? rest.endIndex)]
    let named = paragraph.matches(of: /`(sevk\.order\.\w+)`/).map { String($0.1) }
    #expect(named == types + [FulfilmentStore.progressed])
  }

  @Test func openAPIListsEach() throws {
    let names = Status.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
    #expect(try openAPI.contains("\"enum\": [\(names)]"))
    for status in Status.allCases {
      let start = #"- `\#(status.rawValue)`: \#(status.meaning)"#
      let line = try #require(
        try openAPI.components(separatedBy: #"\n"#).first { $0.hasPrefix(start) }, "openapi.json does not say: \(start)"
      )
      #expect(line.hasSuffix("; final") == status.isFinal, "\(status)")
      #expect(line.contains("a refund is safe") == status.isRefundSafe, "\(status)")
    }
  }

  @Test func metricsAndAlerts() throws {
    let metrics = try Repository.text("ops/METRICS.md").split(separator: "\n")
    for (name, statuses) in [
      ("sevk_orders", Status.unsettled), ("sevk_order_oldest_open_age_seconds", Status.open),
    ] {
      let line = try #require(metrics.first { $0.hasPrefix("| `\(name)` |") })
      #expect(line.contains("| `status`: \(Self.quoted(statuses, last: ", ")) |"), "\(name)")
    }
    let rules = try Repository.text("ops/prometheus/sevk.rules.yml")
    let selector = try Regex(
      #"sevk_order_oldest_open_age_seconds\{status=~?"([\w|]+)"\}"#, as: (Substring, Substring).self)
    let watched = rules.matches(of: selector).flatMap { $0.1.split(separator: "|").map(String.init) }
    // How long an order has been in sending has a gauge of its own.
    #expect(Set(watched) == Set(Status.open.filter { $0 != .sending }.map(\.rawValue)))
  }

  @Test func theRunbookHelpsWithEachThatLasts() throws {
    let headings = try Repository.text("ops/RUNBOOK.md").split(separator: "\n").filter {
      $0.hasPrefix("## Orders stay in ")
    }
    let named = headings.flatMap { $0.matches(of: /`(\w+)`/).map { String($0.1) } }
    #expect(named.sorted() == Status.open.map(\.rawValue).sorted())
    let held = Self.quoted(Status.unsettled.filter { $0 != .sent && $0 != .contested }, last: " or ")
    #expect(pages.contains("\(held) in the backup"), "of a restored backup the runbook does not say: \(held)")
  }

  private var openAPI: String { get throws { try Repository.text("Sources/Dispatcher/OpenAPI/openapi.json") } }

  private static func quoted(_ statuses: [Status], last: String) -> String {
    let names = statuses.map { "`\($0.rawValue)`" }
    return names.dropLast().joined(separator: ", ") + last + (names.last ?? "")
  }
}
