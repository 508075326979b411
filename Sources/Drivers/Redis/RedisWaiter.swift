internal import EventLoop

/// A connection for one blocking command at a time.
@LoopActor
final class RedisWaiter {
  /// Redis ends a wait only to about 100 ms when it is otherwise idle, so the limit is kept on this side, and Redis is
  /// given a longer one in case this side goes away.
  private static let serverLimitExtra: Duration = .seconds(1)
  /// No answer for this long after the limit means that the connection is half open.
  private static let guardExtra: Duration = .seconds(5)
  private static let unblockAttemptsMax = 5

  private unowned let client: RedisClient
  private var connection: RedisConnection?
  private var clientID: Int64 = 0
  /// Counts waits, so that an interruption meant for one does not hit the next.
  private var turn = 0
  private var isBlocked = false
  private var interruption: Task<Void, Never>?

  init(_ client: RedisClient) { self.client = client }

  var isOpen: Bool { connection?.isOpen ?? false }

  func close() { connection?.close() }

  /// See ``RedisClient/blockingPop(key:limit:)``.
  func pop(key: String, limit: Duration, isAsking: Bool) async throws -> Bool {
    turn += 1
    let turn = turn
    let connection = try await opened()
    try Task.checkCancellation()
    let timer = LoopTimer { [weak self] in self?.interrupt(turn) }
    timer.start(after: limit)
    let taken = await withTaskCancellationHandler {
      await take(key, limit, isAsking, on: connection)
    } onCancel: {
      Task { @LoopActor in self.interrupt(turn) }
    }
    timer.stop()
    // Until its command is answered, so that it can't end the next wait.
    await interruption?.value
    interruption = nil

    if Task.isCancelled {
      // What this task took, or may have, was meant for somebody who goes on.
      if taken != .success(false) { await client.giveBack(key) }
      throw CancellationError()
    }
    switch taken {
    case .success(let wasTaken): return wasTaken
    case .failure(let error):
      if client.isClosed { throw RedisError(.unavailable, "the connection to Redis at \(client.url) was closed") }
      switch error.code {
      case .connectionLost, .timedOut, .replyError(prefix: "UNBLOCKED"): return true
      default: throw error
      }
    }
  }

  private func opened() async throws(RedisError) -> RedisConnection {
    if let connection, connection.isOpen { return connection }
    let new = try await client.openAnother()
    guard let id = try await new.send(["CLIENT", "ID"]).integer else {
      throw RedisError(.protocolError, "Redis at \(client.url) has no CLIENT ID")
    }
    connection = new
    clientID = id
    if client.isClosed { new.close() }
    return new
  }

  private func take(
    _ key: String, _ limit: Duration, _ isAsking: Bool, on connection: RedisConnection
  ) async -> Result<Bool, RedisError> {
    isBlocked = true
    defer { isBlocked = false }
    let seconds = Double((limit + Self.serverLimitExtra).wholeMilliseconds) / 1000
    do throws(RedisError) {
      let reply = try await connection.send(
        ["BZPOPMIN", .string(key), .string(String(seconds))], timeout: limit + Self.guardExtra, isAsking: isAsking)
      return .success(!reply.isNull)
    } catch {
      return .failure(error)
    }
  }

  private func interrupt(_ turn: Int) {
    guard turn == self.turn, isBlocked, interruption == nil else { return }
    interruption = Task(executorPreference: EventLoop.shared) { await self.unblock() }
  }

  /// Asks Redis to end the wait, so that nothing taken in this moment is lost with the connection. Without a way to
  /// ask, closes it.
  private func unblock() async {
    for _ in 0..<Self.unblockAttemptsMax where isBlocked && client.isConnected {
      let reply = try? await client.command("CLIENT", "UNBLOCK", .integer(clientID))
      // The answer to the blocking command is on its way, on its own connection.
      if reply == .integer(1) { return }
      // Zero: this overtook the blocking command, or crossed its answer.
    }
    if isBlocked { connection?.close() }
  }
}
