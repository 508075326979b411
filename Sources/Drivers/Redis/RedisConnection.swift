internal import EventLoop
internal import TLS

/// One connection to Redis. Commands go out once a tick in one write, and are answered in order.
@LoopActor
final class RedisConnection {
  /// Most commands that may wait for their answers.
  static let repliesAwaitedMax = 200_000

  private typealias Answer = Result<RedisValue, RedisError>
  private struct Awaited {
    /// Nil where nobody wants the answer.
    let continuation: CheckedContinuation<Answer, Never>?
    /// On the loop's clock.
    let deadlineMilliseconds: UInt64
  }

  private let stream: any ByteStream
  let target: RedisTarget
  private var name: String { target.name }
  private let reader = ReplyReader()
  private var timeout: Duration
  private var awaited = Fifo<Awaited>()
  private var encoded: [UInt8] = []
  private var watchdog: LoopTimer?
  /// When the watchdog looks next, on the loop's clock.
  private var nextWatch = UInt64.max
  private var whenClosed: (@LoopActor () -> Void)?

  /// False once the connection broke or was closed.
  private(set) var isOpen = true
  /// Whether the server answered anything.
  private var hasSpoken = false
  /// Gets what comes unasked, on a connection that subscribed.
  var onMessage: (@LoopActor ([RedisValue]) -> Void)?

  private init(stream: any ByteStream, target: RedisTarget, timeout: Duration) {
    self.stream = stream
    self.target = target
    self.timeout = timeout
    watchdog = LoopTimer { [weak self] in self?.watch() }
  }

  /// Connects, logs in, selects the database, and makes sure that a server of the right kind answers.
  ///
  /// - Parameters:
  ///   - connectTimeout: for the connection and for each answer until it is usable.
  ///   - commandTimeout: for each answer after that. One that is late ends the connection, which may be half open.
  /// - Throws: ``RedisError`` with code `unavailable`, `wrongPassword`, `notTrusted`, `wrongServer` or `replyError`.
  static func open(_ target: RedisTarget, connectTimeout: Duration, commandTimeout: Duration)
    async throws(RedisError) -> RedisConnection
  {
    let stream: any ByteStream
    do { stream = try await target.connect(timeout: connectTimeout) } catch { throw target.unavailable(error) }
    let connection = RedisConnection(stream: stream, target: target, timeout: connectTimeout)
    connection.start()
    do throws(RedisError) {
      if let credentials = target.credentials {
        do throws(RedisError) { _ = try await connection.send(credentials.command) } catch {
          // A sentinel has no users of Redis: its kind says more than its refusal.
          if case .replyError = error.code, let reply = try? await connection.send(["HELLO"]),
            let problem = RedisKind(reply)?.problem(as: target)
          {
            throw problem
          }
          throw error
        }
      }
      try await connection.checkKind()
      if target.database != 0 { _ = try await connection.send(["SELECT", .integer(Int64(target.database))]) }
      // One that can't save is of use to who looks; who writes is told.
      do throws(RedisError) { _ = try await connection.send(["PING"]) } catch {
        guard error.isUnsaved else { throw error }
      }
    } catch {
      connection.close()
      throw target.explained(error, wasSilent: !connection.hasSpoken)
    }
    connection.timeout = commandTimeout
    return connection
  }

  /// A server that knows or allows neither HELLO nor ROLE is taken for what it should be.
  private func checkKind() async throws(RedisError) {
    var kind: RedisKind?
    do throws(RedisError) { kind = RedisKind(try await send(["HELLO"])) } catch {
      guard case .replyError = error.code, target.kind != .sentinel else { throw error }
      if let role = (try? await send(["ROLE"]))?.array?.first?.text { kind = RedisKind(role: role) }
    }
    if let problem = kind?.problem(as: target) { throw problem }
  }

  private func start() {
    stream.read(
      onBytes: { [weak self] bytes in self?.received(bytes) },
      onEnd: { [weak self] error in
        guard let self else { return }
        let reason = error.map { "\($0)" } ?? "the server closed the connection"
        self.end(
          RedisError(.connectionLost, "the connection to \(self.name) broke: \(reason)", cause: error as? TLSError))
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
  ///   - isAsking: with `ASKING` right before it.
  /// - Throws: ``RedisError``; after `connectionLost` and `timedOut` the command may have had its effect.
  func send(
    _ arguments: [RedisArgument], timeout: Duration? = nil, isUrgent: Bool = false, isAsking: Bool = false
  ) async throws(RedisError) -> RedisValue {
    guard isOpen else { throw RedisError(.connectionLost, "the connection to \(name) is closed") }
    guard awaited.count < Self.repliesAwaitedMax else {
      throw RedisError(.unavailable, "\(Self.repliesAwaitedMax) commands wait for \(name) already")
    }
    let limit = timeout ?? self.timeout
    let answer: Answer = await withCheckedContinuation { continuation in
      let deadline = EventLoop.shared.nowMilliseconds + limit.wholeMilliseconds
      if encoded.isEmpty { EventLoop.shared.atEndOfTick { [weak self] in self?.flush() } }
      if isAsking {
        awaited.append(Awaited(continuation: nil, deadlineMilliseconds: deadline))
        encoded.append(command: ["ASKING"])
      }
      awaited.append(Awaited(continuation: continuation, deadlineMilliseconds: deadline))
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
        end(RedisError(.protocolError, "what answers at \(target.address) does not speak the protocol of Redis"))
        return
      }
      hasSpoken = true
      if let onMessage, let parts = reply.array, parts.first?.text == "message" {
        onMessage(parts)
        continue
      }
      guard let next = awaited.popFirst() else {
        end(RedisError(.protocolError, "\(name) sent an answer to no command"))
        return
      }
      next.continuation?.resume(returning: .success(reply))
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
      end(RedisError(.timedOut, "\(name) did not answer in time; its connection was dropped"))
    }
  }

  private func watch(at time: UInt64, after delay: Duration) {
    nextWatch = time
    watchdog?.start(after: delay)
  }

  /// Closes the connection; commands that wait fail with `connectionLost`.
  func close() {
    whenClosed = nil
    end(RedisError(.connectionLost, "the connection to \(name) was closed"))
  }

  /// Ends the connection as if it had broken: commands that wait fail with `error`.
  func end(_ error: RedisError) {
    guard isOpen else { return }
    isOpen = false
    watchdog?.stop()
    watchdog = nil
    stream.close()
    while let next = awaited.popFirst() { next.continuation?.resume(returning: .failure(error)) }
    let report = whenClosed
    whenClosed = nil
    report?()
  }
}
