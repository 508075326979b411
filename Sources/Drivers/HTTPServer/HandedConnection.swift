public import EventLoop

/// A connection that a handler's answer took over, see ``HTTPResponse/Body/handover(_:)``: bytes as they come, in both
/// directions.
@LoopActor
public final class HandedConnection {
  private var connection: Connection?
  /// Gets what the client sends; the bytes are valid during the call only.
  public var onBytes: (@LoopActor (UnsafeRawBufferPointer) -> Void)?
  /// Called when all that waited has left.
  public var onDrained: (@LoopActor () -> Void)?
  /// Called once, when the connection is at its end, whoever ended it. Nothing is called after.
  public var onEnd: (@LoopActor () -> Void)?

  init(_ connection: Connection) { self.connection = connection }

  public var isOpen: Bool { connection != nil }

  /// Bytes that were written and that the client's side has not taken.
  public var bytesWaiting: Int { connection?.bytesWaiting ?? 0 }

  /// Sends bytes with all others of this tick. What the client does not take waits in memory: who writes much looks at
  /// ``bytesWaiting`` first.
  public func write(_ bytes: [UInt8]) { connection?.queue(bytes) }

  /// The connection is lost when the client's side does not acknowledge within so long that it got what was sent.
  public func limitUnacknowledged(_ limit: Duration) { connection?.limitUnacknowledged(limit) }

  /// Sends what waits and ends the connection; what the client still sends is dropped.
  public func end() { connection?.endHanded() }

  /// Ends the connection at once.
  public func cut() { connection?.close(hard: true) }

  func take(_ bytes: UnsafeRawBufferPointer) { onBytes?(bytes) }

  func drained() { onDrained?() }

  func ended() {
    guard connection != nil else { return }
    connection = nil
    let report = onEnd
    (onBytes, onDrained, onEnd) = (nil, nil, nil)
    report?()
  }
}
