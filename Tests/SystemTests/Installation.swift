import EventLoop
import Foundation
import HTTPClient
import Postgres
import PrivateServers
import Redis
import TestSupport

/// A whole Sevk of one test: private Redis and PostgreSQL, a simulated panel, and the real binaries.
final class Installation: @unchecked Sendable {
  let folder: String
  let redis: PrivateRedis
  let postgres: PrivatePostgres
  private let ownsPostgres: Bool
  let databaseURL: String
  private(set) var environment: [String: String]
  private(set) var token = ""
  /// Of a token with the scope `endpoints:write`, where a test has made one.
  var endpointToken = ""
  private(set) var panel = ""
  private(set) var api = ""
  /// Where the gateway serves events.
  private(set) var live = ""
  private var running: [String: [ChildProgram]] = [:]
  let http = HTTPClient()
  private static let dealer = SetUp.Dealer(kod: "555", sifre: "panel-secret")

  /// Starts the servers and the panel, and sets up the tenant `shop` with a route for `pubg-60`.
  static func make(
    panel flags: [String] = [], provider providerFlags: [String] = [], environment extra: [String: String] = [:],
    ownPostgres: Bool = false, redisPassword: TestSecret? = nil
  ) async throws -> Installation {
    let postgres =
      if ownPostgres { try await PrivatePostgres.started(listensOnTCP: true) } else { try await PrivatePostgres.shared }
    let installation = Installation(
      redis: try await PrivateRedis.start(password: redisPassword?.text), postgres: postgres, ownsPostgres: ownPostgres,
      databaseURL: try await postgres.createDatabase())
    installation.environment.merge(extra) { $1 }
    try await installation.setUp(flags, providerFlags)
    return installation
  }

  private init(redis: PrivateRedis, postgres: PrivatePostgres, ownsPostgres: Bool, databaseURL: String) {
    self.ownsPostgres = ownsPostgres
    self.redis = redis
    self.postgres = postgres
    self.databaseURL = databaseURL
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("sevk-\(UUID().uuidString.prefix(8))").path
    try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    environment = SetUp.environment(
      redis: redis.url, database: databaseURL,
      [
        // Known to tests that write it in another form.
        "SEVK_SECRET_KEY": Data((0..<32).map { UInt8($0) }).base64EncodedString(),
        "SEVK_HTTP_ADDRESS": "127.0.0.1:0", "SEVK_GATEWAY_ADDRESS": "127.0.0.1:0", "SEVK_CHECK_FIRST_DELAY": "100ms",
        "SEVK_CHECK_BACKOFF": "100ms",
        "SEVK_CHECK_BACKOFF_MAX": "300ms", "SEVK_LEASE": "1s",
      ])
  }

  private func setUp(_ flags: [String], _ providerFlags: [String]) async throws {
    panel = try await startPanel(flags)
    try require("dispatcher", ["migrate"])
    try require("dispatcher", SetUp.tenant("shop"))
    token = try createToken("orders:write,orders:read,pins:read")
    try require(
      "dispatcher",
      SetUp.provider("panel", panel: panel, Self.dealer, ["--timeout", "1s", "--concurrency", "64"] + providerFlags))
    try addRoute("pubg-60", to: "panel")
  }

  /// Starts a simulated panel; its address.
  func startPanel(_ flags: [String] = []) async throws -> String {
    let simulator = try spawn(
      "simulator",
      [
        "--address", "127.0.0.1:0", "--kod", Self.dealer.kod, "--sifre", Self.dealer.sifre, "--complete-after", "150ms",
      ] + flags)
    return try await address(in: { simulator.output + simulator.errors }, after: "listening on ", of: simulator)
  }

  func addRoute(_ product: String, to provider: String, tenant: String = "shop") throws {
    try require("dispatcher", SetUp.route(product, to: provider, tenant: tenant))
  }

  /// For the programs started from now on; nil takes the variable away.
  func setEnvironment(_ variable: String, _ value: String?) { environment[variable] = value }

