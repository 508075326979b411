internal import EventLoop

/// A client's way into a cluster: a client for each node, and each command to the node that serves its slot.
///
/// A command that a node did not carry out goes elsewhere, or is tried again: MOVED, ASK, TRYAGAIN and CLUSTERDOWN prove
/// that. One whose answer is lost is never repeated.
@LoopActor
final class ClusterRouter {
  private nonisolated static let pauseFirst = Duration.milliseconds(20)
  private nonisolated static let pauseMax = Duration.milliseconds(250)
  /// A connection that takes longer is not waited for at a stretch: the slot may be served elsewhere by then.
  private nonisolated static let connectSlice = Duration.milliseconds(300)
  /// Nodes that send each other's clients to and fro agree after a while.
  private nonisolated static let redirectsMax = 5
  /// What a node that serves nothing any more has been asked already, it may answer.
  private nonisolated static let retireAfter = Duration.seconds(1)
  /// Who is sent a single command of a slot that is on its way serves it soon.
  private nonisolated static let askedKept = Duration.seconds(10)

  private nonisolated let cluster: RedisCluster
  private nonisolated let url: RedisURL
  private nonisolated let connectTimeout, commandTimeout: Duration
  private var nodes: [SocketAddress: RedisClient] = [:]
  /// When nodes were last sent a command behind `ASKING`.
  private var askedAt: [SocketAddress: ContinuousClock.Instant] = [:]
  private var isClosed = false
  private var hasJoined = false
  private var errorsTotal = 0
  /// How often a node took over that had not served anything.
  private var takeovers = 0

  nonisolated init(_ cluster: RedisCluster, _ url: RedisURL, connectTimeout: Duration, commandTimeout: Duration) {
    self.cluster = cluster
    self.url = url
    (self.connectTimeout, self.commandTimeout) = (connectTimeout, commandTimeout)
  }

  // MARK: Commands

  /// See ``RedisClient/command(_:isUrgent:)``.
  func command(_ arguments: [RedisArgument], isUrgent: Bool) async throws(RedisError) -> RedisValue {
    do throws(RedisError) {
      switch RedisRoute(arguments) {
      case .slot(let slot):
        var way = Way(slot: slot)
        while true {
          do throws(RedisError) {
            let node = try await node(on: way)
            return try await node.send(
              arguments, isUrgent: isUrgent, isAsking: way.asks != nil, within: Self.connectSlice)
          } catch {
            try await follow(error, &way)
          }
        }
      case .any:
        var way = Way(slot: nil)
        while true {
          do throws(RedisError) {
            let node = try await node(on: way)
            return try await node.send(arguments, isUrgent: isUrgent, isAsking: false, within: Self.connectSlice)
          } catch {
            try await follow(error, &way)
          }
        }
      case .every:
        var first: RedisValue?
        for (_, answer) in try await onEachMaster(arguments) {
          let value = try answer.get()
          if first == nil { first = value }
        }
        return first ?? .null
      }
    } catch {
      if error.code != .replyError(prefix: "NOSCRIPT") { errorsTotal += 1 }
      throw error
    }
  }

  /// See ``RedisClient/blockingPop(key:limit:)``.
  func blockingPop(key: String, limit: Duration) async throws -> Bool {
    let end = ContinuousClock.now + limit
    var way = Way(slot: RedisSlot.of(key.utf8))
    while true {
      try Task.checkCancellation()
      let problem: RedisError
      do {
        return try await node(on: way).pop(
          key: key, limit: end - .now, isAsking: way.asks != nil, within: Self.connectSlice)
      } catch let error as RedisError {
        problem = error
      }
      try await follow(problem, &way)
      guard .now < end else { return false }
    }
  }

  /// Makes sure that each master answers, and that together they serve all slots.
  func ping() async throws(RedisError) {
    let end = ContinuousClock.now + connectTimeout
    var pause = Self.pauseFirst
    while true {
      do throws(RedisError) {
        join()
        try await cluster.look()
        if let problem = cluster.problem { throw RedisError(.unavailable, problem) }
        for (_, answer) in try await onEachMaster(["PING"]) { _ = try answer.get() }
        return
      } catch {
        guard !error.isPermanent, !isClosed, .now < end else { throw error }
      }
      await Self.sleep(pause)
      pause = min(pause * 2, Self.pauseMax)
    }
  }

