public import EventLoop

/// One connection to Redis. Commands go out once a tick in one write, and are answered in order.
@LoopActor
public final class RedisConnection {
  /// Most commands that may wait for their answers.
  public static let repliesAwaitedMax = 200_000

  private typealias Answer = Result<RedisValue, RedisError>
  private struct Awaited {
    let continuation: CheckedContinuation<Answer, Never>
    /// On the loop's clock.
    let deadlineMilliseconds: UInt64
  }

  private let stream: LoopStream
  private let name: String
  private let reader = ReplyReader()
  private var timeout: Duration
  private var awaited = Fifo<Awaited>()
  private var encoded: [UInt8] = []
  private var watchdog: LoopTimer?
  /// When the watchdog looks next, on the loop's clock.
  private var nextWatch = UInt64.max
  private var whenClosed: (@LoopActor () -> Void)?

  /// False once the connection broke or was closed.
  public private(set) var isOpen = true

  private init(stream: LoopStream, name: String, timeout: Duration) {
    self.stream = stream
    self.name = name
    self.timeout = timeout
    watchdog = LoopTimer { [weak self] in self?.watch() }
  }

  /// Connects, logs in, selects the database, and makes sure that Redis answers.
  ///
  /// - Parameters:
  ///   - connectTimeout: for the connection and for each answer until it is usable.
  ///   - commandTimeout: for each answer after that. One that is late ends the connection, which may be half open.
  /// - Throws: ``RedisError`` with code `unavailable`, `wrongPassword` or `replyError`.
  public static func open(_ url: RedisURL, connectTimeout: Duration, commandTimeout: Duration)
    async throws(RedisError) -> RedisConnection
  {
    let stream: LoopStream
    do {
      stream = try await LoopStream.connect(to: url.address, timeout: connectTimeout)
    } catch {
      throw unavailable(url, "\(error)")
    }
    let connection = RedisConnection(stream: stream, name: "\(url.address)", timeout: connectTimeout)
    connection.start()
    do throws(RedisError) {
      if let password = url.password {
        _ = try await connection.send(["AUTH"] + (url.user.map { [.string($0)] } ?? []) + [.string(password)])
      }
      if url.database != 0 { _ = try await connection.send(["SELECT", .integer(Int64(url.database))]) }
      _ = try await connection.send(["PING"])
    } catch {
      connection.close()
      throw explained(error, url)
    }
    connection.timeout = commandTimeout
    return connection
  }

  private static func unavailable(_ url: RedisURL, _ why: String) -> RedisError {
    let known = "cannot connect to \(url.address): "
    let reason = why.hasPrefix(known) ? String(why.dropFirst(known.count)) : why
    return RedisError(.unavailable, "Redis at \(url.address) does not answer: \(reason)")
  }

  /// What an error before the connection is usable means.
  private static func explained(_ error: RedisError, _ url: RedisURL) -> RedisError {
    guard case .replyError(let prefix) = error.code else { return unavailable(url, error.message) }
    switch prefix {
    case "LOADING", "BUSY", "MASTERDOWN", "TRYAGAIN":
      return RedisError(.unavailable, "Redis at \(url.address) is not ready: \(error.message)")
    case "NOAUTH":
      return RedisError(.wrongPassword, "Redis at \(url.address) wants a password and the URL has none")
    case "WRONGPASS", "NOPERM":
      return RedisError(.wrongPassword, "Redis at \(url.address) refuses the user or password of the URL")
    case "ERR" where error.message.contains("password"):
      return RedisError(
        .wrongPassword, "Redis at \(url.address) does not take the password of the URL: \(error.message)")
    default:
      return RedisError(error.code, "Redis at \(url.address) can't be used: \(error.message)")
    }
  }

  private func start() {
    stream.read(
      onBytes: { [weak self] bytes in self?.received(bytes) },
      onEnd: { [weak self] error in
        guard let self else { return }
        let reason = error.map { "\($0)" } ?? "the server closed the connection"
        self.end(RedisError(.connectionLost, "the connection to Redis at \(self.name) broke: \(reason)"))
      })
  }

