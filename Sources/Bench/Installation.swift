import Cipher
import CommandLine
import EventLoop
import FoundationEssentials
import Glibc
import Postgres
import PrivateServers
import Redis
import Store

/// Sevk as ops would set it up, with private servers and a simulated panel as the provider.
@LoopActor
final class Installation {
  private static let startLimit = Duration.seconds(60)
  private static let stopGrace = Duration.seconds(30)
  private static let dealer = SetUp.Dealer(kod: "5550000000", sifre: "bench-secret")
  static let product = "pubg-60"

  let stage: Stage
  /// For its servers and logs.
  private let folder: String
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
  /// `HOST:PORT` of the gateway.
  private(set) var liveAddress = ""
  private(set) var token = ""
  private let programs: Programs
  private var starts = 0

  /// - Parameters:
  ///   - settings: variables of Sevk's processes, beside the addresses.
  ///   - other: the version whose programs are taken; nil for those beside this one.
  init(stage: Stage, settings: [String: String] = [:], other: OtherVersion? = nil) throws {
    self.stage = stage
    folder = other == nil ? stage.folder : stage.emptied(OtherVersion.name)
    redisServer = RedisServer(folder: "\(folder)/redis", log: "\(folder)/redis.log")
    postgresServer = try PostgresServer(
      folder: "\(folder)/pg", log: "\(folder)/postgres.log", isDurable: true)
    redis = RedisClient(try RedisURL(redisServer.url))
    // Filling tables takes its time.
    postgres = PostgresPool(url: postgresServer.url, connectionsMax: 2, statementTimeout: .seconds(600))
    programs = Programs(
      binaries: other?.folder ?? Stage.binaries,
      environment: SetUp.environment(redis: redisServer.url, database: postgresServer.url, settings), logs: folder)
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
      [
        "--kod", Self.dealer.kod, "--sifre", Self.dealer.sifre, "--balance", "100000000",
        // Versions of before take such a PIN for an error.
        "--word-pins", "no",
      ] + panelArguments,
      log: "\(folder)/simulator.log")
    self.panel = panel
    try await programs.command("dispatcher", ["migrate"])
    token = try await programs.addTenant("shop")
    try await programs.command(
      "dispatcher", SetUp.provider("panel", panel: panel.address, Self.dealer, ["--concurrency", "256"]))
    try await programs.command("dispatcher", SetUp.route(Self.product, to: "panel", tenant: "shop"))
  }

  /// What a peer needs to reach the same servers.
  var peerEnvironment: [String: String] {
    [
      "BENCH_REDIS_URL": redisServer.url, "BENCH_REDIS_SOCKET": redisServer.socket,
      "BENCH_DATABASE_URL": postgresServer.url, "BENCH_PANEL": panel?.address ?? "", "BENCH_KOD": Self.dealer.kod,
      "BENCH_SIFRE": Self.dealer.sifre,
    ]
  }

  /// The database as Sevk's programs use it.
  func store() throws -> Store {
    Store(pool: postgres, vault: try Vault(keys: programs.environment[Setting.secretKey.variable] ?? ""))
  }

  /// Starts one of each of these programs and waits until they say that they run.
  ///
  /// - Parameter more: variables for these processes alone.
  func start(_ names: [String] = ["dispatcher", "worker", "scheduler"], _ more: [String: String] = [:]) async throws {
    starts += 1
    for program in names {
      var arguments = ["run"]
      if program == "dispatcher" {
        apiAddress = "127.0.0.1:\(try FreePort.find())"
        arguments += ["--http-address", apiAddress]
      }
      if program == "gateway" {
        liveAddress = "127.0.0.1:\(try FreePort.find())"
        arguments += ["--gateway-address", liveAddress]
      }
      processes[program] = try programs.start(program, arguments, log: "\(program).\(starts).log", more)
    }
    for program in names { try await processes[program]?.started(program, within: Self.startLimit) }
  }

  /// Throws when a process of Sevk has ended.
  func requireAlive() throws {
    for (program, process) in processes {
      if let end = process.poll() {
        throw RoundFailure("\(program) ended with \(end.words)", logsOf: [process])
      }
    }
  }

  /// Stops Sevk's processes as ops would.
  func stopProcesses() async {
    for process in processes.values { process.signal(SIGTERM) }
    for process in processes.values { await process.stop(grace: Self.stopGrace) }
    processes = [:]
  }

  /// Forgets all orders and jobs; while no process runs. Whatever the version's schema has of them: all but how Sevk is
  /// set up and how far it has come.
  func empty() async throws {
    try await postgres.script(
      """
      DO $$ BEGIN EXECUTE (
        SELECT 'TRUNCATE ' || string_agg(oid::regclass::text, ', ') || ' CASCADE' FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
          AND relname NOT LIKE 'bench%' AND relname NOT LIKE 'schema%' AND relname <> ALL (ARRAY[
            'tenants', 'api_tokens', 'providers', 'routes', 'catalog', 'setup_version', 'retention_marks',
            'change_base', 'event_tail', 'event_sinks', 'row_parts',
            -- Emptied with `orders`, by a trigger or a foreign key.
            'unsettled_orders', 'settled_orders', 'unfulfilled_orders', 'pin_prints', 'pins'])); END $$
      """)
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
