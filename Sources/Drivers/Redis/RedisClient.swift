public import EventLoop

/// Redis for a whole process: one connection that all commands share and that comes back by itself, and connections
/// of their own for commands that block.
///
/// Must be closed, since it goes on reconnecting until then.
@LoopActor
public final class RedisClient {
  private static let backoffFirst: Duration = .milliseconds(50)
  private static let backoffMax: Duration = .seconds(1)
  /// Connections kept for the next blocking command.
  private static let waitersIdleMax = 16

  public nonisolated let url: RedisURL
  private nonisolated let kind: RedisTarget.Kind
  /// The way into a cluster; nil where there is one server.
  private nonisolated let router: ClusterRouter?
  /// Whose node this is.
  private weak var owner: ClusterRouter?
  nonisolated let connectTimeout: Duration
  private nonisolated let commandTimeout: Duration

  private var connection: RedisConnection?
  private var isConnecting = false
  /// Counts the tries to connect that were begun, so that one which was overtaken ends without effect.
  private var round = 0
  private var lastError: RedisError?
  /// Signalled when an attempt to connect ended, either way.
  private let attempted = LoopEvent()
  private let hurry = LoopEvent()
  private var idleWaiters: [RedisWaiter] = []
  private var busyWaiters: [ObjectIdentifier: RedisWaiter] = [:]

  private(set) var isClosed = false
  private var errorsTotal = 0

  /// Connects at the first command.
  ///
  /// - Parameters:
  ///   - needsMaster: false for who works on servers: a replica is good enough.
  ///   - connectTimeout: how long a command waits for a connection before it fails with `unavailable`.
  ///   - commandTimeout: how long Redis may take for an answer before the connection is taken for dead.
  public nonisolated init(
    _ url: RedisURL, needsMaster: Bool = true, connectTimeout: Duration = .seconds(2),
    commandTimeout: Duration = .seconds(10)
  ) {
    kind = needsMaster ? .master : .any
    self.url = url
    self.connectTimeout = connectTimeout
    self.commandTimeout = commandTimeout
    router =
      if case .cluster(let cluster) = url.place {
        ClusterRouter(cluster, url, connectTimeout: connectTimeout, commandTimeout: commandTimeout)
      } else {
        nil
      }
  }

  /// The client of one node of a cluster.
  init(
    node: SocketAddress, of owner: ClusterRouter, _ url: RedisURL, connectTimeout: Duration, commandTimeout: Duration
  ) {
    kind = .node
    self.url = RedisURL(node: node, of: url)
    self.connectTimeout = connectTimeout
    self.commandTimeout = commandTimeout
    router = nil
    self.owner = owner
  }

  /// Grows with each connection, so that a user can tell that Redis may have been restarted meanwhile. In a cluster also
  /// when another node took over.
  public var connectionsMade: Int { router?.connectionsMade ?? connectionsCount }
  private var connectionsCount = 0

  /// Which connection a key's commands go over now: who finds the same again has met the same server all the while, and that
  /// has lost nothing.
  public func generation(of key: String) -> RedisGeneration {
    router?.generation(of: key) ?? RedisGeneration(server: nil, connection: connectionsCount)
  }

  /// Whether commands go out at once.
  public var isConnected: Bool { router?.isConnected ?? connection?.isOpen ?? false }

  /// How busy the client is now.
  public var load: RedisLoad {
    router?.load
      ?? RedisLoad(
        commands: isConnected ? 1 : 0, waiting: busyWaiters.count, idle: idleWaiters.count,
        inFlight: connection?.inFlightCount ?? 0, connectionsMade: connectionsCount, errorsTotal: errorsTotal)
  }

  // MARK: Commands

  /// Sends a command, which shares the connection with all others of this tick, and waits for its answer.
  ///
  /// Nothing is ever sent twice: after `connectionLost` or `timedOut` the effect is unknown. Cancellation is not
  /// observed.
  public func command(_ arguments: RedisArgument...) async throws(RedisError) -> RedisValue {
    try await command(arguments)
  }

  /// Sends a command given as a list.
  ///
  /// - Parameter isUrgent: writes it now rather than at the end of the tick, for what is to go on while this process is
  ///   busy.
  public func command(_ arguments: [RedisArgument], isUrgent: Bool = false) async throws(RedisError) -> RedisValue {
    if let router { return try await router.command(arguments, isUrgent: isUrgent) }
    var used: RedisConnection?
    do throws(RedisError) {
      let connection =
        if let connection, connection.isOpen { connection } else { try await connected(within: connectTimeout) }
      used = connection
      return try await connection.send(arguments, isUrgent: isUrgent)
    } catch {
      if error.code != .replyError(prefix: "NOSCRIPT") { errorsTotal += 1 }
      // This server was made a replica. Behind the same name there may be a new one that takes writes.
      if error.code == .replyError(prefix: "READONLY") { used?.close() }
      throw error
    }
  }