  /// Sends a command to each master, all at once.
  func onEachMaster(_ arguments: [RedisArgument]) async throws(RedisError) -> [(
    node: SocketAddress, answer: Result<RedisValue, RedisError>
  )] {
    join()
    if cluster.map == nil { try await cluster.look() }
    let masters = cluster.map?.masters ?? []
    guard !masters.isEmpty else { throw RedisError(.unavailable, "no node of \(url) serves any slot") }
    let tasks = masters.map { master in
      let node = node(at: master)
      let limit = connectTimeout
      return Task(executorPreference: EventLoop.shared) { () -> Result<RedisValue, RedisError> in
        do throws(RedisError) {
          return .success(try await node.send(arguments, isUrgent: false, isAsking: false, within: limit))
        } catch {
          return .failure(error)
        }
      }
    }
    var answers: [(node: SocketAddress, answer: Result<RedisValue, RedisError>)] = []
    for (master, task) in zip(masters, tasks) { answers.append((master, await task.value)) }
    return answers
  }

  // MARK: Where to

  /// Where one command goes, while it finds the node that carries it out.
  private struct Way {
    /// Nil where any node will do.
    let slot: Int?
    /// Where a node sent it, behind `ASKING`.
    var asks: SocketAddress?
    var redirects = 0
    var pause = ClusterRouter.pauseFirst
    /// Until when it is tried, from the first problem on.
    var end: ContinuousClock.Instant?
    /// Masters that did not answer, where any will do.
    var tried: [SocketAddress] = []

    init(slot: Int?) { self.slot = slot }
  }

  private func node(on way: Way) async throws(RedisError) -> RedisClient {
    guard !isClosed else { throw RedisError(.unavailable, "the connection to Redis at \(url) was closed") }
    if let place = way.asks {
      askedAt[place] = .now
      return node(at: place)
    }
    if cluster.map == nil {
      join()
      try await cluster.look()
    }
    guard let slot = way.slot else {
      let masters = cluster.map?.masters ?? []
      let fresh = masters.filter { !way.tried.contains($0) }
      let choice = fresh.first { nodes[$0]?.isConnected ?? false } ?? fresh.randomElement() ?? masters.randomElement()
      guard let choice else { throw RedisError(.unavailable, "no node of \(url) serves any slot") }
      return node(at: choice)
    }
    guard let owner = cluster.map?.owner(of: slot) else {
      throw RedisError(.unavailable, cluster.problem ?? "no node of \(url) serves slot \(slot)")
    }
    return node(at: owner)
  }

  private func node(at place: SocketAddress) -> RedisClient {
    if let node = nodes[place] { return node }
    join()
    let node = RedisClient(node: place, of: self, url, connectTimeout: connectTimeout, commandTimeout: commandTimeout)
    nodes[place] = node
    return node
  }

  /// Waits, and looks where the command goes next.
  ///
  /// - Throws: `error` itself, where that does not prove that the command was not carried out; and when it was tried for
  ///   long enough.
  private func follow(_ error: RedisError, _ way: inout Way) async throws(RedisError) {
    let end = way.end ?? .now + connectTimeout
    way.end = end
    let wasAsked = way.asks
    way.asks = nil
    var reason = error
    switch error.code {
    case .replyError(prefix: "MOVED"):
      way.redirects += 1
      if let redirect = error.redirect, let place = redirect.address(asked: place(of: way, wasAsked)) {
        cluster.move(redirect.slot, to: place)
        lookSoon()
        if way.redirects <= Self.redirectsMax { return }
      }
    case .replyError(prefix: "ASK"):
      way.redirects += 1
      way.asks = error.redirect?.address(asked: place(of: way, wasAsked))
      if way.asks != nil, way.redirects <= Self.redirectsMax { return }
    // Its keys are on their way to another node.
    case .replyError(prefix: "TRYAGAIN"): reason = RedisError(.unavailable, error.message)
    case .replyError(prefix: "CLUSTERDOWN"):
      reason = RedisError(.unavailable, cluster.problem.map { "\($0) (\(error.message))" } ?? error.message)
    case .unavailable where !isClosed:
      if way.slot == nil, let place = cluster.map?.masters.first(where: { nodes[$0]?.isConnected != true }) {
        way.tried.append(place)
      }
    default: throw error
    }
    guard .now < end else { throw reason }
    // A first TRYAGAIN or a lost node: who serves the slot now?
    let owner = way.slot.flatMap { cluster.map?.owner(of: $0) }
    do throws(RedisError) { try await cluster.look() } catch { if error.isPermanent { throw error } }
    if way.redirects <= Self.redirectsMax, let owner, let slot = way.slot, cluster.map?.owner(of: slot) != owner {
      return
    }
    await Self.sleep(way.pause)
    way.pause = min(way.pause * 2, Self.pauseMax)
  }

