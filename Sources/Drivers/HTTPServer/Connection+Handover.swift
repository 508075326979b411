import EventLoop

/// A connection that is somebody else's: what its owner asks of it.
extension Connection {
  /// Gives it to whoever the answer named.
  func hand(_ exchange: HTTPExchange, to take: @LoopActor (HandedConnection) -> Void) {
    exchange.finish()
    let connection = HandedConnection(self)
    phase = .handed(connection)
    socket?.watch(output.isEmpty ? .readable : [.readable, .writable])
    take(connection)
    guard case .handed = phase, !input.isEmpty else { return }
    // What the client sent without waiting for the answer.
    let early = input
    input = []
    early.withUnsafeBytes { connection.take($0) }
  }

  /// Bytes that the kernel did not take. What leaves with this tick is not among them.
  var bytesWaiting: Int { isFull ? output.count : 0 }

  /// Sends with all else of this tick.
  func queue(_ bytes: [UInt8]) {
    guard case .handed = phase else { return }
    // Nearly always: then the bytes are shared by all connections that send them.
    if output.isEmpty { output = bytes[...] } else { output += bytes }
    guard !isHooked, !isFull else { return }
    isHooked = true
    EventLoop.shared.atEndOfTick { [self] in
      isHooked = false
      flush()
    }
  }

  func limitUnacknowledged(_ limit: Duration) { socket?.limitUnacknowledged(limit) }

  /// Sends what waits, and ends the connection in order.
  func endHanded() {
    guard case .handed(let connection) = phase else { return }
    phase = .closing
    since = EventLoop.shared.nowMilliseconds
    flush()
    if case .closing = phase, output.isEmpty { endWriting() }
    connection.ended()
  }
}
