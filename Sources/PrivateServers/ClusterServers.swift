public import EventLoop
import Glibc
public import Redis

/// The nodes of a Redis Cluster on ports of 127.0.0.1: masters, each with a replica, and those that are added later.
@LoopActor
public final class ClusterServers {
  public nonisolated static let slotCount = 16_384
  private nonisolated static let startLimit = Duration.seconds(60)
  /// How long a node may be silent until it is taken for dead.
  private nonisolated static let nodeTimeoutMilliseconds = 1_000

  private let folder: String
  private let log: String
  private let environment: [String: String]
  private let more: [String]
  private let isTLS: Bool
  private let masterCount: Int
  private let replicasEach: Int
  /// The masters of the beginning, then their replicas in the same order, then those that were added.
  public private(set) var servers: [RedisServer] = []
  public private(set) var ports: [Int] = []
  private var busPorts: [Int] = []
  /// By which the nodes know each other, in the same order.
  public private(set) var ids: [String] = []

  /// - Parameters:
  ///   - folder: for data and settings; made if it is missing.
  ///   - log: the beginning of each log file's path.
  ///   - replicasEach: how many replicas each master has.
  ///   - tls: what each server needs for TLS, such as `--tls-cert-file` and its path; empty for none.
  public init(
    folder: String, log: String, masters: Int = 3, replicasEach: Int = 1, tls: [String] = [],
    environment: [String: String] = [:]
  ) throws {
    self.folder = folder
    self.log = log
    self.environment = environment
    (masterCount, self.replicasEach) = (masters, replicasEach)
    isTLS = !tls.isEmpty
    more = tls.isEmpty ? [] : ["--tls-cluster", "yes", "--tls-replication", "yes"] + tls
    mkdir(folder, 0o755)
    for _ in 0..<masters * (1 + replicasEach) { try addServer() }
  }

  private func addServer() throws {
    let (port, busPort) = (try freePort(), try freePort())
    let index = servers.count
    servers.append(
      RedisServer(
        folder: "\(folder)/\(index)", log: "\(log)-\(index)",
        arguments: [
          isTLS ? "--tls-port" : "--port", "\(port)", "--bind", "127.0.0.1",
          "--protected-mode", "no", "--cluster-enabled", "yes",
          "--cluster-port", "\(busPort)", "--cluster-node-timeout", "\(Self.nodeTimeoutMilliseconds)",
          "--cluster-allow-replica-migration", "no", "--repl-diskless-sync-delay", "0",
          "--repl-ping-replica-period", "1",
        ] + more, environment: environment))
    ports.append(port)
    busPorts.append(busPort)
  }

  /// One that none of ours has.
  private func freePort() throws -> Int {
    while true {
      let port = try FreePort.find()
      if !ports.contains(port), !busPorts.contains(port) { return port }
    }
  }

  /// The nodes that were added after the start.
  public var added: Range<Int> { masterCount * (1 + replicasEach)..<servers.count }

  /// How Sevk is told of them: by some of the masters of the beginning.
  public var url: String {
    (isTLS ? "rediss" : "redis")
      + "+cluster://\(ports.prefix(masterCount).map { "127.0.0.1:\($0)" }.joined(separator: ","))"
  }

  /// Starts all, has them meet, and waits until each master serves its slots and has its replicas.
  public func start() async throws {
    for server in servers { try await server.start() }
    ids = []
    for index in ports.indices { ids.append(try await id(of: index)) }
    for index in ports.indices {
      // As in a cluster that was made by redis-cli, so that none of them has to be settled between nodes.
      _ = try await command(to: index, ["CLUSTER", "SET-CONFIG-EPOCH", .integer(Int64(index + 1))])
    }
    let share = Self.slotCount / masterCount
    for index in 0..<masterCount {
      let last = index == masterCount - 1 ? Self.slotCount - 1 : (index + 1) * share - 1
      _ = try await command(
        to: index, ["CLUSTER", "ADDSLOTSRANGE", .integer(Int64(index * share)), .integer(Int64(last))])
    }
    for index in ports.indices.dropFirst() { try await meet(index) }
    try await untilAllKnow(ports.count)
    for index in ports.indices.dropFirst(masterCount) {
      _ = try await command(to: index, ["CLUSTER", "REPLICATE", .string(ids[(index - masterCount) % masterCount])])
    }
    try await Waiting.until("the cluster is whole", within: Self.startLimit) { await self.isWhole() }
  }

  private func id(of index: Int) async throws -> String {
    guard let id = try await command(to: index, ["CLUSTER", "MYID"]).text else {
      throw ChildProgram.Failure("a node has no id")
    }
    return id
  }

  private func meet(_ index: Int) async throws {
    _ = try await command(
      to: index,
      ["CLUSTER", "MEET", "127.0.0.1", .integer(Int64(ports[0])), .integer(Int64(busPorts[0]))])
  }

