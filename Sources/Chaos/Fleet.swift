import CrashPoints
import EventLoop
import FoundationEssentials
import Glibc
import PrivateServers

/// The processes of Sevk, two of each program. One that ends is started again at once, and how it ended is kept.
@LoopActor
final class Fleet {
  nonisolated static let lease = Duration.seconds(2)
  nonisolated static let programs = ["dispatcher", "worker", "scheduler", "gateway"]
  private static let twins = 2
  /// As many tries in seconds as in production in days.
  private static let deliveryRetries = "200ms,500ms,1s,2s"
  private static let superviseInterval = Duration.milliseconds(50)
  private static let startLimit = Duration.seconds(60)
  private static let stopLimit = Duration.seconds(30)
  /// Until a process comes to the point where it is to die.
  private static let crashLimit = Duration.seconds(30)

  private final class Member {
    let program: String
    let number: Int
    let arguments: [String]
    /// Nil where all is on one machine.
    let host: NetworkHost?
    var process: ChildProgram?
    /// The signal that was sent to end it; nil when nobody wants it to end.
    var ordered: Int32?
    /// Where its processes are to die by themselves; nil for nowhere.
    var crashPoint: CrashPoint?
    var starts = 0
    init(_ program: String, _ number: Int, _ arguments: [String], on host: NetworkHost?) {
      (self.program, self.number, self.arguments, self.host) = (program, number, arguments, host)
    }
  }

  private let options: ChaosOptions
  private let programs: Programs
  private let shims: Shims
  private let hosts: Hosts?
  /// Nothing is started there.
  private var lost: Set<NetworkHost> = []
  private var members: [Member] = []
  private var supervisor: Task<Void, Never>?
  private var isStopping = false
  private(set) var endings: [Evidence.Ending] = []
  /// `HOST:PORT` of each dispatcher.
  private(set) var addresses: [String] = []
  /// `HOST:PORT` of each gateway.
  private(set) var gateways: [String] = []

  init(_ options: ChaosOptions, _ servers: Servers) {
    self.options = options
    shims = servers.shims
    hosts = servers.hosts
    // A clock that is an hour wrong must not eat up the deadline: it keeps the length that it has in production.
    // Neither must a long outage.
    let isLong = options.outageMinutes != nil || options.faults.contains { $0.rawValue.hasPrefix("clock-") }
    let deadline = isLong ? "24h" : "90s"
    var environment = SetUp.environment(
      redis: servers.redisURL, database: servers.databaseURL,
      [
        "SEVK_LEASE": "\(Self.lease.components.seconds)s", "SEVK_CHECK_FIRST_DELAY": "500ms",
        "SEVK_CHECK_BACKOFF": "500ms", "SEVK_CHECK_BACKOFF_MAX": "2s", "SEVK_CHECK_DEADLINE": deadline,
        "SEVK_SHUTDOWN_GRACE": "10s", "SEVK_DELIVERY_RETRIES": Self.deliveryRetries,
        "SEVK_PROVIDER_PRIVATE_HOSTS": servers.hosts?.range ?? "127.0.0.0/8",
      ])
    // For builds that can be made to break a promise, to see whether the checker notices.
    environment["SEVK_SABOTAGE"] = ProcessInfo.processInfo.environment["SEVK_SABOTAGE"]
    programs = Programs(binaries: options.binaries, environment: environment, logs: "\(servers.folder)/log")
  }

  var sabotage: String? { programs.environment["SEVK_SABOTAGE"] }
  var secretKey: String { programs.environment["SEVK_SECRET_KEY"] ?? "" }

  /// Runs a command of Sevk to its end; its output.
  @discardableResult
  func command(_ program: String, _ arguments: [String]) async throws -> String {
    try await programs.command(program, arguments)
  }

  /// The same however it ends, without what it says of errors; see ``Programs/outcome(_:_:)``.
  func outcome(_ program: String, _ arguments: [String]) async throws -> (code: Int32?, output: String) {
    try await programs.outcome(program, arguments, isQuiet: true)
  }

  /// Adds a tenant; its token.
  func addTenant(_ name: String) async throws -> String { try await programs.addTenant(name) }

  /// Starts all and waits until they say so.
  func start() async throws {
    for number in 1...Self.twins {
      for (place, program) in Self.programs.enumerated() {
        // The twins of a program are never on one host.
        let host = hosts.map { $0.fleet[(place + number) % $0.fleet.count] }
        var arguments = ["run"]
        if program == "dispatcher" || program == "gateway" {
          let address = "\(host?.address ?? "127.0.0.1"):\(try FreePort.find())"
          arguments += [program == "gateway" ? "--gateway-address" : "--http-address", address]
          if program == "gateway" { gateways.append(address) } else { addresses.append(address) }
        }
        members.append(Member(program, number, arguments, on: host))
      }
    }
    for member in members { try launch(member) }
    supervisor = Task(executorPreference: EventLoop.shared) { await self.supervise() }
    try await allStarted()
  }

