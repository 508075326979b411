internal import CPostgres
import EventLoop

/// Opens one connection without blocking the loop: libpq would look host names up where it is called, so it is given
/// addresses; see ``HostList``.
@LoopActor
enum Handshake {
  static func open(_ settings: ConnectionSettings) async throws(PostgresError) -> OpaquePointer {
    try settings.check()
    let deadline = EventLoop.shared.nowMilliseconds + settings.connectTimeout.wholeMilliseconds
    let attempts = try await HostList(url: settings.url).attempts(within: settings.connectTimeout)
    // Who answered last time comes first: the others may take their whole share of the time to say nothing.
    let first = settings.lastServer.number < attempts.count ? settings.lastServer.number : 0
    var failures: [PostgresError] = []
    for step in attempts.indices {
      let number = (first + step) % attempts.count
      let now = EventLoop.shared.nowMilliseconds
      let share = (deadline > now ? deadline - now : 0) / UInt64(attempts.count - step)
      do throws(PostgresError) {
        let connection = try await open(settings.parameters + attempts[number], by: now + share)
        settings.lastServer.number = number
        return connection
      } catch {
        failures.append(error)
      }
    }
    throw PostgresError.ofAll(failures)
  }

  private static func open(
    _ parameters: [(keyword: String, value: String)], by deadline: UInt64
  ) async throws(PostgresError) -> OpaquePointer {
    guard let connection = start(parameters) else {
      throw PostgresError(.unavailable, "no memory for a PostgreSQL connection")
    }
    do throws(PostgresError) {
      try await finish(connection, by: deadline)
    } catch {
      PQfinish(connection)
      throw error
    }
    PQsetErrorVerbosity(connection, PQERRORS_DEFAULT)
    PQsetnonblocking(connection, 1)
    return connection
  }

  private static func start(_ parameters: [(keyword: String, value: String)]) -> OpaquePointer? {
    // All texts in one buffer, so that one pin is enough.
    var buffer: [CChar] = []
    var offsets: [Int] = []
    for text in parameters.map(\.keyword) + parameters.map(\.value) {
      offsets.append(buffer.count)
      buffer.append(contentsOf: text.utf8CString)
    }
    return buffer.withUnsafeBufferPointer { buffer in
      let texts = offsets.map { offset in buffer.baseAddress.map { $0 + offset } }
      let keywords = Array(texts[..<parameters.count]) + [nil]
      let values = Array(texts[parameters.count...]) + [nil]
      return PQconnectStartParams(keywords, values, 1)
    }
  }

  private static func finish(_ connection: OpaquePointer, by deadline: UInt64) async throws(PostgresError) {
    guard PQstatus(connection) != CONNECTION_BAD else { throw failure(connection) }
    sevk_silence_notices(connection)
    PQsetErrorVerbosity(connection, PQERRORS_VERBOSE)
    // libpq: "behave as if PQconnectPoll last returned PGRES_POLLING_WRITING".
    var events = LoopPoll.Events.writable
    while true {
      guard await ready(PQsocket(connection), events, deadline) else {
        throw PostgresError(.unavailable, "PostgreSQL at \(address(connection)) does not answer: no reply in time")
      }
      switch PQconnectPoll(connection) {
      case PGRES_POLLING_OK: return
      case PGRES_POLLING_READING: events = .readable
      case PGRES_POLLING_WRITING: events = .writable
      default: throw failure(connection)
      }
    }
  }

  /// Waits for one step. A poll of its own each time, gone before libpq is called again: libpq may close the socket
  /// and open another under the same number.
  private static func ready(
    _ descriptor: Int32, _ events: LoopPoll.Events, _ deadline: UInt64
  ) async -> Bool {
    let now = EventLoop.shared.nowMilliseconds
    guard now < deadline else { return false }
    let event = LoopEvent()
    guard let poll = LoopPoll(descriptor: descriptor, { _ in event.signal() }) else { return false }
    poll.start(events)
    defer { poll.stop() }
    return await event.wait(for: .milliseconds(deadline - now))
  }

  private static func failure(_ connection: OpaquePointer) -> PostgresError {
    let text = PQerrorMessage(connection).map { String(cString: $0) } ?? ""
    return ConnectFailure(text).error(at: address(connection))
  }

  /// Host and port, or the path of the socket.
  static func address(_ connection: OpaquePointer) -> String {
    let host = PQhost(connection).map { String(cString: $0) } ?? ""
    let port = PQport(connection).map { String(cString: $0) } ?? ""
    return host.hasPrefix("/") ? "\(host)/.s.PGSQL.\(port)" : "\(host):\(port)"
  }
}
