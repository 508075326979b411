public import EventLoop
import FoundationEssentials
import Glibc
import Redis
import Synchronization

/// A Redis of this process, on a Unix socket in a folder of its own.
public final class RedisServer: Sendable {
  private static let startLimit = Duration.seconds(30)
  public static let program = "/usr/bin/redis-server"

  private let folder: String
  private let log: String
  private let environment: [String: String]
  private let isDurable: Bool
  private let password: String?
  private let more: [String]
  private let host: NetworkHost?
  private let running = Mutex<ChildProgram?>(nil)
  public let socket: String
  /// The URL to connect to, with the password when there is one.
  public let url: String
  /// The server that runs, or that ran last.
  public var process: ChildProgram? { running.withLock { $0 } }

  /// - Parameters:
  ///   - folder: for the socket and the data; made if it is missing.
  ///   - log: the file for its log.
  ///   - isDurable: writes each command down, without waiting for the disk; else it writes nothing by itself.
  ///   - password: what clients must give.
  ///   - arguments: more of its own, such as `--port` and its number.
  ///   - environment: beside ``ChildProgram/environment``.
  ///   - host: the network that it sees; nil for that of this process.
  public init(
    folder: String, log: String, isDurable: Bool = false, password: String? = nil, arguments: [String] = [],
    environment: [String: String] = [:], host: NetworkHost? = nil
  ) {
    self.host = host
    self.folder = folder
    self.log = log
    self.isDurable = isDurable
    self.password = password
    more = arguments
    self.environment = ChildProgram.environment.merging(environment) { $1 }
    socket = "\(folder)/redis.sock"
    // Each byte escaped, so that none of them means something in a URL.
    let escaped = password?.utf8.map { ($0 < 0x10 ? "%0" : "%") + String($0, radix: 16) }.joined()
    url = "unix://\(escaped.map { ":\($0)@" } ?? "")\(socket)"
  }

  /// Starts it and waits until it answers.
  ///
  /// - Parameter isEmpty: without what an earlier one saved.
  /// - Throws: ``ChildProgram/Failure`` with its log when it ends at once.
  @LoopActor
  public func start(isEmpty: Bool = true) async throws {
    guard access(Self.program, X_OK) == 0 else { throw ChildProgram.Failure("Redis is missing: \(Self.program)") }
    mkdir(folder, 0o755)
    if isEmpty { for data in Self.data { try? FileManager.default.removeItem(atPath: "\(folder)/\(data)") } }
    let process = try ChildProgram(Self.program, arguments, environment: environment, log: log, host: host)
    running.withLock { $0 = process }
    let url = try RedisURL(url)
    try await Waiting.until("Redis answers", within: Self.startLimit) {
      if let end = process.poll() {
        throw ChildProgram.Failure("Redis ended at once with \(end.words): \(process.output)")
      }
      return (try? await RedisCall.run(["PING"], at: url)) != nil
    }
  }

  private static let data = ["dump.rdb", "appendonlydir"]

  private var arguments: [String] {
    ["--port", "0", "--unixsocket", socket, "--dir", folder, "--save", "", "--daemonize", "no"]
      + (isDurable ? ["--appendonly", "yes", "--appendfsync", "no", "--auto-aof-rewrite-percentage", "0"] : [])
      + (password.map { ["--requirepass", $0] } ?? []) + more
  }

  /// Ends it as a crash would.
  public func kill() async { await process?.stop(SIGKILL, grace: Self.startLimit) }
}
