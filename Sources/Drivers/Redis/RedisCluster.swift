internal import EventLoop
internal import TLS

/// The cluster of a URL: says which node serves which slot, and when that changed.
///
/// All clients of a URL share it. While one is connected, some masters are asked every second, and at once when a command
/// meets something else than expected. The newest of what they say is believed.
@LoopActor
final class RedisCluster: Sendable {
  /// Most nodes that a URL may name.
  nonisolated static let seedsMax = 16
  /// Longest wait for one node; the others are asked meanwhile.
  private nonisolated static let answerMax = Duration.seconds(1)
  /// Of a large cluster so many are asked at a time.
  private nonisolated static let askedMax = 5
  private nonisolated static let lookInterval = Duration.seconds(1)

  nonisolated let seeds: [SocketAddress]
  private nonisolated let credentials: RedisCredentials?
  private nonisolated let tls: TLSContext?

  /// Nil before anybody answered.
  private(set) var map: ClusterMap?
  /// Why the cluster as a whole serves nothing, by the newest that is known; nil when it does.
  private(set) var problem: String?
  /// The newest configuration that was believed. A node that was cut off knows an older one.
  private var epochSeen: Int64 = -1
  private let looking = SingleFlight<Void, RedisError>()
  private var connections: [SocketAddress: RedisConnection] = [:]
  private var routers: [ObjectIdentifier: Router] = [:]
  private var watcher: Task<Void, Never>?

  private struct Router { weak var router: ClusterRouter? }

  nonisolated init(_ seeds: [SocketAddress], credentials: RedisCredentials?, tls: TLSContext?) {
    (self.seeds, self.credentials, self.tls) = (seeds, credentials, tls)
  }

  // MARK: Who serves what

  /// Finds out who serves what. Who asks while this is being found out waits for the same answer.
  ///
  /// - Throws: ``RedisError`` that says why nobody answers; what was known before stays.
  func look() async throws(RedisError) {
    try await looking.run { () async throws(RedisError) in try await self.ask() }
  }

  private func ask() async throws(RedisError) {
    var asked = map.map { Array($0.masters.shuffled().prefix(Self.askedMax)) } ?? []
    if asked.isEmpty { asked = seeds }
    var (answers, problems) = await answers(of: asked)
    if answers.isEmpty {
      let known = map.map { $0.masters + $0.replicas.flatMap { $0 } } ?? []
      var others: [SocketAddress] = []
      for place in known + seeds where !asked.contains(place) && !others.contains(place) { others.append(place) }
      let more = await self.answers(of: others)
      asked = others
      answers = more.answers
      problems += more.problems
    }
    func isOlder(_ one: ClusterAnswer, _ other: ClusterAnswer) -> Bool {
      (one.problem == nil ? 1 : 0, one.epoch) < (other.problem == nil ? 1 : 0, other.epoch)
    }
    guard let newest = answers.max(by: isOlder) else {
      throw problems.first { $0.isPermanent } ?? problems.first
        ?? RedisError(.unavailable, "no node of the cluster answers")
    }
    // Older than what was known: only where most say so, since the cluster was set up anew.
    guard newest.epoch >= epochSeen || answers.count * 2 > asked.count else { return }
    epochSeen = newest.epoch
    problem = newest.problem
    use(newest.map)
  }

  /// Asks all at once, until most have answered or no more answers come.
  private func answers(of nodes: [SocketAddress]) async -> (answers: [ClusterAnswer], problems: [RedisError]) {
    let (results, stream) = AsyncStream<Result<ClusterAnswer, RedisError>>.makeStream()
    for node in nodes {
      Task(executorPreference: EventLoop.shared) { stream.yield(await self.answer(of: node)) }
    }
    var (answers, problems): ([ClusterAnswer], [RedisError]) = ([], [])
    guard !nodes.isEmpty else { return (answers, problems) }
    for await result in results {
      switch result {
      case .success(let answer): answers.append(answer)
      case .failure(let error): problems.append(error)
      }
      let newest = answers.lazy.filter { $0.problem == nil }.map(\.epoch).max()
      if answers.count * 2 > nodes.count, let newest, newest >= epochSeen { break }
      if answers.count + problems.count == nodes.count { break }
    }
    return (answers, problems)
  }

