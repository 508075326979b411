/// What the command line says.
struct ChaosOptions {
  enum Parsed {
    case run(ChaosOptions)
    case help
    case wrong(String)
  }

  /// What stands behind the URL of PostgreSQL.
  enum Database: String, CaseIterable {
    case single
    /// PgBouncer, which hands each transaction to any of its sessions.
    case pgbouncer
    /// A primary whose commits wait for a standby, which takes its place.
    case standby
  }

  /// What Sevk finds as its Redis.
  enum RedisSetup: String {
    case single
    /// A master with two replicas and three sentinels.
    case sentinel
    /// Three masters with a replica each.
    case cluster
  }

  var redis = RedisSetup.single
  /// How many hosts Sevk's processes are spread over; 0 for one machine without any.
  var hosts = 0
  var seed: UInt64 = 1
  var minutes = 2.0
  var ordersPerSecond = 20.0
  var faults = FaultKind.allCases
  var faultNames = "all"
  var lineup = Lineup(members: Lineup.all)
  var database = Database.single
  var jsonFile: String?
  var binaries = ""
  var isFast = false
  var keepsFolder = false
  /// The panel's limit of the provider: few make orders wait in the dispatchers.
  var concurrency = 32
  /// How long the panel answers every call with an error, from the start; nil for none.
  var outageMinutes: Double?
  /// How long the orders may take to be settled after the last fault.
  var settleSeconds = 180

  static let help = """
    chaos: runs Sevk against a simulated panel, breaks things by seed, and checks that nothing is lost or sent twice

      --seed N          decides the faults and their moments (1)
      --minutes M       how long orders come in; settling them comes on top (2)
      --rate N          orders a second (20)
      --faults LIST     names or groups with commas: kill,redis,panel-stall; all (all)
      --redis KIND      single; sentinel: a master, two replicas and three sentinels; cluster: three masters with a
                        replica each (single)
      --providers LIST  names with commas (all)
      --postgres KIND   single, pgbouncer (in transaction mode) or standby (a synchronous one) (single)
      --hosts N         spreads Sevk over N hosts, which are network namespaces; Redis, PostgreSQL and providers have
                        theirs; needs root (none)
      --outage M        the panel fails for so many minutes from the start; no other faults unless --faults names some
      --concurrency N   sends at once to the panel from a process (32)
      --settle SECONDS  how long orders may take to be settled after the last fault (180)
      --fast            PostgreSQL does not wait for the disk
      --keep            leaves the folder with logs and data, and says where it is
      --json FILE       writes the report as JSON too
      --binaries DIR    where dispatcher, worker, scheduler, gateway and simulator are (beside this program)

    Providers: \(Lineup.all.map(\.name).joined(separator: ", "))
    Faults: \(FaultKind.allCases.map(\.rawValue).joined(separator: ", "))

    Exits 0 when every promise held, 1 when one did not, 64 on a wrong flag, 70 when the run could not be made.
    """

  static func parse(_ arguments: [String]) -> Parsed {
    var options = ChaosOptions()
    options.binaries = String(
      CommandLine.arguments[0].prefix(upTo: CommandLine.arguments[0].lastIndex(of: "/") ?? "".startIndex))
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      if argument == "--help" || argument == "-h" { return .help }
      if argument == "--fast" {
        options.isFast = true
        continue
      }
      if argument == "--keep" {
        options.keepsFolder = true
        continue
      }
      var flag = argument
      var value: String?
      if let mark = argument.firstIndex(of: "=") {
        flag = String(argument[..<mark])
        value = String(argument[argument.index(after: mark)...])
      }
      guard flags.contains(flag) else { return .wrong("unknown flag \(flag)") }
      guard let value = value ?? rest.popFirst() else { return .wrong("\(flag) needs a value") }
      if let problem = options.set(flag, value) { return .wrong("\(flag) \(value): \(problem)") }
    }
    if options.hosts > 0, options.redis == .cluster {
      return .wrong("--redis cluster is for one machine, without --hosts")
    }
    if options.hosts == 0 {
      let others = options.faults.filter { !$0.isOfHosts }
      guard !others.isEmpty || options.faults.isEmpty else {
        return .wrong("--faults \(options.faultNames) needs --hosts")
      }
      options.faults = others
    }
    if options.database != .standby { options.faults.removeAll(where: \.needsStandby) }
    if let outage = options.outageMinutes {
      guard options.minutes > outage else { return .wrong("--minutes must be more than --outage") }
      if !arguments.contains(where: { $0.hasPrefix("--faults") }) {
        (options.faults, options.faultNames) = ([], "none")
      }
    }
    let wanted = options.faults
    options.faults = wanted.filter { $0.fits(options.redis) }
    guard wanted.isEmpty || !options.faults.isEmpty else {
      return .wrong("none of --faults \(options.faultNames) is for --redis \(options.redis.rawValue)")
    }
    return .run(options)
  }

  private static let flags: Set<String> = [
    "--seed", "--minutes", "--rate", "--faults", "--json", "--binaries", "--concurrency", "--settle", "--outage",
    "--providers", "--postgres", "--redis", "--hosts",
  ]

  /// What is wrong with the value; nil when nothing is.
  private mutating func set(_ flag: String, _ value: String) -> String? {
    switch flag {
    case "--seed":
      guard let number = UInt64(value) else { return "expected a whole number" }
      seed = number
    case "--minutes":
      guard let number = Double(value), number > 0, number <= 1440 else { return "expected minutes, such as 0.5 or 60" }
      minutes = number
    case "--rate":
      guard let number = Double(value), number > 0, number <= 1000 else {
        return "expected orders a second, up to 1000"
      }
      ordersPerSecond = number
    case "--outage":
      guard let number = Double(value), number > 0, number <= 1440 else { return "expected minutes, such as 30" }
      outageMinutes = number
    case "--concurrency":
      guard let number = Int(value), (1...1000).contains(number) else { return "expected 1 to 1000" }
      concurrency = number
    case "--settle":
      guard let number = Int(value), number > 0 else { return "expected seconds" }
      settleSeconds = number
    case "--providers":
      let (lineup, unknown) = Lineup.parse(value)
      guard let lineup else { return "no provider is named \(unknown ?? value)" }
      self.lineup = lineup
    case "--postgres":
      guard let database = Database(rawValue: value) else { return "expected single, pgbouncer or standby" }
      self.database = database
    case "--faults":
      let (kinds, unknown) = FaultKind.parse(value)
      if let unknown { return "no fault is named \(unknown)" }
      (faults, faultNames) = (kinds, value)
    case "--redis":
      guard let kind = RedisSetup(rawValue: value) else { return "expected single, sentinel or cluster" }
      redis = kind
    case "--hosts":
      guard let number = Int(value), (2...9).contains(number) else { return "expected 2 to 9" }
      hosts = number
    case "--json": jsonFile = value
    default: binaries = value
    }
    return nil
  }

  /// The command that repeats the run.
  var command: String {
    "ops/chaos --seed \(seed) --minutes \(minutes) --rate \(ordersPerSecond) --faults \(faultNames)"
      + (outageMinutes.map { " --outage \($0)" } ?? "") + (concurrency == 32 ? "" : " --concurrency \(concurrency)")
      + (database == .single ? "" : " --postgres \(database.rawValue)")
      + (hosts == 0 ? "" : " --hosts \(hosts)")
      + (redis == .single ? "" : " --redis \(redis.rawValue)") + (isFast ? " --fast" : "")
  }
}
