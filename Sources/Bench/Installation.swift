import EventLoop
import FoundationEssentials
import Glibc
import Postgres
import PrivateServers
import Redis

/// Sevk as ops would set it up, with private servers and a simulated panel as the provider.
@LoopActor
final class Installation {
  private static let commandLimit = Duration.seconds(60)
  private static let stopGrace = Duration.seconds(30)
  private static let sifre = "bench-secret"
  private static let kod = "5550000000"
  static let product = "pubg-60"

  let stage: Stage
  let redisServer: RedisServer
  let postgresServer: PostgresServer
  /// Connections of the measuring process.
  let redis: RedisClient
  let postgres: PostgresPool
  private(set) var panel: SimulatorProgram?
  /// The processes of Sevk that run now.
  private(set) var processes: [String: ChildProgram] = [:]
  /// `HOST:PORT` of the dispatcher.
  private(set) var apiAddress = ""
  private(set) var token = ""
  private var environment: [String: String] = [:]
  private var starts = 0

  /// - Parameter settings: variables of Sevk's processes, beside the addresses.
  init(stage: Stage, settings: [String: String] = [:]) throws {
    self.stage = stage
    redisServer = RedisServer(folder: "\(stage.folder)/redis", log: "\(stage.folder)/redis.log")
    postgresServer = try PostgresServer(
      folder: "\(stage.folder)/pg", log: "\(stage.folder)/postgres.log", isDurable: true)
    redis = RedisClient(try RedisURL(redisServer.url))
    // Filling tables takes its time.
    postgres = PostgresPool(url: postgresServer.url, connectionsMax: 2, statementTimeout: .seconds(600))
    environment = ChildProgram.environment.merging([
      "SEVK_REDIS_URL": redisServer.url, "SEVK_DATABASE_URL": postgresServer.url, "SEVK_LOG_FORMAT": "json",
      "SEVK_SECRET_KEY": Data((0..<32).map { _ in UInt8.random(in: 0...255) }).base64EncodedString(),
      "SEVK_PROVIDER_PRIVATE_HOSTS": "127.0.0.1",
    ]) { $1 }.merging(settings) { $1 }
  }

  /// Starts the servers and sets up a tenant, a provider and a route.
  ///
  /// - Parameter panelArguments: of the simulator.
  func create(panelArguments: [String] = []) async throws {
    Output.progress("starting private Redis and PostgreSQL, and setting up Sevk")
    try await redisServer.start()
    try await postgresServer.create()
    let panel = try await SimulatorProgram(
      binaries: Stage.binaries,
      ["--kod", Self.kod, "--sifre", Self.sifre, "--balance", "100000000"] + panelArguments,
      log: "\(stage.folder)/simulator.log")
    self.panel = panel
    try await command("dispatcher", "migrate")
    try await command("dispatcher", "tenant", "add", "shop")
    let printed = try await command(
      "dispatcher", "token", "create", "--tenant", "shop", "--scope", "orders:write,orders:read,pins:read")
    token = printed.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
    try await command(
      "dispatcher", "provider", "add", "panel", "--adapter", "znet", "--base-url", "http://\(panel.address)",
      "--credential", "kod=\(Self.kod)", "--credential", "sifre=\(Self.sifre)", "--concurrency", "256")
    try await command(
      "dispatcher", "route", "add", "--tenant", "shop", "--product", Self.product, "--provider", "panel",
      "--param", "oyun=1", "--param", "kupur=60", "--param", "oyuncu_bilgi={player_id}", "--param",
      "musteri_tel={phone}")
  }

  /// What a peer needs to reach the same servers.
  var peerEnvironment: [String: String] {
    [
      "BENCH_REDIS_URL": redisServer.url, "BENCH_REDIS_SOCKET": redisServer.socket,
      "BENCH_DATABASE_URL": postgresServer.url, "BENCH_PANEL": panel?.address ?? "", "BENCH_KOD": Self.kod,
      "BENCH_SIFRE": Self.sifre,
    ]
  }

  /// Runs a command of Sevk to its end; its output.
  @discardableResult
  private func command(_ program: String, _ arguments: String...) async throws -> String {
    let log = "\(stage.folder)/command.log"
    unlink(log)
    let process = try ChildProgram("\(Stage.binaries)/\(program)", arguments, environment: environment, log: log)
    guard try await process.ended(within: Self.commandLimit) == .exited(0) else {
      throw ChildProgram.Failure("\(program) \(arguments.first ?? "") failed: \(process.output)")
    }
    return process.output
  }

  /// Starts one of each of these programs and waits until they say that they run.
  func start(_ programs: [String] = ["dispatcher", "worker", "scheduler"]) async throws {
    starts += 1
    for program in programs {
      var arguments = ["run"]
      if program == "dispatcher" {
        apiAddress = "127.0.0.1:\(try FreePort.find())"
        arguments += ["--http-address", apiAddress]
      }
      processes[program] = try ChildProgram(
        "\(Stage.binaries)/\(program)", arguments, environment: environment,
        log: "\(stage.folder)/\(program).\(starts).log")
    }
    for program in programs {
      guard let process = processes[program] else { continue }
      try await Waiting.until("\(program) started", within: Self.commandLimit) {
        if let end = process.poll() {
          throw ChildProgram.Failure("\(program) ended at once with \(end.words): \(process.output)")
        }
        return process.output.contains("\"message\":\"started\"")
      }
    }
  }

  /// Throws when a process of Sevk has ended.
  func requireAlive() throws {
    for (program, process) in processes {
      if let end = process.poll() {
        throw ChildProgram.Failure("\(program) ended with \(end.words): \(process.output.suffix(2000))")
      }
    }
  }

  /// Stops Sevk's processes as ops would.
  func stopProcesses() async {
    for process in processes.values { process.signal(SIGTERM) }
    for process in processes.values { await process.stop(grace: Self.stopGrace) }
    processes = [:]
  }

  /// Forgets all orders and jobs; while no process runs.
  func empty() async throws {
    try await postgres.script("TRUNCATE orders, attempts, exchanges, events, audits CASCADE")
    _ = try await redis.command("FLUSHALL")
  }

  func machine() async throws -> Machine {
    let version = try await postgres.run(PostgresStatement(name: "version", sql: "SHOW server_version"), [])
    return Machine(
      redis: try await RedisFacts.version(redis),
      postgresql: try version.first.map { String(try $0.text(0).prefix { $0 != " " }) } ?? "unknown")
  }

  func stop() async {
    await stopProcesses()
    redis.close()
    await postgres.close()
    await panel?.process.stop(SIGKILL, grace: Self.stopGrace)
    await redisServer.kill()
    await postgresServer.stop()
  }
}
