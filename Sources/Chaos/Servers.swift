import EventLoop
import FoundationEssentials
import Glibc
import Postgres
import PrivateServers
import Redis

/// The private Redis, PostgreSQL and simulators of one run.
@LoopActor
final class Servers {
  /// Two dealers at the one panel, each with a balance of his own, as Sevk's two providers.
  nonisolated static let kods = ["5550000000", "5550000002"]
  nonisolated static let panelBalance = "100000000"
  nonisolated static let sifre = "chaos-sifre-5f1d"

  /// Fewer than its clients have connections, so that they share them.
  private static let bouncerSessions = 12
  nonisolated static let redisHost = "redis"
  private nonisolated static let panelHost = "panel"

  let folder: String
  private let options: ChaosOptions
  /// Nil where all is on one machine.
  let hosts: Hosts?
  private let redisServer: RedisServer
  /// In place of the former, where the run is with sentinels.
  let sentinels: SentinelServers?
  /// In place of it, where the run is with a cluster.
  let cluster: ClusterServers?
  /// Where orders are written now; its name is that of its shim.
  private(set) var primary: (name: String, server: PostgresServer)
  private var standby: (name: String, server: PostgresServer)?
  private var bouncer: PgBouncer?
  private let bouncerFolder: String
  /// One for each provider of the lineup that does not share the first.
  private(set) var simulators: [SimulatorProgram] = []
  let redis: RedisClient
  let postgres: PostgresPool
  let shims: Shims
  /// What lies between Sevk and its servers, so that this program's own connections stay whole.
  let redisProxy: NetworkProxy
  let postgresProxies: [NetworkProxy]
  /// By the name of the provider that goes through it.
  private(set) var panelProxies: [String: NetworkProxy] = [:]
  private var simulatorAddresses: [String: String] = [:]
  /// What lies before that for the first provider alone.
  private(set) var firstProxy: NetworkProxy?
  // As Sevk reaches them: over TCP, through the proxies.
  var redisURL: String { sentinels?.url ?? cluster?.url ?? "redis://\(redisProxy.address)/0" }
  var databaseURL: String {
    "postgres://\(Self.role)@\(postgresProxies.map(\.address).joined(separator: ","))/postgres"
  }
  /// An ordinary role, as in production: limits and refusals don't hold for a superuser.
  nonisolated static let role = "sevk_app"

  /// What has a host of its own beside Sevk's processes.
  static func hostNames(_ options: ChaosOptions) -> [String] {
    // Sentinels and their servers are on Sevk's hosts.
    (options.redis == .single ? [redisHost] : []) + ["postgres"] + (options.database == .standby ? ["standby"] : [])
      + [panelHost]
  }

  init(_ options: ChaosOptions, folder: String, hosts: Hosts?) throws {
    self.options = options
    self.hosts = hosts
    self.folder = folder
    shims = try Shims(options, folder: folder)
    bouncerFolder = "\(folder)/bouncer"
    for part in ["pg", "log"] { mkdir("\(folder)/\(part)", 0o755) }
    redisServer = RedisServer(
      folder: folder, log: "\(folder)/log/redis", environment: try shims.environment(of: "redis"))
    sentinels =
      options.redis == .sentinel
      ? try SentinelServers(folder: "\(folder)/redis-set", log: "\(folder)/log/redis", hosts: hosts?.fleet ?? []) : nil
    cluster =
      options.redis == .cluster
      ? try ClusterServers(folder: "\(folder)/redis-cluster", log: "\(folder)/log/redis") : nil
    primary = try Self.postgres("postgres", in: "\(folder)/pg", options, folder: folder, shims)
    if options.database == .standby {
      standby = try Self.postgres("standby", in: "\(folder)/pg2", options, folder: folder, shims)
    }
    redisProxy = try NetworkProxy(to: .unix(path: redisServer.socket), on: hosts?.server(Self.redisHost))
    let sockets =
      options.database == .pgbouncer
      ? [PgBouncer.socket(in: bouncerFolder)] : [primary.server.socket] + (standby.map { [$0.server.socket] } ?? [])
    postgresProxies = try zip(sockets, ["postgres", "standby"]).map {
      try NetworkProxy(to: .unix(path: $0), on: hosts?.server($1))
    }
    redis = RedisClient(
      try RedisURL(sentinels?.url ?? cluster?.url ?? redisServer.url), needsMaster: options.redis == .sentinel)
    let server = primary.server
    postgres = PostgresPool(url: standby.map { server.url(or: $0.server) } ?? server.url, connectionsMax: 2)
  }

  private static func postgres(
    _ name: String, in place: String, _ options: ChaosOptions, folder: String, _ shims: Shims
  ) throws -> (name: String, server: PostgresServer) {
    let server = try PostgresServer(
      folder: place, log: "\(folder)/log/\(name)", isDurable: !options.isFast,
      environment: try shims.environment(of: name))
    return (name, server)
  }