  /// Sends a command to this node, and fails at once where that can't be reached: another may serve the slot by now.
  ///
  /// - Parameters:
  ///   - isAsking: of a slot that is on its way to this node.
  ///   - limit: how long a connection is waited for.
  func send(
    _ arguments: [RedisArgument], isUrgent: Bool, isAsking: Bool, within limit: Duration
  ) async throws(RedisError) -> RedisValue {
    let connection =
      if let connection, connection.isOpen { connection } else {
        try await connected(within: limit, isPatient: false)
      }
    return try await connection.send(arguments, isUrgent: isUrgent, isAsking: isAsking)
  }

  /// Runs a script, which Redis is sent in full only when it does not have it.
  ///
  /// - Parameter isUrgent: see ``command(_:isUrgent:)``.
  public func run(
    _ script: RedisScript, keys: [RedisArgument], arguments: [RedisArgument], isUrgent: Bool = false
  ) async throws(RedisError) -> RedisValue {
    let rest = [.integer(Int64(keys.count))] + keys + arguments
    do throws(RedisError) {
      return try await command(["EVALSHA", .string(script.sha1)] + rest, isUrgent: isUrgent)
    } catch {
      guard error.code == .replyError(prefix: "NOSCRIPT") else { throw error }
      return try await command(["EVAL", .bytes(script.source)] + rest, isUrgent: isUrgent)
    }
  }

  /// Makes sure that Redis answers.
  ///
  /// Of a cluster each master must, and together they must serve all slots.
  public func ping() async throws(RedisError) {
    if let router { try await router.ping() } else { _ = try await command("PING") }
  }

  /// Waits on a connection of its own until the sorted set `key` has a member, and takes the least.
  ///
  /// - Parameter limit: how long at most; precise to the millisecond, which Redis' own limit is not.
  /// - Returns: true when a member was taken, or may have been because the connection broke meanwhile; false when the
  ///   limit passed.
  /// - Throws: ``RedisError``, or `CancellationError` as soon as the task is cancelled.
  public func blockingPop(key: String, limit: Duration) async throws -> Bool {
    try Task.checkCancellation()
    guard limit > .zero else { return false }
    if let router { return try await router.blockingPop(key: key, limit: limit) }
    // The shared connection is what ends a wait.
    _ = try await connected(within: connectTimeout)
    return try await wait(key: key, limit: limit, isAsking: false)
  }

  /// ``blockingPop(key:limit:)`` at this node.
  func pop(key: String, limit: Duration, isAsking: Bool, within slice: Duration) async throws -> Bool {
    _ = try await connected(within: slice, isPatient: false)
    return try await wait(key: key, limit: limit, isAsking: isAsking)
  }

  private func wait(key: String, limit: Duration, isAsking: Bool) async throws -> Bool {
    let waiter = idleWaiters.popLast() ?? RedisWaiter(self)
    busyWaiters[ObjectIdentifier(waiter)] = waiter
    defer {
      busyWaiters[ObjectIdentifier(waiter)] = nil
      if !isClosed, waiter.isOpen, idleWaiters.count < Self.waitersIdleMax {
        idleWaiters.append(waiter)
      } else {
        waiter.close()
      }
    }
    return try await waiter.pop(key: key, limit: limit, isAsking: isAsking)
  }

  /// Gives back what a wait took that nobody waits for any more.
  func giveBack(_ key: String) async {
    let command: [RedisArgument] = ["ZADD", .string(key), 0, "1"]
    if let owner {
      _ = try? await owner.command(command, isUrgent: false)
    } else {
      _ = try? await self.command(command)
    }
  }

  /// What each sentinel of the URL says, in the order of the URL; empty where it names none.
  public func sentinelViews() async -> [SentinelView] {
    guard case .sentinels(let sentinels) = url.place else { return [] }
    return await sentinels.survey()
  }

  /// What each master of a cluster says, and each node of the URL; empty where that names no cluster.
  public func clusterViews() async -> [ClusterNodeView] { await router?.survey() ?? [] }

  /// Sends a command to each server that takes writes, all at once; where there is no cluster that is one.
  ///
  /// - Returns: where it is, and its answer.
  public func everywhere(_ arguments: RedisArgument...) async throws(RedisError) -> [(
    server: String, answer: Result<RedisValue, RedisError>
  )] {
    guard let router else { return [(url.description, .success(try await command(arguments)))] }
    return try await router.onEachMaster(arguments).map { ("\($0.node)", $0.answer) }
  }