  func allStarted() async throws {
    for member in members {
      try await Waiting.until("\(member.program) started", within: Self.startLimit) {
        member.ordered == nil && member.process?.hasStarted == true
      }
    }
  }

  private func launch(_ member: Member) throws {
    member.starts += 1
    member.ordered = nil
    var environment = try shims.environment(of: "\(member.program)-\(member.number)")
    environment["SEVK_CRASH_AT"] = member.crashPoint?.rawValue
    member.process = try programs.start(
      member.program, member.arguments, log: "\(member.program)-\(member.number).\(member.starts)", environment,
      host: member.host)
  }

  private func supervise() async {
    while !Task.isCancelled {
      for member in members {
        guard let process = member.process, let end = process.poll() else { continue }
        note(end, of: member, process)
        member.process = nil
        if !isStopping, !isLost(member) { try? launch(member) }
      }
      try? await EventLoop.sleep(for: Self.superviseInterval)
    }
  }

  private func note(_ end: ChildProgram.End, of member: Member, _ process: ChildProgram) {
    var problem: String?
    switch (end, member.ordered) {
    case (.signalled(let signal), let ordered?) where signal == ordered: break
    case (.exited(0), SIGTERM?): break
    case (.signalled(SIGKILL), nil) where member.crashPoint != nil: member.crashPoint = nil
    // Started while its servers were away, it says why and leaves the next try to the service manager.
    case (.exited, nil) where !process.hasStarted: break
    case (_, let ordered?): problem = "it was sent signal \(ordered)"
    case (_, nil): problem = "nobody asked for that"
    }
    endings.append(
      Evidence.Ending(process: "\(member.program)-\(member.number).\(member.starts)", how: end.words, problem: problem))
  }

  /// Sends SIGKILL or SIGTERM to a process; it is started again once it is gone.
  func end(_ program: String, pick: Int, _ signal: Int32) async throws {
    let member = member(program, pick)
    guard let process = member.process else { return }
    order(member, signal)
    try await Waiting.until("\(program) ended", within: Self.stopLimit) { member.process !== process }
  }

  /// Restarts a process of the point's program so that it dies when it gets there; after that it lives on as before.
  func crash(at point: CrashPoint, pick: Int) async throws {
    let member = member(point.program, pick)
    member.crashPoint = point
    order(member, SIGTERM)
    do {
      try await Waiting.until("a \(point.program) reached \(point.rawValue)", within: Self.crashLimit) {
        member.crashPoint == nil
      }
    } catch {
      member.crashPoint = nil
      // Not SIGTERM: it may come to the point while it stops.
      order(member, SIGKILL)
      throw error
    }
  }

  func killAll() async throws {
    let before = members.map { $0.starts }
    for member in members { order(member, SIGKILL) }
    try await Waiting.until("all ended", within: Self.stopLimit) {
      zip(self.members, before).allSatisfy { $0.starts > $1 }
    }
  }

  private func isLost(_ member: Member) -> Bool { member.host.map(lost.contains) ?? false }

  /// Kills what runs on a host, where nothing is started until it is back.
  func lose(_ host: NetworkHost) async throws {
    lost.insert(host)
    let victims = members.filter { $0.host == host }
    for member in victims { order(member, SIGKILL) }
    try await Waiting.until("all of \(host.name) ended", within: Self.stopLimit) {
      victims.allSatisfy { $0.process == nil }
    }
  }

  func bringBack(_ host: NetworkHost) throws {
    lost.remove(host)
    for member in members where member.host == host && member.process == nil { try launch(member) }
  }

  private func order(_ member: Member, _ signal: Int32) {
    // It is about to be gone, and how it went must not be taken for the answer to a later order.
    guard member.ordered != SIGKILL else { return }
    member.ordered = signal
    member.process?.signal(signal)
  }

  /// SIGSTOP until two leases have passed.
  func freeze(_ program: String, pick: Int) async throws {
    guard let process = member(program, pick).process else { return }
    process.signal(SIGSTOP)
    try await EventLoop.sleep(for: Self.lease * 2)
    process.signal(SIGCONT)
  }

  private func member(_ program: String, _ pick: Int) -> Member {
    let twins = members.filter { $0.program == program }
    return twins[pick % twins.count]
  }

  /// SIGTERM to all: each must finish what it began and exit 0.
  func stop() async throws {
    isStopping = true
    for member in members { order(member, SIGTERM) }
    defer { supervisor?.cancel() }
    try await Waiting.until("all processes stopped", within: Self.stopLimit) {
      self.members.allSatisfy { $0.process == nil }
    }
  }
}
