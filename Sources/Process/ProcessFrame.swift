import Cipher
public import CommandLine
public import EventLoop
import Glibc
import Orders
import Postgres
public import Queue
public import Redis
public import Store
public import Telemetry

/// What every process of Sevk has: settings, log, metrics, the connections to PostgreSQL and Redis, and an orderly life.
///
/// Only a program's `RunCommand` and the entry points of commands know it: they give each type what it needs of it.
@LoopActor
public final class ProcessFrame {
  public let program: String
  /// Names this process among all: program, host, pid and a random part, since pids come again.
  public nonisolated let name: String
  public let settings: Settings
  public let log: Log
  public let metrics: Metrics
  public let store: Store
  public let directory: Directory
  public let redis: RedisClient
  public let broker: RedisBroker
  /// nil unless spans are exported; see ``startTracing()``.
  public private(set) var tracer: Tracer?
  private let bell: WakeSignal
  /// When the grace of the stop ends; nil before.
  private var graceEnd: ContinuousClock.Instant?
  private let processMetrics: ProcessMetrics
  /// Says when the database goes and comes back.
  public let database: DatabaseWatch
  let mark: InstallationMark

  /// Whether a process or a command opens the secret key.
  public enum KeyNeed: Sendable {
    /// Not even where it is given: what only looks, so that support needn't hold the key to all PINs.
    case never
    /// Does more with it.
    case ifGiven
    case needed
  }

  /// Most connections of a process to PostgreSQL.
  static let connectionsMax = 4

