import EventLoop
import FoundationEssentials
import Glibc
import Postgres
import Redis

/// The private Redis, PostgreSQL and panel of one run.
@LoopActor
final class Servers {
  /// Two dealers at the one panel, each with a balance of his own, as Sevk's two providers.
  nonisolated static let kods = ["5550000000", "5550000002"]
  nonisolated static let panelBalance = "100000000"
  nonisolated static let sifre = "chaos-sifre-5f1d"
  private static let startLimit = Duration.seconds(30)

  let folder: String
  private let options: ChaosOptions
  private let tools: String
  private let postgresUser: String?
  private var redisProcess: ChildProgram?
  private var postgresProcess: ChildProgram?
  private(set) var panelProcess: ChildProgram?
  private(set) var panelAddress = ""
  let redis: RedisClient
  let postgres: PostgresPool
  let shims: Shims
  /// What lies between Sevk and its servers, so that this program's own connections stay whole.
  let redisProxy: NetworkProxy
  let postgresProxy: NetworkProxy
  private(set) var panelProxy: NetworkProxy?
  // As Sevk reaches them: over TCP, through the proxies.
  var redisURL: String { "redis://\(redisProxy.address)/0" }
  var databaseURL: String { "postgres://\(Self.role)@\(postgresProxy.address)/postgres" }
  /// An ordinary role, as in production: limits and refusals don't hold for a superuser.
  nonisolated static let role = "sevk_app"

  init(_ options: ChaosOptions, folder: String) throws {
    self.options = options
    self.folder = folder
    shims = try Shims(options, folder: folder)
    redisProxy = try NetworkProxy(to: .unix(path: "\(folder)/redis.sock"))
    postgresProxy = try NetworkProxy(to: .unix(path: "\(folder)/pg/.s.PGSQL.5432"))
    redis = RedisClient(try RedisURL("unix://\(folder)/redis.sock"))
    postgres = PostgresPool(url: "postgres://sevk@/postgres?host=\(folder)/pg", connectionsMax: 2)
    let root = "/usr/lib/postgresql"
    let versions = ((try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []).compactMap(Int.init).sorted()
    guard let version = versions.last else { throw ChildProgram.Failure(description: "PostgreSQL is missing: \(root)") }
    tools = "\(root)/\(version)/bin"
    // PostgreSQL refuses to run as root.
    postgresUser = getuid() == 0 ? "postgres" : nil
  }

  func start() async throws {
    for part in ["pg", "log"] { mkdir("\(folder)/\(part)", 0o755) }
    if let postgresUser, let user = getpwnam(postgresUser)?.pointee { chown("\(folder)/pg", user.pw_uid, user.pw_gid) }
    let made = try ChildProgram(
      "\(tools)/initdb",
      ["-D", "\(folder)/pg", "-U", "sevk", "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"],
      environment: Self.environment, log: "\(folder)/log/initdb", user: postgresUser)
    guard try await made.ended(within: Self.startLimit) == .exited(0) else {
      throw ChildProgram.Failure(description: "initdb failed: \(made.output)")
    }
    try await startPostgres()
    try await postgres.script("CREATE ROLE \(Self.role) LOGIN; GRANT ALL ON SCHEMA public TO \(Self.role)")
    try await startRedis(empty: true)
    let panel = try ChildProgram(
      "\(options.binaries)/simulator",
      [
        "--address", "127.0.0.1:0", "--kod", Self.kods[0], "--dealer", Self.kods[1], "--sifre", Self.sifre, "--seed",
        "\(options.seed)",
        "--complete-after", "1s", "--cancel-rate", "0.1", "--balance", Self.panelBalance,
      ], environment: Self.environment, log: "\(folder)/log/simulator")
    panelProcess = panel
    let mark = "listening on "
    try await Self.wait(for: "the simulator", Self.startLimit) {
      panel.output.contains(mark) && panel.output.hasSuffix("\n")
    }
    panelAddress = String(panel.output.split(separator: mark).last?.prefix { $0 != "\n" } ?? "")
    panelProxy = try NetworkProxy(
      to: .tcp(host: "127.0.0.1", port: Int(panelAddress.split(separator: ":").last ?? "") ?? 0))
  }

  nonisolated static let environment = ["PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"]

  // MARK: Redis

  func startRedis(empty: Bool) async throws {
    if empty { unlink("\(folder)/dump.rdb") }
    redisProcess = try ChildProgram(
      "/usr/bin/redis-server",
      [
        "--port", "0", "--unixsocket", "\(folder)/redis.sock", "--dir", folder, "--save", "", "--daemonize", "no",
      ], environment: Self.environment.merging(try shims.environment(of: "redis")) { $1 }, log: "\(folder)/log/redis")
    try await Self.wait(for: "Redis", Self.startLimit) { (try? await self.redis.ping()) != nil }
  }

  func killRedis() async throws {
    redisProcess?.signal(SIGKILL)
    _ = try await redisProcess?.ended(within: Self.startLimit)
  }

  func pauseRedis(_ isPaused: Bool) { redisProcess?.signal(isPaused ? SIGSTOP : SIGCONT) }

  // MARK: PostgreSQL

  private func startPostgres() async throws {
    var arguments = ["-D", "\(folder)/pg", "-k", "\(folder)/pg", "-c", "listen_addresses=", "-c", "max_connections=60"]
    if options.isFast { arguments += ["-c", "fsync=off"] }
    postgresProcess = try ChildProgram(
      "\(tools)/postgres", arguments,
      environment: Self.environment.merging(try shims.environment(of: "postgres")) { $1 },
      log: "\(folder)/log/postgres", user: postgresUser)
    try await Self.wait(for: "PostgreSQL", Self.startLimit) { (try? await self.postgres.script("SELECT 1")) != nil }
  }

  /// Whether PostgreSQL went down by itself.
  var postgresIsDown: Bool { postgresProcess?.poll() != nil }

  /// As after a crash: no farewell, no checkpoint, recovery from the log.
  func restartPostgres() async throws {
    postgresProcess?.signal(SIGQUIT)
    _ = try await postgresProcess?.ended(within: Self.startLimit)
    try await startPostgres()
  }

  // MARK: The end

  func stop() async {
    redis.close()
    await postgres.close()
    for proxy in [redisProxy, postgresProxy, panelProxy] { proxy?.close() }
    for process in [panelProcess, redisProcess, postgresProcess].compactMap({ $0 }) {
      process.signal(process === postgresProcess ? SIGINT : SIGKILL)
      _ = try? await process.ended(within: Self.startLimit)
    }
  }

  /// What becomes true outside is seen only by looking.
  static func wait(for what: String, _ limit: Duration, _ isTrue: @LoopActor () async -> Bool) async throws {
    let begun = ContinuousClock.now
    while !(await isTrue()) {
      guard ContinuousClock.now - begun < limit else {
        throw ChildProgram.Failure(description: "waited \(limit.components.seconds) s in vain for \(what)")
      }
      try await EventLoop.sleep(for: .milliseconds(20))
    }
  }
}

extension ChildProgram {
  /// Waits until the program ended.
  @LoopActor
  func ended(within limit: Duration) async throws -> End? {
    try await Servers.wait(for: "a program to end", limit) { self.poll() != nil }
    return poll()
  }
}