  // MARK: The connection

  /// - Parameter isPatient: waits although the last try failed.
  private func connected(within limit: Duration, isPatient: Bool = true) async throws(RedisError) -> RedisConnection {
    let clock = ContinuousClock()
    let deadline = clock.now + limit
    startConnecting()
    while true {
      if let connection, connection.isOpen { return connection }
      if isClosed { throw closedError }
      if let lastError, lastError.isPermanent || !isPatient { throw lastError }
      let rest = deadline - clock.now
      guard rest > .zero else {
        // A server without TLS may wait for the end of what it takes for a command.
        let hint = url.tls == nil ? "" : "; does it speak TLS at that port?"
        throw lastError
          ?? RedisError(.unavailable, "Redis at \(url) does not answer: no connection within \(limit)\(hint)")
      }
      startConnecting()
      // In a task of its own, since the wait would end at once in a cancelled one and this loop would spin.
      _ = await Task(executorPreference: EventLoop.shared) { await self.attempted.wait(for: rest) }.value
    }
  }

  /// A connection for one user alone, such as a command that blocks: to the server of the shared one.
  func openAnother() async throws(RedisError) -> RedisConnection {
    guard !isClosed else { throw closedError }
    if let connection, connection.isOpen { return try await open(connection.target) }
    return try await openFirst()
  }

  private func openFirst() async throws(RedisError) -> RedisConnection {
    switch url.place {
    case .server(let address): return try await open(target(address))
    case .sentinels(let sentinels):
      sentinels.join(self)
      let address = try await sentinels.find()
      return try await open(
        target(address, name: "Redis at \(address), the master \(sentinels.master) by its sentinels,"))
    // Its router has a client for each node.
    case .cluster: throw RedisError(.unavailable, "\(url) is no single server")
    }
  }

  private func target(_ address: SocketAddress, name: String? = nil) -> RedisTarget {
    var target = RedisTarget(address, kind, name: name)
    (target.credentials, target.database, target.tls) = (url.credentials, url.database, url.tls)
    return target
  }

  private func open(_ target: RedisTarget) async throws(RedisError) -> RedisConnection {
    try await RedisConnection.open(target, connectTimeout: connectTimeout, commandTimeout: commandTimeout)
  }

  /// Leaves a server that the sentinels no longer name, and goes to the new one at once.
  func masterIs(at address: SocketAddress) {
    guard !isClosed else { return }
    if let connection, connection.isOpen {
      guard connection.target.address != address else { return }
      connection.end(
        RedisError(.connectionLost, "\(connection.target.name) is the master no longer; it is at \(address) now"))
      for waiter in idleWaiters + Array(busyWaiters.values) { waiter.close() }
      idleWaiters.removeAll()
    } else if isConnecting {
      // A try that hangs at the old one.
      begin()
    }
  }

  private var closedError: RedisError { RedisError(.unavailable, "the connection to Redis at \(url) was closed") }

  private func startConnecting() {
    guard !isConnecting, !isConnected, !isClosed else { return }
    begin()
  }

  private func begin() {
    isConnecting = true
    round += 1
    let round = round
    Task(executorPreference: EventLoop.shared) { await self.connect(round) }
  }

  private func connect(_ round: Int) async {
    var pause = Self.backoffFirst
    while round == self.round, !isClosed, !isConnected {
      do throws(RedisError) {
        let new = try await openFirst()
        if round == self.round { use(new) } else { new.close() }
      } catch {
        guard round == self.round else { return }
        lastError = error
        attempted.signal()
        _ = await hurry.wait(for: pause)
        pause = min(pause * 2, Self.backoffMax)
      }
    }
    guard round == self.round else { return }
    isConnecting = false
    attempted.signal()
  }

  private func use(_ new: RedisConnection) {
    guard !isClosed else { return new.close() }
    // It may have broken between its last answer and now.
    guard new.isOpen else { return }
    new.whenBroken { [weak self] in self?.startConnecting() }
    connection = new
    connectionsCount += 1
    lastError = nil
    owner?.nodeConnected(at: new.target.address, isFirst: connectionsCount == 1)
  }

  /// Ends every connection; what waits fails, and so does what comes later.
  public func close() {
    isClosed = true
    router?.close()
    if case .sentinels(let sentinels) = url.place { sentinels.leave(self) }
    connection?.close()
    connection = nil
    hurry.signal()
    attempted.signal()
    closeWaiters()
  }

  /// Ends the connections that block or are kept for it; who waits there is woken.
  public func closeWaiters() {
    router?.closeWaiters()
    for waiter in idleWaiters + Array(busyWaiters.values) { waiter.close() }
    idleWaiters.removeAll()
  }
}
