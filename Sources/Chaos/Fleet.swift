import CrashPoints
import EventLoop
import FoundationEssentials
import Glibc

/// The processes of Sevk, two of each. One that ends is started again at once, and how it ended is kept.
@LoopActor
final class Fleet {
  nonisolated static let lease = Duration.seconds(2)
  nonisolated static let programs = ["dispatcher", "worker", "scheduler"]
  private static let twins = 2
  private static let superviseInterval = Duration.milliseconds(50)
  private static let startLimit = Duration.seconds(60)
  private static let stopLimit = Duration.seconds(30)
  /// Until a process comes to the point where it is to die.
  private static let crashLimit = Duration.seconds(30)

  private final class Member {
    let program: String
    let number: Int
    let arguments: [String]
    var process: ChildProgram?
    /// The signal that was sent to end it; nil when nobody wants it to end.
    var ordered: Int32?
    /// Where its processes are to die by themselves; nil for nowhere.
    var crashPoint: CrashPoint?
    var starts = 0
    init(_ program: String, _ number: Int, _ arguments: [String]) {
      (self.program, self.number, self.arguments) = (program, number, arguments)
    }
  }

  private let options: ChaosOptions
  private let folder: String
  private let environment: [String: String]
  private let shims: Shims
  private var members: [Member] = []
  private var supervisor: Task<Void, Never>?
  private var isStopping = false
  private(set) var endings: [Evidence.Ending] = []
  /// `HOST:PORT` of each dispatcher.
  private(set) var addresses: [String] = []

  init(_ options: ChaosOptions, _ servers: Servers) {
    self.options = options
    folder = servers.folder
    shims = servers.shims
    var environment = Servers.environment
    environment.merge([
      "SEVK_REDIS_URL": servers.redisURL, "SEVK_DATABASE_URL": servers.databaseURL, "SEVK_LOG_FORMAT": "json",
      "SEVK_SECRET_KEY": Data((0..<32).map { _ in UInt8.random(in: 0...255) }).base64EncodedString(),
      "SEVK_LEASE": "\(Self.lease.components.seconds)s", "SEVK_CHECK_FIRST_DELAY": "500ms",
      "SEVK_CHECK_BACKOFF": "500ms", "SEVK_CHECK_BACKOFF_MAX": "2s", "SEVK_CHECK_DEADLINE": "90s",
      "SEVK_SHUTDOWN_GRACE": "10s",
    ]) { $1 }
    // For builds that can be made to break a promise, to see whether the checker notices.
    environment["SEVK_SABOTAGE"] = ProcessInfo.processInfo.environment["SEVK_SABOTAGE"]
    self.environment = environment
  }

  var sabotage: String? { environment["SEVK_SABOTAGE"] }
  var secretKey: String { environment["SEVK_SECRET_KEY"] ?? "" }

  /// Runs a command of Sevk to its end; its output.
  @discardableResult
  func command(_ program: String, _ arguments: [String]) async throws -> String {
    let log = "\(folder)/log/command-\(UInt32.random(in: 0...UInt32.max))"
    let process = try ChildProgram("\(options.binaries)/\(program)", arguments, environment: environment, log: log)
    let end = try await process.ended(within: Self.startLimit)
    let output = process.output
    unlink(log)
    guard end == .exited(0) else {
      throw ChildProgram.Failure(description: "\(program) \(arguments.first ?? "") failed: \(output)")
    }
    return output
  }

  /// Starts all and waits until they say so.
  func start() async throws {
    for number in 1...Self.twins {
      let address = "127.0.0.1:\(try Self.freePort())"
      addresses.append(address)
      members.append(Member("dispatcher", number, ["run", "--http-address", address]))
      members.append(Member("worker", number, ["run"]))
      members.append(Member("scheduler", number, ["run"]))
    }
    for member in members { try launch(member) }
    supervisor = Task(executorPreference: EventLoop.shared) { await self.supervise() }
    try await allStarted()
  }

  func allStarted() async throws {
    for member in members {
      try await Servers.wait(for: "\(member.program) to start", Self.startLimit) {
        member.ordered == nil && member.process?.hasStarted == true
      }
    }
  }

  private func launch(_ member: Member) throws {
    member.starts += 1
    member.ordered = nil
    var environment = environment.merging(try shims.environment(of: "\(member.program)-\(member.number)")) { $1 }
    environment["SEVK_CRASH_AT"] = member.crashPoint?.rawValue
    member.process = try ChildProgram(
      "\(options.binaries)/\(member.program)", member.arguments, environment: environment,
      log: "\(folder)/log/\(member.program)-\(member.number).\(member.starts)")
  }

  private func supervise() async {
    while !Task.isCancelled {
      for member in members {
        guard let process = member.process, let end = process.poll() else { continue }
        note(end, of: member, process)
        member.process = nil
        if !isStopping { try? launch(member) }
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
    try await Servers.wait(for: "\(program) to end", Self.stopLimit) { member.process !== process }
  }

  /// Restarts a process of the point's program so that it dies when it gets there; after that it lives on as before.
  func crash(at point: CrashPoint, pick: Int) async throws {
    let member = member(point.program, pick)
    member.crashPoint = point
    order(member, SIGTERM)
    do {
      try await Servers.wait(for: "a \(point.program) to reach \(point.rawValue)", Self.crashLimit) {
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
    try await Servers.wait(for: "all to end", Self.stopLimit) {
      zip(self.members, before).allSatisfy { $0.starts > $1 }
    }
  }

  private func order(_ member: Member, _ signal: Int32) {
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
    try await Servers.wait(for: "all processes to stop", Self.stopLimit) {
      self.members.allSatisfy { $0.process == nil }
    }
  }

  private static func freePort() throws -> Int {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let failed = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, size) != 0 || getsockname(descriptor, $0, &size) != 0
      }
    }
    guard !failed else { throw ChildProgram.Failure(description: "no free port: errno \(errno)") }
    return Int(UInt16(bigEndian: address.sin_port))
  }
}

extension ChildProgram {
  /// Whether a process of Sevk says that it runs.
  fileprivate var hasStarted: Bool { output.contains("\"message\":\"started\"") }
}
