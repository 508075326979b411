/// A connection that carries bytes: as they are, or sealed by TLS.
@LoopActor
public protocol ByteStream: AnyObject {
  /// Starts reading. `onBytes` gets each piece (valid only during the call); `onEnd` is called once, with nil when the
  /// peer closed the connection in order.
  func read(
    onBytes: @escaping @LoopActor (UnsafeRawBufferPointer) -> Void,
    onEnd: @escaping @LoopActor ((any Error)?) -> Void)
  /// Appends bytes to what goes out at the end of the tick.
  func write(_ bytes: [UInt8])
  /// Writes what was given at once rather than at the end of the tick.
  func flush()
  /// Closes the connection without calling `onEnd`.
  func close()
}

extension LoopStream: ByteStream {}