  func createToken(_ scopes: String, tenant: String = "shop", _ more: [String] = []) throws -> String {
    try require("dispatcher", SetUp.token(tenant, scopes: scopes) + more)
      .trimmingCharacters(in: .whitespacesAndNewlines)
  }

  // MARK: Processes

  /// Where the binaries are: beside the test bundle.
  static let binaries = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent().path

  func spawn(_ program: String, _ arguments: [String], environment extra: [String: String] = [:]) throws
    -> ChildProgram
  {
    let process = try ChildProgram(
      "\(Self.binaries)/\(program)", arguments, environment: environment.merging(extra) { $1 }, folder: folder)
    running[program, default: []].append(process)
    return process
  }

  /// Starts `dispatcher run`, `worker run` and `scheduler run`, and waits until orders are taken.
  func startAll() async throws {
    for program in ["scheduler", "worker", "dispatcher"] { try await start(program) }
  }

  @discardableResult
  func start(
    _ program: String, arguments: [String] = ["run"], environment extra: [String: String] = [:]
  ) async throws -> ChildProgram {
    let process = try spawn(program, arguments, environment: extra)
    if program == "dispatcher" {
      api = try await address(in: { process.errors }, after: "\"address\":\"", of: process)
    }
    if program == "gateway" {
      live = try await address(in: { process.errors }, after: "\"address\":\"", of: process)
    }
    try await wait(for: "\(program) to start", of: process) { process.errors.contains(SetUp.startedMark) }
    return process
  }

  /// The newest process of a program.
  func process(_ program: String) -> ChildProgram? { running[program]?.last }

  func kill(_ program: String) {
    guard let process = running[program]?.popLast() else { return }
    process.signal(SIGKILL)
    process.wait()
  }

  /// Runs a command to its end.
  func command(_ program: String, _ arguments: [String], environment extra: [String: String] = [:]) throws
    -> ChildProgram.Result
  {
    try ChildProgram.run(
      "\(Self.binaries)/\(program)", arguments, environment: environment.merging(extra) { $1 }, folder: folder)
  }

  /// Runs a command that has to succeed; its output.
  @discardableResult
  func require(_ program: String, _ arguments: [String]) throws -> String {
    let result = try command(program, arguments)
    guard result.code == 0 else {
      throw ChildProgram.Failure("\(program) \(arguments.joined(separator: " ")): \(result.code) \(result.errors)")
    }
    return result.output
  }

  func stop() async {
    for processes in running.values { for process in processes { process.signal(SIGKILL) } }
    for processes in running.values { for process in processes { process.wait() } }
    await http.close()
    redis.stop()
    if ownsPostgres { postgres.remove() }
    try? FileManager.default.removeItem(atPath: folder)
  }

  private func address(in text: @escaping @Sendable () -> String, after mark: String, of process: ChildProgram)
    async throws -> String
  {
    try await wait(for: mark, of: process) { text().contains(mark) && text().hasSuffix("\n") }
    let rest = text().components(separatedBy: mark).last ?? ""
    return String(rest.prefix { $0.isNumber || $0 == "." || $0 == ":" })
  }

  private static let startLimit = Duration.seconds(60)

  /// A program that starts says so in its log, which is seen only by looking.
  func wait(for what: String, of process: ChildProgram, _ isTrue: @escaping @Sendable () -> Bool) async throws {
    try await Waiting.until(what, within: Self.startLimit) {
      if isTrue() { return true }
      guard process.poll() == nil else {
        throw ChildProgram.Failure("the program ended before \(what): \(process.errors)")
      }
      return false
    }
  }

  /// The files of what every process and command wrote.
  func outputs() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".out") || $0.hasSuffix(".err") }
      .map { "\(folder)/\($0)" }
  }

  /// What every process wrote to its log.
  var logs: String { running.values.joined().map { $0.errors }.joined() }
}