  private func answer(of node: SocketAddress) async -> Result<ClusterAnswer, RedisError> {
    do throws(RedisError) {
      let connection = try await connection(to: node)
      do throws(RedisError) {
        let answer = try ClusterAnswer(
          node, slots: try await connection.send(["CLUSTER", "SLOTS"]),
          info: try await connection.send(["CLUSTER", "INFO"]))
        if routers.isEmpty { connection.close() }
        return .success(answer)
      } catch {
        connection.close()
        throw error
      }
    } catch {
      guard case .replyError(let prefix) = error.code else { return .failure(error) }
      switch prefix {
      case "NOPERM":
        return .failure(
          RedisError(
            .wrongPassword,
            "Redis at \(node) does not let this user look: it needs cluster|slots, cluster|info and asking (\(error.message))"
          ))
      case "ERR": return .failure(RedisError(.wrongServer, "Redis at \(node) \(RedisKind.noNode) (\(error.message))"))
      // A replica that is being filled answers so.
      default: return .failure(RedisError(.unavailable, "Redis at \(node) is not ready: \(error.message)"))
      }
    }
  }

  private func connection(to node: SocketAddress) async throws(RedisError) -> RedisConnection {
    if let connection = connections[node], connection.isOpen { return connection }
    var target = RedisTarget(node, .node)
    (target.credentials, target.tls) = (credentials, tls)
    let new = try await RedisConnection.open(target, connectTimeout: Self.answerMax, commandTimeout: Self.answerMax)
    // Who asked at the same time may have been faster.
    if let connection = connections[node], connection.isOpen {
      new.close()
      return connection
    }
    connections[node] = new
    return new
  }

  private func use(_ new: ClusterMap) {
    let old = map
    map = new
    let known = new.masters + new.replicas.flatMap { $0 } + seeds
    for (place, connection) in connections where !known.contains(place) {
      connection.close()
      connections[place] = nil
    }
    guard let old else { return }
    tell(tookOver: new.masters.contains { !old.masters.contains($0) })
  }

  /// Notes what a node said of one slot; the next look tells the rest.
  func move(_ slot: Int, to master: SocketAddress) {
    guard let old = map, old.owner(of: slot) != master else { return }
    map?.move(slot, to: master)
    tell(tookOver: !old.masters.contains(master))
  }

  /// - Parameter tookOver: a node serves slots that had none: it may be a replica that took over, and lack something.
  private func tell(tookOver: Bool) {
    for entry in routers.values { entry.router?.mapChanged(tookOver: tookOver) }
  }

  /// What each master and each node of the URL says, all asked at once.
  func survey() async -> [(node: SocketAddress, answer: Result<ClusterAnswer, RedisError>)] {
    try? await look()
    var nodes = map?.masters ?? []
    for seed in seeds where !nodes.contains(seed) { nodes.append(seed) }
    let tasks = nodes.map { node in Task(executorPreference: EventLoop.shared) { await self.answer(of: node) } }
    var found: [(node: SocketAddress, answer: Result<ClusterAnswer, RedisError>)] = []
    for (node, task) in zip(nodes, tasks) { found.append((node, await task.value)) }
    return found
  }

  // MARK: That it changed

  /// Tells a router from now on when the map changes.
  func join(_ router: ClusterRouter) {
    routers[ObjectIdentifier(router)] = Router(router: router)
    guard watcher == nil else { return }
    watcher = Task(executorPreference: EventLoop.shared) { await self.watch() }
  }

  func leave(_ router: ClusterRouter) {
    routers[ObjectIdentifier(router)] = nil
    routers = routers.filter { $0.value.router != nil }
    guard routers.isEmpty else { return }
    watcher?.cancel()
    watcher = nil
    for connection in connections.values { connection.close() }
    connections = [:]
  }

  /// A master that is cut off from the rest answers nobody, and only the rest knows who took over.
  private func watch() async {
    while !Task.isCancelled {
      try? await EventLoop.sleep(for: Self.lookInterval)
      guard !Task.isCancelled else { return }
      try? await look()
    }
  }
}

extension RedisCluster: CustomStringConvertible {
  nonisolated var description: String { "the cluster of \(seeds.map(\.description).joined(separator: ","))" }
}