  /// Calls `body` once when the connection breaks; not when it is closed from this side.
  func whenBroken(_ body: @escaping @LoopActor () -> Void) { whenClosed = body }

  /// Commands that wait for their answers.
  var inFlightCount: Int { awaited.count }

  // MARK: Commands

  /// Sends a command and waits for its answer. Cancellation is not observed: the effect may have happened, so the
  /// caller must learn its outcome.
  ///
  /// - Parameters:
  ///   - timeout: for this command, instead of the connection's.
  ///   - isUrgent: writes it, and what waits to be written, now rather than at the end of the tick.
  /// - Throws: ``RedisError``; after `connectionLost` and `timedOut` the command may have had its effect.
  public func send(
    _ arguments: [RedisArgument], timeout: Duration? = nil, isUrgent: Bool = false
  ) async throws(RedisError) -> RedisValue {
    guard isOpen else { throw RedisError(.connectionLost, "the connection to Redis at \(name) is closed") }
    guard awaited.count < Self.repliesAwaitedMax else {
      throw RedisError(.unavailable, "\(Self.repliesAwaitedMax) commands wait for Redis at \(name) already")
    }
    let limit = timeout ?? self.timeout
    let answer: Answer = await withCheckedContinuation { continuation in
      let deadline = EventLoop.shared.nowMilliseconds + limit.wholeMilliseconds
      awaited.append(Awaited(continuation: continuation, deadlineMilliseconds: deadline))
      if encoded.isEmpty { EventLoop.shared.atEndOfTick { [weak self] in self?.flush() } }
      encoded.append(command: arguments)
      if isUrgent {
        flush()
        stream.flush()
      }
      if deadline < nextWatch { watch(at: deadline, after: limit) }
    }
    let value = try answer.get()
    if case .error(let text) = value { throw RedisError(reply: text) }
    return value
  }

  private func flush() {
    guard !encoded.isEmpty else { return }
    stream.write(encoded)
    encoded.removeAll(keepingCapacity: encoded.count < Self.encodedBytesKeptMax)
  }
  /// A buffer that grew beyond this in a burst is given back.
  private static let encodedBytesKeptMax = 1 << 20

  private func received(_ bytes: UnsafeRawBufferPointer) {
    reader.feed(bytes)
    while isOpen {
      let reply: RedisValue
      do throws(ReplyReader.Malformed) {
        guard let next = try reader.next() else { return }
        reply = next
      } catch {
        end(RedisError(.protocolError, "what answers at \(name) does not speak the protocol of Redis"))
        return
      }
      guard let next = awaited.popFirst() else {
        end(RedisError(.protocolError, "Redis at \(name) sent an answer to no command"))
        return
      }
      next.continuation.resume(returning: .success(reply))
    }
  }

  // MARK: The end

  /// Looks at the oldest command only: answers come in order. The timer runs on between answers, so that it costs
  /// nothing for each.
  private func watch() {
    nextWatch = .max
    guard isOpen, let oldest = awaited.first else { return }
    let now = EventLoop.shared.nowMilliseconds
    if oldest.deadlineMilliseconds > now {
      watch(at: oldest.deadlineMilliseconds, after: .milliseconds(Int64(oldest.deadlineMilliseconds - now)))
    } else {
      end(RedisError(.timedOut, "Redis at \(name) did not answer in time; its connection was dropped"))
    }
  }

  private func watch(at time: UInt64, after delay: Duration) {
    nextWatch = time
    watchdog?.start(after: delay)
  }

  /// Closes the connection; commands that wait fail with `connectionLost`.
  public func close() {
    whenClosed = nil
    end(RedisError(.connectionLost, "the connection to Redis at \(name) was closed"))
  }

  private func end(_ error: RedisError) {
    guard isOpen else { return }
    isOpen = false
    watchdog?.stop()
    watchdog = nil
    stream.close()
    while let next = awaited.popFirst() { next.continuation.resume(returning: .failure(error)) }
    let report = whenClosed
    whenClosed = nil
    report?()
  }
}
