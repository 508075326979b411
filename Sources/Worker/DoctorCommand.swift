import Service

/// `worker doctor`.
enum DoctorCommand {
  static let command = Command(
    "doctor", usage: "[--mend] [--ask-providers] [--json]",
    "Holds PostgreSQL against Redis and the processes; exit 1 when something is wrong, with what mends it. With"
      + " --ask-providers also against the providers: balance, and what became of unresolved and held orders; that needs"
      + " the secret key and changes nothing.",
    grammar: .init(switches: ["--json", "--mend", "--ask-providers"]),
    settings: OrderCommands.settings + [.providerPrivateHosts],
    example: "worker doctor --json"
  ) { arguments, settings in
    let frame = try ProcessFrame(program: "worker", settings: settings, needsKey: arguments.has("--ask-providers"))
    if arguments.has("--mend") {
      try await frame.connect()
      let added = try await Reconciler(frame: frame).reconcile()
      if !arguments.has("--json") { print("added \(added) jobs that open orders lacked") }
    }
    var report = try await Doctor.examine(frame)
    // A database that is away is a finding already.
    if arguments.has("--ask-providers"), report.hasDatabase {
      report.findings += try await DoctorProviders.examine(frame)
    }
    if arguments.has("--json") {
      let findings = report.findings.map { finding in
        JSONText.object([
          "what": JSONText.quote(finding.what), "count": "\(finding.count)", "text": JSONText.quote(finding.text),
          "mend": JSONText.quote(finding.mend), "examples": JSONText.array(finding.examples.map { JSONText.quote($0) }),
        ])
      }
      print(
        JSONText.object([
          "ok": "\(report.findings.isEmpty)", "open_orders": "\(report.openOrders)",
          "held_orders": "\(report.heldOrders)",
          "jobs": "\(report.jobs)", "findings": JSONText.array(findings),
        ]))
    } else {
      print("\(report.openOrders) open orders, \(report.heldOrders) held for a person, \(report.jobs) jobs")
      for finding in report.findings {
        print("WRONG: \(ShownText.visible(finding.text))")
        for example in finding.examples { print("    \(ShownText.visible(example))") }
        print("  mend: \(finding.mend)")
      }
      if report.findings.isEmpty { print("nothing is wrong") }
    }
    await frame.close()
    if !report.findings.isEmpty { throw ExitError("", code: 1) }
  }
}
