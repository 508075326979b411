import CommandLine
import OrderWork
import Orders
import Process
import ProviderGate
import Telemetry

/// `worker doctor`.
enum DoctorCommand {
  static let command = Command(
    "doctor", usage: "[--mend] [--ask-providers] [--json]",
    "Holds PostgreSQL against Redis and the processes; exit 1 when something is wrong, with what mends it;"
      + " what orders merely wait for is told as a notice. With"
      + " --ask-providers also against the providers: balance, and what became of unresolved and held orders; that needs"
      + " the secret key and changes nothing.",
    grammar: .init(switches: ["--json", "--mend", "--ask-providers"]),
    settings: OrderCommands.settings + [.providerPrivateHosts, .databaseStandby],
    example: "worker doctor --json"
  ) { arguments, settings in
    let key: ProcessFrame.KeyNeed = arguments.has("--ask-providers") ? .needed : .ifGiven
    let frame = try ProcessFrame(program: "worker", settings: settings, key: key)
    if arguments.has("--mend") {
      // Another key is a finding, and nothing is sealed here.
      try await frame.connect(meetsKeys: false)
      // It reports what it does here; the log of a process would say the same in another form.
      Log.quieten()
      let tools = OrderTools(
        store: frame.store, directory: frame.directory, planner: JobPlanner(broker: frame.broker, log: frame.log),
        schedule: (try? settings.checkSchedule()) ?? CheckSchedule(), instruments: frame.instruments)
      let reconciler = Reconciler(tools, broker: frame.broker, lease: try settings.duration(.lease))
      let added = try await reconciler.reconcile()
      if !arguments.has("--json") {
        print("added \(added) jobs that open orders lacked")
        if reconciler.revived > 0 { print("brought back \(reconciler.revived) jobs of overdue orders") }
      }
    }
    var report = try await Doctor.examine(frame.sources)
    let claim = try settings.standbyClaim()
    if report.hasDatabase { report.findings += try await DoctorStandby.examine(frame.sources, claim: claim) }
    // A database that is away is a finding already.
    if arguments.has("--ask-providers"), report.hasDatabase {
      report.findings += try await DoctorProviders.examine(frame.sources, try settings.providerAddresses())
    }
    if arguments.has("--json") {
      print(DoctorText.json(report))
    } else {
      print(DoctorText.text(report))
    }
    await frame.close()
    if !report.findings.isEmpty { throw ExitError("", code: 1) }
  }
}