  private func untilAllKnow(_ count: Int) async throws {
    try await Waiting.until("the nodes know each other", within: Self.startLimit) {
      for index in self.ports.indices where self.isRunning(index) {
        let nodes = await self.nodes(seenBy: index)
        guard nodes.count == count, nodes.allSatisfy({ !$0.flags.contains("handshake") }) else { return false }
      }
      return true
    }
  }

  /// Starts one more node, which serves no slots yet.
  ///
  /// - Returns: its place.
  public func addNode() async throws -> Int {
    try addServer()
    let index = servers.count - 1
    try await servers[index].start()
    ids.append(try await id(of: index))
    try await meet(index)
    try await untilAllKnow(ports.count)
    // Until then it refuses what is moved there.
    try await Waiting.until("the new node serves", within: Self.startLimit) {
      (try? await self.command(to: index, ["CLUSTER", "INFO"]).text?.contains("cluster_state:ok")) ?? false
    }
    return index
  }

  /// A line of `CLUSTER NODES`.
  public struct Node: Sendable {
    public let id: String
    public let flags: [String]
    public let master: String
    public let isLinked: Bool
    public let servesSlots: Bool
    public var isMaster: Bool { flags.contains("master") }
    public var isDown: Bool { flags.contains("fail") || flags.contains("fail?") }
  }

  /// What a node says of all; empty when it does not answer.
  public func nodes(seenBy index: Int) async -> [Node] {
    guard let text = try? await command(to: index, ["CLUSTER", "NODES"]).text else { return [] }
    return text.split(separator: "\n").compactMap { line in
      let words = line.split(separator: " ").map(String.init)
      guard words.count > 7 else { return nil }
      return Node(
        id: words[0], flags: words[2].split(separator: ",").map(String.init), master: words[3],
        isLinked: words[7] == "connected", servesSlots: words.count > 8)
    }
  }

  public func isRunning(_ index: Int) -> Bool { servers[index].process.map { $0.poll() == nil } ?? false }

  /// The masters that serve slots now, by the word of the first node that answers.
  public func masters() async -> [Int] {
    for index in ports.indices where isRunning(index) {
      let nodes = await nodes(seenBy: index)
      let masters = nodes.filter { $0.isMaster && $0.servesSlots && !$0.isDown }
      if !masters.isEmpty { return masters.compactMap { ids.firstIndex(of: $0.id) } }
    }
    return []
  }

  /// A replica of a master that lives; nil when it has none.
  public func replica(of master: Int) async -> Int? {
    for index in ports.indices where index != master && isRunning(index) {
      let nodes = await nodes(seenBy: index)
      guard !nodes.isEmpty else { continue }
      return nodes.lazy.filter { $0.master == self.ids[master] && !$0.isDown }
        .compactMap { self.ids.firstIndex(of: $0.id) }.first { self.isRunning($0) }
    }
    return nil
  }

  /// Whether all nodes run, agree, serve all slots, and each replica has what its master has.
  public func isWhole() async -> Bool {
    for index in ports.indices {
      guard isRunning(index),
        let info = try? await command(to: index, ["CLUSTER", "INFO"]).text, info.contains("cluster_state:ok"),
        info.contains("cluster_slots_ok:\(Self.slotCount)")
      else { return false }
      let nodes = await nodes(seenBy: index)
      guard nodes.count == ports.count, nodes.allSatisfy({ !$0.isDown && ($0.isLinked || $0.flags.contains("myself")) })
      else { return false }
      guard let own = nodes.first(where: { $0.flags.contains("myself") }) else { return false }
      if !own.isMaster {
        guard let replication = try? await command(to: index, ["INFO", "replication"]).text,
          replication.contains("master_link_status:up"), replication.contains("master_sync_in_progress:0")
        else { return false }
      }
      // One that was added has none.
      let isOriginal = index < masterCount * (1 + replicasEach)
      if own.servesSlots, isOriginal, replicasEach > 0, !nodes.contains(where: { $0.master == own.id }) { return false }
    }
    return true
  }

  /// Has a replica take over while its master lives.
  ///
  /// - Returns: the replica's place.
  @discardableResult
  public func failOver(_ master: Int) async throws -> Int {
    // A node learns of its replicas by the gossip of others.
    var found: Int?
    try await Waiting.until("node \(master) has a replica", within: .seconds(30)) {
      found = await self.replica(of: master)
      return found != nil
    }
    guard let replica = found else { throw ChildProgram.Failure("the master has no replica") }
    _ = try await command(to: replica, ["CLUSTER", "FAILOVER"])
    return replica
  }

  /// A command to one of the nodes, on a connection of its own, over its socket.
  public func command(to index: Int, _ words: [RedisArgument], within limit: Duration = .seconds(2)) async throws
    -> RedisValue
  {
    try await RedisCall.run(words, at: try RedisURL(servers[index].url), within: limit)
  }

  public func stop() async {
    for server in servers { await server.kill() }
  }
}
