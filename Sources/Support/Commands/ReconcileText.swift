import CommandLine
import Orders

/// What came of comparing a statement with orders, for people and for programs.
enum ReconcileText {
  private static let shownMax = 100

  static func text(_ report: ReconcileReport) -> String {
    var lines: [String] = []
    if report.unreadCount > 0 {
      lines += report.unread.prefix(shownMax).map { "line \($0.line) \($0.why)" }
      if report.unreadCount > shownMax { lines.append("and \(report.unreadCount - shownMax) more that can't be read") }
      lines.append("")
    }
    if !report.differences.isEmpty {
      var table = TextTable([
        .init("KIND"), .init("LINE", isRight: true), .init("REFERENCE"), .init("ORDER"), .init("HERE"), .init("THERE"),
        .init("OURS", isRight: true), .init("THEIRS", isRight: true), .init("WHAT"),
      ])
      for difference in report.differences.prefix(shownMax) {
        let settled = difference.settled.map { "; it is \($0.rawValue) now" } ?? ""
        let next = difference.settled == nil ? difference.command.map { "; \($0)" } ?? "" : ""
        table.add([
          difference.kind.rawValue, difference.line.map(String.init) ?? "", difference.reference ?? "",
          difference.orderID?.description ?? "", difference.statusHere ?? "", difference.statusThere ?? "",
          difference.ours?.description ?? "", difference.theirs?.description ?? "", difference.words + settled + next,
        ])
      }
      lines += table.lines(width: TextOutput.standard.columns)
      if report.differenceCount > shownMax {
        lines.append("and \(report.differenceCount - shownMax) more; --csv OUT writes all of them")
      }
      lines.append("")
    }
    var table = TextTable(
      [.init("")] + ["COUNT", "OURS", "THEIRS", "AMOUNT NOT KNOWN"].map { .init($0, isRight: true) })
    for kind in StatementRule.Kind.allCases {
      guard let sum = report.totals.byKind[kind] else { continue }
      table.add([kind.rawValue] + row(sum))
    }
    let all = report.totals.all
    table.add(["together"] + row(all))
    lines += table.lines(width: TextOutput.standard.columns)
    let currency = report.currency.map { " \($0)" } ?? ""
    lines.append("difference \(all.theirs - all.ours)\(currency): what the provider counts above what is held here")
    if report.outside > 0 { lines.append("\(report.outside) lines are of another time and were left out") }
    if report.settled > 0 { lines.append("settled: \(report.settled)") }
    if report.settleable > report.settled {
      lines.append(
        "\(report.settleable - report.settled) can be settled by their lines: the same with --settle --note TEXT")
    }
    if report.exitCode == 0 { lines.append("the books are equal") }
    return lines.joined(separator: "\n")
  }

  private static func row(_ sum: StatementTotals.Sum) -> [String] {
    ["\(sum.count)", sum.ours.description, sum.theirs.description, sum.unknown == 0 ? "" : "\(sum.unknown)"]
  }

  static func json(_ report: ReconcileReport) -> String {
    let all = report.totals.all
    let kinds = StatementRule.Kind.allCases.compactMap { kind in
      report.totals.byKind[kind].map { "\(JSONText.quote(kind.rawValue)):\(sum($0))" }
    }
    return JSONText.object([
      "provider": JSONText.quote(report.provider), "from": JSONText.quote(Timestamp.rfc3339(report.since)),
      "to": JSONText.quote(Timestamp.rfc3339(report.until)), "equal": "\(report.exitCode == 0)",
      "lines": "\(report.lines)", "outside": "\(report.outside)", "currency": report.currency.map(JSONText.quote),
      "kinds": "{" + kinds.joined(separator: ",") + "}",
      "together": sum(all), "difference": JSONText.quote((all.theirs - all.ours).description),
      "differences": JSONText.array(report.differences.map(json)), "differences_all": "\(report.differenceCount)",
      "unread": JSONText.array(
        report.unread.map { JSONText.object(["line": "\($0.line)", "why": JSONText.quote($0.why)]) }),
      "unread_all": "\(report.unreadCount)", "settled": "\(report.settled)", "settleable": "\(report.settleable)",
    ])
  }

  private static func sum(_ sum: StatementTotals.Sum) -> String {
    JSONText.object([
      "count": "\(sum.count)", "ours": JSONText.quote(sum.ours.description),
      "theirs": JSONText.quote(sum.theirs.description), "amount_unknown": "\(sum.unknown)",
    ])
  }

  private static func json(_ difference: ReconcileReport.Difference) -> String {
    JSONText.object([
      "kind": JSONText.quote(difference.kind.rawValue), "line": difference.line.map { "\($0)" },
      "provider_reference": difference.reference.map(JSONText.quote),
      "order": difference.orderID.map { JSONText.quote($0.description) },
      "reference": difference.shopReference.map(JSONText.quote), "here": difference.statusHere.map(JSONText.quote),
      "there": difference.statusThere.map(JSONText.quote),
      "ours": difference.ours.map { JSONText.quote($0.description) },
      "theirs": difference.theirs.map { JSONText.quote($0.description) },
      "at": difference.at.map { JSONText.quote(Timestamp.rfc3339($0)) }, "words": JSONText.quote(difference.words),
      "settled": difference.settled.map { JSONText.quote($0.rawValue) },
      "command": difference.command.map(JSONText.quote),
    ])
  }
}