  /// Whom the command was sent to, for what names itself by no host.
  private func place(of way: Way, _ asked: SocketAddress?) -> SocketAddress {
    asked ?? way.slot.flatMap { cluster.map?.owner(of: $0) } ?? cluster.seeds[0]
  }

  private func lookSoon() {
    Task(executorPreference: EventLoop.shared) { [cluster] in try? await cluster.look() }
  }

  /// In a task of its own, since the wait would end at once in a cancelled one, and who asks would spin.
  private static func sleep(_ pause: Duration) async {
    await Task(executorPreference: EventLoop.shared) { try? await EventLoop.sleep(for: pause) }.value
  }

  private func join() {
    guard !hasJoined, !isClosed else { return }
    hasJoined = true
    cluster.join(self)
  }

  // MARK: Nodes come and go

  /// Leaves nodes that serve nothing any more.
  func mapChanged(tookOver: Bool) {
    if tookOver { takeovers += 1 }
    let masters = cluster.map?.masters ?? []
    guard nodes.keys.contains(where: { !masters.contains($0) }) else { return }
    Task(executorPreference: EventLoop.shared) { await self.retire() }
  }

  private func retire() async {
    await Self.sleep(Self.retireAfter)
    let masters = cluster.map?.masters ?? []
    askedAt = askedAt.filter { ContinuousClock.now - $0.value < Self.askedKept }
    for (place, node) in nodes where !masters.contains(place) && askedAt[place] == nil {
      nodes[place] = nil
      node.close()
    }
  }

  /// Grows when a node was connected to again, and when one took over: either may have lost something.
  var connectionsMade: Int {
    guard cluster.map != nil, hasJoined else { return 0 }
    return 1 + takeovers + reconnections
  }
  private var reconnections = 0

  /// See ``RedisClient/generation(of:)``.
  func generation(of key: String) -> RedisGeneration {
    guard let owner = cluster.map?.owner(of: RedisSlot.of(key.utf8)) else {
      return RedisGeneration(server: nil, connection: 0)
    }
    return RedisGeneration(server: "\(owner)", connection: connectionNumbers[owner] ?? 0)
  }
  /// Of each node; it grows on when a node is left and comes back.
  private var connectionNumbers: [SocketAddress: Int] = [:]

  /// A node of ours has a new connection.
  ///
  /// - Parameter isFirst: it had none before.
  func nodeConnected(at place: SocketAddress, isFirst: Bool) {
    connectionNumbers[place, default: 0] += 1
    if !isFirst { reconnections += 1 }
  }

  var isConnected: Bool { nodes.values.contains(where: \.isConnected) }

  var load: RedisLoad {
    let loads = nodes.values.map(\.load)
    return RedisLoad(
      commands: loads.reduce(0) { $0 + $1.commands }, waiting: loads.reduce(0) { $0 + $1.waiting },
      idle: loads.reduce(0) { $0 + $1.idle }, inFlight: loads.reduce(0) { $0 + $1.inFlight },
      connectionsMade: connectionsMade, errorsTotal: errorsTotal)
  }

  func survey() async -> [ClusterNodeView] {
    let answers = await cluster.survey()
    let map = cluster.map
    return answers.map { node, answer in ClusterNodeView(node, answer, map) }
  }

  func closeWaiters() {
    for node in nodes.values { node.closeWaiters() }
  }

  func close() {
    isClosed = true
    if hasJoined { cluster.leave(self) }
    for node in nodes.values { node.close() }
    nodes = [:]
  }
}