  /// Reads the settings; connects to nothing yet.
  ///
  /// - Throws: ``UsageError``, `RedisError` or `VaultError`, each one line that names the variable or says what to do.
  public init(program: String, settings: Settings, key: KeyNeed = .needed) throws {
    self.program = program
    self.settings = settings
    log = try Log(program: program, settings)
    metrics = Metrics()
    var host = [CChar](repeating: 0, count: 256)
    gethostname(&host, host.count - 1)
    let hostName = String(decoding: host.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    name = "\(program)@\(hostName):\(getpid()):\(String(UInt32.random(in: 0...UInt32.max), radix: 36))"
    var vault: Vault?
    do {
      if key == .needed || key == .ifGiven && settings.isGiven(.secretKey) {
        vault = try Vault(keys: try settings.secret(.secretKey))
      }
    } catch let error as VaultError {
      throw UsageError("\(Setting.secretKey.variable) (or \(Setting.secretKey.flag)): \(error)")
    }
    let pool = PostgresPool(
      url: try settings.string(.databaseURL), connectionsMax: Self.connectionsMax, planner: Statements.planner)
    store = Store(pool: pool, vault: vault)
    directory = Directory(store: store)
    redis = RedisClient(try settings.redisURL())
    broker = RedisBroker(client: redis)
    database = DatabaseWatch(store, log)
    mark = InstallationMark(store, redis, log)
    bell = WakeSignal(redis: redis)
    let bell = bell
    store.onEvents = { bell.ring() }
    processMetrics = ProcessMetrics(metrics, program: program, store: store, redis: redis)
    let moves = OrderMoves(metrics)
    store.onMove = { moves.count(from: $0, to: $1) }
    let log = log
    directory.onUnreadable = { providers in
      for (name, reason) in providers.sorted(by: { $0.key < $1.key }) {
        log.error("a provider's credentials can't be read, so its orders wait", ["provider": name, "reason": reason])
      }
    }
  }

  /// For those whose work is told of. Spans are exported only by what is made after ``startTracing()``.
  public var instruments: Instruments { Instruments(log: log, metrics: metrics, tracer: tracer) }

  /// Makes sure that PostgreSQL answers, has this program's schema and is sealed with this process's key, and (unless told
  /// not to) that Redis answers.
  ///
  /// - Parameters:
  ///   - startsWithoutRedis: goes on where Redis does not answer, and is not refused: what needs it works once it is there.
  ///   - meetsKeys: false for what only looks, and goes on with another key.
  public func connect(
    redis needsRedis: Bool = true, startsWithoutRedis: Bool = false, meetsKeys: Bool = true
  ) async throws {
    // Ends a process that does not expect it, and ``run(_:)`` begins to only when all is there.
    signal(SIGUSR1, SIG_IGN)
    do { try await store.pool.connect() } catch { throw ServerTrouble.atStart(error) }
    if let warning = try await Migrator(pool: store.pool).requireCurrent() { log.warning(warning) }
    if meetsKeys, store.hasVault {
      do { try await KeyBook(store).meet() } catch StoreError.invalid(let text) {
        throw UsageError(
          "\(Setting.secretKey.variable) (or \(Setting.secretKey.flag)) is not this database's key: \(text)")
      }
    }
    guard needsRedis else { return }
    do { try await redis.ping() } catch {
      if startsWithoutRedis, error.isUnsaved || [.unavailable, .connectionLost, .timedOut].contains(error.code) {
        return log.warning("Redis is away; orders are taken, and sent once it is there", ["reason": error.message])
      }
      throw StartError("\(error.message); check \(Setting.redisURL.variable)")
    }
  }

  /// Exports spans from now on, if OpenTelemetry's environment variables say where to.
  ///
  /// - Throws: ``UsageError`` that names the variable that is wrong.
  public func startTracing() throws(UsageError) {
    guard let wanted = try TracingSettings(settings.variable) else { return }
    log.info("exporting spans", ["collector": ServerAddress(url: wanted.url)?.description])
    tracer = Tracer(wanted, program: program, process: name, processID: getpid(), log: log, metrics: metrics)
  }

  /// Longest wait of a stopping process for a collector.
  private static let flushMax = Duration.seconds(3)

  /// Starts the services in order, waits for SIGTERM or SIGINT, and stops them in the reverse order.
  ///
  /// A second signal ends the process at once: leases run out and the orders are taken up by others.
  ///
  /// - Parameter hasDatabase: false for what never asks PostgreSQL, as some benchmarks.
  public func run(_ services: [any ProcessService], hasDatabase: Bool = true) async throws {
    var signals = 0
    let stop = LoopEvent()
    let onSignal: @LoopActor () -> Void = { [log] in
      signals += 1
      if signals == 1 {
        log.info("stopping: finishing what is under way; a second signal stops at once")
        stop.signal()
      } else {
        log.warning("stopped at once by a second signal")
        Log.flush(within: .milliseconds(100))
        _exit(1)
      }
    }
    let watchers =
      [SIGTERM, SIGINT].map { LoopSignal($0, onSignal) }
      + [
        LoopSignal(SIGUSR1) { [log] in log.toggleDebug() },
        LoopSignal(SIGHUP) { [log] in log.info("SIGHUP changes nothing: settings are read when a process starts") },
      ]
    signal(SIGPIPE, SIG_IGN)
    for text in UnknownVariables.texts() { log.warning(text) }
    let lag = LoopLag(metrics)
    lag.start()
    defer { lag.stop() }
    var started: [any ProcessService] = []
    var watches: [any ProcessService] = hasDatabase ? [database, mark] : []
    if hasDatabase, store.hasVault { watches.append(KeyService(KeyBook(store), process: name, log: log)) }
    let services = watches + services
    do {
      for service in services {
        try await service.start()
        started.append(service)
      }
    } catch {
      for service in started.reversed() { await service.stop() }
      await close()
      throw error
    }
    log.info("started", ["process": name])
    let manager = ServiceManager()
    manager.tell(.ready)
    Footprint.letGoOfCode()
    _ = await stop.wait()
    graceEnd = ContinuousClock.now + ((try? settings.duration(.shutdownGrace, atLeast: .zero)) ?? .zero)
    manager.tell(.stopping)
    for service in started.reversed() {
      log.debug("stopping", ["service": service.name])
      await service.stop()
    }
    await close()
    manager.close()
    log.info("stopped")
    _ = watchers.count
  }

  /// The text that Prometheus scrapes, as of now.
  public func renderMetrics() -> String {
    processMetrics.update()
    return metrics.render()
  }

  /// Lets go of Redis and PostgreSQL.
  public func close() async {
    let flushEnd = ContinuousClock.now + Self.flushMax
    await tracer?.stop(by: min(flushEnd, graceEnd ?? flushEnd))
    bell.close()
    redis.close()
    await store.pool.close()
  }
}

/// A process that can't start, in one line that says what to do.
public struct StartError: Error, CustomStringConvertible {
  public let description: String
  public init(_ description: String) { self.description = description }
}
