internal import CMicroHTTPD
import EventLoop

/// A body that is made while it is sent: a task puts pieces in, libmicrohttpd takes them out.
///
/// When there is nothing to take, the connection is suspended; the next piece resumes it. A piece is put only after the
/// one before it was taken, so a slow client slows the source down.
@LoopActor
final class BodyFeed {
  private let connection: Connection
  private let handle: OpaquePointer
  private let wake: @LoopActor () -> Void
  private var source: Task<Void, Never>?
  private var piece: [UInt8] = []
  private var taken = 0
  private var isEnded = false
  private var isBroken = false
  private var isSuspended = false
  private var watch: PeerWatch?
  private var waiter: CheckedContinuation<Bool, Never>?

  /// - Parameter wake: runs the daemon soon; called after the connection was resumed.
  init(connection: Connection, handle: OpaquePointer, wake: @escaping @LoopActor () -> Void) {
    self.connection = connection
    self.handle = handle
    self.wake = wake
  }

  // MARK: The source

  func start(_ stream: AsyncStream<[UInt8]>) {
    source = Task(executorPreference: EventLoop.shared) { await self.pump(stream) }
  }

  func start(_ bytes: [UInt8], every pause: Duration) {
    source = Task(executorPreference: EventLoop.shared) { await self.trickle(bytes, every: pause) }
  }

  private func pump(_ stream: AsyncStream<[UInt8]>) async {
    // Goes on when nobody takes pieces any more: this task is cancelled then, and asking once more tells the stream.
    for await piece in stream where !piece.isEmpty { _ = await put(piece) }
    isEnded = true
    resume()
  }

  private func trickle(_ bytes: [UInt8], every pause: Duration) async {
    for byte in bytes {
      guard (try? await EventLoop.sleep(for: pause)) != nil, await put([byte]) else { return }
    }
    isEnded = true
    resume()
  }

  /// - Returns: false when nobody takes pieces any more.
  private func put(_ next: [UInt8]) async -> Bool {
    await withCheckedContinuation { continuation in
      guard !isBroken else {
        continuation.resume(returning: false)
        return
      }
      piece = next
      taken = 0
      waiter = continuation
      resume()
    }
  }

  // MARK: The connection

  /// Takes up to `bytesMax` bytes. Called by libmicrohttpd, on the loop.
  func take(into buffer: UnsafeMutablePointer<CChar>, bytesMax: Int) -> Int {
    if isBroken { return sevk_mhd_end_with_error() }
    let count = min(bytesMax, piece.count - taken)
    if count > 0 {
      UnsafeMutableRawBufferPointer(start: buffer, count: count).copyBytes(from: piece[taken..<taken + count])
      taken += count
      if taken == piece.count { release(true) }
      return count
    }
    if isEnded { return sevk_mhd_end_of_stream() }
    MHD_suspend_connection(handle)
    isSuspended = true
    watch = PeerWatch(connection) { [weak self] in self?.breakOff() }
    return 0
  }

  /// Ends the connection in the middle of the body: the client left, or the server stops.
  func breakOff() {
    close()
    resume()
  }

  /// Lets go of the source once the answer is over, in whatever way.
  func close() {
    isBroken = true
    source?.cancel()
    release(false)
  }

  private func release(_ goOn: Bool) {
    waiter?.resume(returning: goOn)
    waiter = nil
  }

  private func resume() {
    guard isSuspended else { return }
    isSuspended = false
    watch?.stop()
    watch = nil
    MHD_resume_connection(handle)
    wake()
  }
}
