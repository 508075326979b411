public import EventLoop
import FoundationEssentials
import Glibc
public import Redis
import Synchronization
import TLS

/// A master, its replicas and the sentinels that watch them, on ports of 127.0.0.1 or on hosts of their own.
@LoopActor
public final class SentinelServers {
  /// The name of the master.
  public nonisolated static let master = "orders"
  private nonisolated static let startLimit = Duration.seconds(30)
  private nonisolated static let dataMax = 3

  private let folder: String
  private let log: String
  private let environment: [String: String]
  private let sentinelPassword: String?
  private let terms: SentinelTerms
  /// The servers with data; the first begins as the master.
  public let servers: [RedisServer]
  public let ports: [Int]
  public let sentinelPorts: [Int]
  /// By their places: each has a server and its sentinel. None for 127.0.0.1.
  private let hosts: [NetworkHost]
  public private(set) var sentinels: [ChildProgram?] = []

  /// - Parameters:
  ///   - folder: for data and settings; made if it is missing.
  ///   - log: the beginning of each log file's path.
  ///   - count: how many sentinels, and how many servers with data.
  ///   - hosts: where they run, one after the other; none for 127.0.0.1.
  ///   - terms: certificates and users.
  public init(
    folder: String, log: String, count: Int = 3, sentinelPassword: String? = nil, environment: [String: String] = [:],
    hosts: [NetworkHost] = [], terms: SentinelTerms = SentinelTerms()
  ) throws {
    let hosts = hosts.isEmpty ? [] : (0..<count).map { hosts[$0 % hosts.count] }
    self.hosts = hosts
    func address(_ index: Int) -> String { hosts.isEmpty ? "127.0.0.1" : hosts[index].address }
    self.folder = folder
    self.log = log
    self.environment = environment
    self.sentinelPassword = sentinelPassword
    self.terms = terms
    mkdir(folder, 0o755)
    var ports: [Int] = []
    while ports.count < 2 * count {
      let port = try FreePort.find()
      if !ports.contains(port) { ports.append(port) }
    }
    self.ports = Array(ports.prefix(count))
    sentinelPorts = Array(ports.suffix(count))
    servers = (0..<count).map { index in
      RedisServer(
        folder: "\(folder)/\(index)", log: "\(log)-\(index)",
        arguments: [
          terms.certificates == nil ? "--port" : "--tls-port", "\(ports[index])", "--bind", address(index),
          "--repl-diskless-sync-delay", "0", "--repl-ping-replica-period", "1", "--protected-mode", "no",
        ] + (terms.certificates?.arguments ?? []) + terms.serverArguments
          + (index > 0 ? ["--replicaof", address(0), "\(ports[0])"] : []), environment: environment,
        host: hosts.isEmpty ? nil : hosts[index])
    }
  }

  /// How Sevk is told of them.
  public var url: String {
    let sentinels = sentinelPorts.indices.map { "\(address($0)):\(sentinelPorts[$0])" }
    let scheme = terms.certificates == nil ? "redis+sentinel" : "rediss+sentinel"
    return "\(scheme)://\(terms.login)\(sentinels.joined(separator: ","))/\(Self.master)/0"
  }

  private func address(_ index: Int) -> String { hosts.isEmpty ? "127.0.0.1" : hosts[index].address }

  /// The places of those on a host.
  public func places(on host: NetworkHost) -> [Int] { hosts.indices.filter { hosts[$0] == host } }

  /// Starts all and waits until the replicas follow and the sentinels know each other.
  public func start() async throws {
    for server in servers { try await server.start() }
    for index in sentinelPorts.indices { try startSentinel(index) }
    try await Waiting.until("replicas and sentinels are there", within: Self.startLimit) { await self.isWhole() }
  }

  /// Whether a failover would find everything it needs.
  public func isWhole() async -> Bool {
    guard let index = await self.masterIndex() else { return false }
    guard
      let replication = try? await command(to: ports[index], ["INFO", "replication"]).text,
      replication.components(separatedBy: "state=online").count == servers.count
    else { return false }
    for port in sentinelPorts {
      guard let entry = try? await command(to: port, ["SENTINEL", "MASTER", .string(Self.master)], isSentinel: true)
      else { return false }
      let words = entry.array?.compactMap(\.text) ?? []
      func field(_ name: String) -> String? { words.firstIndex(of: name).map { words[$0 + 1] } }
      guard field("num-other-sentinels") == "\(sentinelPorts.count - 1)", field("num-slaves") == "\(servers.count - 1)",
        field("flags") == "master", field("port") == "\(ports[index])"
      else { return false }
    }
    return true
  }

  /// Which server the sentinels name now; nil when none answers.
  public func masterIndex() async -> Int? {
    for port in sentinelPorts {
      guard
        let reply = try? await command(
          to: port, ["SENTINEL", "GET-MASTER-ADDR-BY-NAME", .string(Self.master)], isSentinel: true),
        let found = reply.array?.last?.integer
      else { continue }
      return ports.firstIndex(of: Int(found))
    }
    return nil
  }

  /// Has the sentinels promote a replica while the master lives.
  public func failOver() async throws {
    for port in sentinelPorts {
      if (try? await command(to: port, ["SENTINEL", "FAILOVER", .string(Self.master)], isSentinel: true)) != nil {
        return
      }
    }
    throw ChildProgram.Failure("no sentinel begins a failover")
  }

  public func startSentinel(_ index: Int) throws {
    let file = "\(folder)/sentinel-\(index).conf"
    let text = """
      \(terms.certificates == nil ? "port" : "port 0\ntls-port") \(sentinelPorts[index])
      bind \(address(index))
      protected-mode no
      dir \(folder)
      sentinel monitor \(Self.master) \(address(0)) \(ports[0]) \(sentinelPorts.count / 2 + 1)
      sentinel down-after-milliseconds \(Self.master) 1000
      sentinel failover-timeout \(Self.master) 5000
      \(sentinelPassword.map { "requirepass \($0)\nsentinel sentinel-pass \($0)" } ?? "")
      \(terms.certificates?.lines ?? "")
      \(terms.sentinelLines.joined(separator: "\n"))
      """
    // One that runs again knows what it wrote here.
    if access(file, F_OK) != 0 { try text.write(toFile: file, atomically: true, encoding: .utf8) }
    let program = try ChildProgram(
      RedisServer.program, [file, "--sentinel"], environment: ChildProgram.environment.merging(environment) { $1 },
      log: "\(log)-sentinel-\(index)", host: hosts.isEmpty ? nil : hosts[index])
    if sentinels.count > index { sentinels[index] = program } else { sentinels.append(program) }
  }

  public func killSentinel(_ index: Int) async { await sentinels[index]?.stop(SIGKILL, grace: Self.startLimit) }

  /// A command to one of the servers, on a connection of its own.
  public func command(to port: Int, _ words: [RedisArgument], isSentinel: Bool = false) async throws -> RedisValue {
    let password = isSentinel ? sentinelPassword.map { ":\($0)@" } ?? "" : ""
    let scheme = terms.certificates == nil ? "redis" : "rediss"
    return try await RedisCall.run(
      words, at: try RedisURL("\(scheme)://\(password)\(address(of: port)):\(port)", tls: terms.certificates?.context))
  }

  private func address(of port: Int) -> String {
    address(ports.firstIndex(of: port) ?? sentinelPorts.firstIndex(of: port) ?? 0)
  }

  public func stop() async {
    for index in sentinels.indices { await killSentinel(index) }
    for server in servers { await server.kill() }
  }
}
