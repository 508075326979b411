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
  private nonisolated let needsMaster: Bool
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
    self.needsMaster = needsMaster
    self.url = url
    self.connectTimeout = connectTimeout
    self.commandTimeout = commandTimeout
  }

  /// Grows with each connection, so that a user can tell that Redis may have been restarted meanwhile.
  public private(set) var connectionsMade = 0

  /// Whether commands go out at once.
  public var isConnected: Bool { connection?.isOpen ?? false }

  /// How busy the client is now.
  public var load: RedisLoad {
    RedisLoad(
      commands: isConnected ? 1 : 0, waiting: busyWaiters.count, idle: idleWaiters.count,
      inFlight: connection?.inFlightCount ?? 0, connectionsMade: connectionsMade, errorsTotal: errorsTotal)
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
    var used: RedisConnection?
    do throws(RedisError) {
      let connection = if let connection, connection.isOpen { connection } else { try await connected() }
      used = connection
      return try await connection.send(arguments, isUrgent: isUrgent)
    } catch {
      if error.code != .replyError(prefix: "NOSCRIPT") { errorsTotal += 1 }
      // This server was made a replica. Behind the same name there may be a new one that takes writes.
      if error.code == .replyError(prefix: "READONLY") { used?.close() }
      throw error
    }
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
  public func ping() async throws(RedisError) { _ = try await command("PING") }

  /// Waits on a connection of its own until the sorted set `key` has a member, and takes the least.
  ///
  /// - Parameter limit: how long at most; precise to the millisecond, which Redis' own limit is not.
  /// - Returns: true when a member was taken, or may have been because the connection broke meanwhile; false when the
  ///   limit passed.
  /// - Throws: ``RedisError``, or `CancellationError` as soon as the task is cancelled.
  public func blockingPop(key: String, limit: Duration) async throws -> Bool {
    try Task.checkCancellation()
    guard limit > .zero else { return false }
    // The shared connection is what ends a wait.
    _ = try await connected()
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
    return try await waiter.pop(key: key, limit: limit)
  }

  /// What each sentinel of the URL says, in the order of the URL; empty where it names none.
  public func sentinelViews() async -> [SentinelView] {
    guard case .sentinels(let sentinels) = url.place else { return [] }
    return await sentinels.survey()
  }

  // MARK: The connection

  private func connected() async throws(RedisError) -> RedisConnection {
    let clock = ContinuousClock()
    let deadline = clock.now + connectTimeout
    startConnecting()
    while true {
      if let connection, connection.isOpen { return connection }
      if isClosed { throw closedError }
      if let lastError, lastError.isPermanent { throw lastError }
      let rest = deadline - clock.now
      guard rest > .zero else {
        // A server without TLS may wait for the end of what it takes for a command.
        let hint = url.tls == nil ? "" : "; does it speak TLS at that port?"
        throw lastError
          ?? RedisError(.unavailable, "Redis at \(url) does not answer: no connection within \(connectTimeout)\(hint)")
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
    }
  }

  private func target(_ address: SocketAddress, name: String? = nil) -> RedisTarget {
    var target = RedisTarget(address, needsMaster ? .master : .any, name: name)
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
    connectionsMade += 1
    lastError = nil
  }

  /// Ends every connection; what waits fails, and so does what comes later.
  public func close() {
    isClosed = true
    if case .sentinels(let sentinels) = url.place { sentinels.leave(self) }
    connection?.close()
    connection = nil
    hurry.signal()
    attempted.signal()
    closeWaiters()
  }

  /// Ends the connections that block or are kept for it; who waits there is woken.
  public func closeWaiters() {
    for waiter in idleWaiters + Array(busyWaiters.values) { waiter.close() }
    idleWaiters.removeAll()
  }
}
