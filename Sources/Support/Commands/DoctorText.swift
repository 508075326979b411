import CommandLine

/// What the doctor found, for people and for machines.
enum DoctorText {
  static func text(_ report: Doctor.Report) -> String {
    func known(_ count: Int?) -> String { count.map(String.init) ?? "unknown" }
    var lines = [
      "open orders: \(known(report.openOrders)), held for a person: \(known(report.heldOrders)), jobs:"
        + " \(known(report.jobs))"
    ]
    for finding in report.findings { lines += block("WRONG", finding, "mend") }
    for notice in report.notices { lines += block("notice", notice, "to end it") }
    if report.findings.isEmpty { lines.append("nothing is wrong") }
    return lines.joined(separator: "\n")
  }

  private static func block(_ title: String, _ finding: Doctor.Finding, _ mend: String) -> [String] {
    ["\(title): \(ShownText.visible(finding.text))"] + finding.examples.map { "    \(ShownText.visible($0))" }
      + ["  \(mend): \(finding.mend)"]
  }

  static func json(_ report: Doctor.Report) -> String {
    JSONText.object([
      "ok": "\(report.findings.isEmpty)", "open_orders": report.openOrders.map(String.init),
      "held_orders": report.heldOrders.map(String.init), "jobs": report.jobs.map(String.init),
      "findings": JSONText.array(report.findings.map(json)), "notices": JSONText.array(report.notices.map(json)),
    ])
  }

  private static func json(_ finding: Doctor.Finding) -> String {
    JSONText.object([
      "what": JSONText.quote(finding.what), "count": "\(finding.count)", "text": JSONText.quote(finding.text),
      "mend": JSONText.quote(finding.mend), "examples": JSONText.array(finding.examples.map { JSONText.quote($0) }),
    ])
  }
}