  func start() async throws {
    try await primary.server.create()
    try await postgres.script("CREATE ROLE \(Self.role) LOGIN; GRANT ALL ON SCHEMA public TO \(Self.role)")
    if let standby {
      try await standby.server.follow(primary.server)
      try await primary.server.waitForStandbys()
    }
    if options.database == .pgbouncer {
      bouncer = try await PgBouncer.start(
        root: Self.root(above: options.binaries), folder: bouncerFolder, host: "\(folder)/pg",
        port: primary.server.port, users: [Self.role], sessions: Self.bouncerSessions)
    }
    if let sentinels {
      try await sentinels.start()
    } else if let cluster {
      try await cluster.start()
    } else {
      try await redisServer.start()
    }
    let shared = options.lineup.members.filter { $0.simulator == nil && !$0.isStock }
    if !shared.isEmpty {
      try await startSimulator(["--kod", Self.kods[0], "--dealer", Self.kods[1], "--sifre", Self.sifre], for: shared)
    }
    for member in options.lineup.members where !member.isStock {
      guard let flags = member.simulator else { continue }
      try await startSimulator(["--kod", Self.kods[0], "--sifre", Self.sifre] + flags, for: [member])
    }
  }

  /// The project's folder, from where its binaries are built; the present one for others.
  private static func root(above binaries: String) -> String {
    let files = FileManager.default
    var folder = binaries[...]
    while let slash = folder.lastIndex(of: "/") {
      folder = folder[..<slash]
      if files.fileExists(atPath: "\(folder)/ops/prepare") { return String(folder) }
    }
    return files.currentDirectoryPath
  }

  private func startSimulator(_ flags: [String], for members: [Lineup.Member]) async throws {
    let number = simulators.count + 1
    let simulator = try await SimulatorProgram(
      binaries: options.binaries,
      flags + [
        "--seed", "\(options.seed &+ UInt64(number - 1))", "--complete-after", "1s", "--cancel-rate", "0.1",
        "--balance",
        Self.panelBalance,
      ], log: "\(folder)/log/simulator-\(number)", host: hosts?.server(Self.panelHost))
    simulators.append(simulator)
    let proxy = try NetworkProxy(to: Self.socketAddress(simulator.address), on: hosts?.server(Self.panelHost))
    for member in members { (panelProxies[member.name], simulatorAddresses[member.name]) = (proxy, simulator.address) }
    if members.contains(where: { $0.name == Injector.firstProvider }) {
      firstProxy = try NetworkProxy(to: Self.socketAddress(proxy.address), on: hosts?.server(Self.panelHost))
    }
  }

  /// - Parameter address: `HOST:PORT`.
  static func socketAddress(_ address: String) -> SocketAddress {
    let parts = address.split(separator: ":")
    return .tcp(host: parts.first.map(String.init) ?? "", port: parts.last.flatMap { Int($0) } ?? 0)
  }

  /// Where the books of a provider are.
  func simulator(of member: Lineup.Member) -> String { simulatorAddresses[member.name] ?? "" }

  /// Where Sevk finds a provider.
  func address(of member: Lineup.Member) -> String {
    let proxy = member.name == Injector.firstProvider ? firstProxy : panelProxies[member.name]
    return proxy?.address ?? ""
  }

  /// Why nothing can be judged; nil when each simulator runs.
  var simulatorProblem: String? {
    simulators.lazy.compactMap { $0.process.poll() }.first.map {
      "a simulator ended by itself with \($0.words): nothing can be judged"
    }
  }

  // MARK: Breaking them

  /// Kills Redis and starts it again, empty or with what it saved.
  func restartRedis(isEmpty: Bool) async throws {
    await redisServer.kill()
    try await redisServer.start(isEmpty: isEmpty)
  }

  /// Stops Redis for a while; the master of now, where there are several.
  func pauseRedis(for time: Duration) async throws {
    var server = redisServer
    if let sentinels { server = sentinels.servers[await sentinels.masterIndex() ?? 0] }
    server.process?.signal(SIGSTOP)
    defer { server.process?.signal(SIGCONT) }
    try await EventLoop.sleep(for: time)
  }

  /// Whether PostgreSQL went down by itself.
  var postgresIsDown: Bool { primary.server.process?.poll() != nil }

  /// As after a crash: no farewell, no checkpoint, recovery from the log.
  func restartPostgres() async throws {
    await primary.server.crash()
    try await primary.server.start()
  }

  /// The primary crashes, and the standby takes its place; the other follows it from then on, and commits wait for that.
  func failOver() async throws {
    guard let next = standby else { return }
    let old = primary
    await old.server.crash()
    try await next.server.promote()
    (primary, standby) = (next, old)
    try await old.server.follow(next.server)
    try await next.server.waitForStandbys()
  }

  /// What runs on a host that is lost ends with it, but for simulators, whose books are what the run is judged by.
  func lose(_ host: NetworkHost) async {
    for place in sentinels?.places(on: host) ?? [] {
      await sentinels?.servers[place].kill()
      await sentinels?.killSentinel(place)
    }
    if host.name == Self.redisHost { await redisServer.kill() }
    if host.name == primary.name { await primary.server.crash() }
  }

  func bringBack(_ host: NetworkHost) async throws {
    for place in sentinels?.places(on: host) ?? [] {
      try await sentinels?.servers[place].start(isEmpty: false)
      try sentinels?.startSentinel(place)
    }
    if host.name == Self.redisHost { try await redisServer.start() }
    if host.name == primary.name { try await primary.server.start() }
  }

  // MARK: The end

  func stop() async {
    redis.close()
    await postgres.close()
    firstProxy?.close()
    for proxy in [redisProxy] + postgresProxies + panelProxies.values { proxy.close() }
    for simulator in simulators { await simulator.process.stop(SIGKILL, grace: .seconds(30)) }
    await redisServer.kill()
    await sentinels?.stop()
    await cluster?.stop()
    await bouncer?.process.stop(SIGKILL, grace: .seconds(30))
    await standby?.server.stop()
    await primary.server.stop()
  }
}
