import Glibc
import Synchronization

/// Standard error, written to without ever waiting for who reads it.
///
/// Nobody may be reading: a pipe whose reader hangs, a terminal after Ctrl-S, a journal that stands still. The descriptor
/// can't be made non-blocking, since other processes share its description; nor does it help to poll it first, since
/// another writer may fill the pipe in between. So a thread of its own writes what was queued, and may wait for ever.
/// What does not fit into the queue is dropped and counted, and one line says so as soon as somebody reads again. A
/// regular file has no reader to wait for and is written at once, so that nothing is lost in a crash.
public final class StandardError: Sendable {
  public static let shared = StandardError(descriptor: 2)

  /// Most that waits in memory beside what the thread is just writing, which is as much at most.
  static let queuedBytesMax = 256 * 1024

  /// Longest wait of a process that ends for who reads its last lines.
  private static let lastWait = Duration.seconds(1)

  private struct State {
    var queued: [UInt8] = []
    var isWriting = false
    var hasThread = false
    /// Since the last line that said so.
    var dropped = 0
    var droppedTotal = 0
    var describeLoss: (@Sendable (Int) -> String)?
  }

  private let descriptor: Int32
  private let isFile: Bool
  private let state = Mutex(State())
  private let wake: WakeUp

  init(descriptor: Int32) {
    self.descriptor = descriptor
    wake = WakeUp()
    var status = stat()
    isFile = fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
  }

  /// Lines that were dropped so far.
  public var droppedTotal: Int { state.withLock { $0.droppedTotal } }

  /// What is written when lines were dropped: a whole line, of their number.
  public func describeLoss(_ text: @escaping @Sendable (Int) -> String) { state.withLock { $0.describeLoss = text } }

  /// Writes a line, which ends with a line feed, now or as soon as what was queued before is written.
  public func write(_ line: String) {
    var line = line
    line.withUTF8 { bytes in
      if isFile { return writeAll(UnsafeRawBufferPointer(bytes)) }
      let isNew = state.withLock { state in
        guard state.queued.count + bytes.count <= Self.queuedBytesMax else {
          state.dropped += 1
          state.droppedTotal += 1
          return false
        }
        state.queued.append(contentsOf: bytes)
        if !state.hasThread { state.hasThread = startThread() }
        return !state.isWriting
      }
      if isNew { wake.signal() }
    }
  }

  /// Waits until everything is written, at most so long: for a process that ends.
  public func flush(within limit: Duration) {
    let end = ContinuousClock.now + limit
    while state.withLock({ $0.isWriting || !$0.queued.isEmpty }), ContinuousClock.now < end { usleep(1000) }
  }

  // MARK: The thread

  private func startThread() -> Bool {
    let this = Unmanaged.passRetained(self)
    var thread = pthread_t()
    let failed = pthread_create(
      &thread, nil,
      { raw in
        guard let raw else { return nil }
        Unmanaged<StandardError>.fromOpaque(raw).takeRetainedValue().writeForEver()
        return nil
      }, this.toOpaque())
    guard failed == 0 else {
      this.release()
      return false
    }
    pthread_detach(thread)
    if descriptor == 2 { atexit { StandardError.shared.flush(within: StandardError.lastWait) } }
    return true
  }

  private func writeForEver() {
    // Signals are for the loop.
    var all = sigset_t()
    sigfillset(&all)
    pthread_sigmask(SIG_BLOCK, &all, nil)
    while true {
      wake.wait()
      while let (bytes, loss) = next() {
        bytes.withUnsafeBytes { writeAll($0) }
        if var loss { loss.withUTF8 { writeAll(UnsafeRawBufferPointer($0)) } }
      }
    }
  }

  /// What is to be written next, and the line about what was dropped after it.
  private func next() -> ([UInt8], String?)? {
    state.withLock { state in
      state.isWriting = !state.queued.isEmpty
      guard state.isWriting else { return nil }
      let bytes = state.queued
      state.queued = []
      let loss = state.dropped > 0 ? state.describeLoss?(state.dropped) : nil
      state.dropped = 0
      return (bytes, loss)
    }
  }

  private func writeAll(_ bytes: UnsafeRawBufferPointer) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let written = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
      if written > 0 {
        rest = rest.dropFirst(written)
      } else if errno == EAGAIN {
        // Another process made the shared description non-blocking.
        var ready = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        if isFile || poll(&ready, 1, -1) < 0 && errno != EINTR { return }
      } else if errno != EINTR {
        return
      }
    }
  }
}

/// Wakes a thread that waits.
private final class WakeUp: @unchecked Sendable {
  private let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)
  init() { sem_init(semaphore, 0, 0) }
  func signal() { sem_post(semaphore) }
  func wait() { while sem_wait(semaphore) != 0 {} }
}
