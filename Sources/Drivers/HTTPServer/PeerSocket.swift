import EventLoop
import Glibc

/// The socket of an accepted connection, non-blocking.
@LoopActor
final class PeerSocket {
  static let readBytesMax = 65_536
  /// Shared by all sockets: what is read into it is copied before the next read.
  private static let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: readBytesMax, alignment: 16)

  enum Read {
    case bytes(UnsafeRawBufferPointer)
    /// Nothing for now.
    case nothing
    /// The peer ended its side in order.
    case end
    case lost
  }

  private let descriptor: Int32
  private var poll: LoopPoll?
  private var watched: LoopPoll.Events = []
  private var isOpen = true

  /// - Returns: nil when the loop can't watch it; it is closed then.
  init?(descriptor: Int32, _ onEvents: @escaping @LoopActor (LoopPoll.Events) -> Void) {
    self.descriptor = descriptor
    var on: Int32 = 1
    setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
    guard let poll = LoopPoll(descriptor: descriptor, onEvents) else {
      Glibc.close(descriptor)
      return nil
    }
    self.poll = poll
  }

  func watch(_ events: LoopPoll.Events) {
    guard isOpen, events != watched else { return }
    watched = events
    if events.isEmpty { poll?.stop() } else { poll?.start(events) }
  }

  var isWatchingReads: Bool { watched.contains(.readable) }

  /// The bytes are valid until the next read of any socket.
  func read() -> Read {
    let count = recv(descriptor, Self.buffer.baseAddress, Self.readBytesMax, 0)
    if count > 0 { return .bytes(UnsafeRawBufferPointer(rebasing: Self.buffer[..<count])) }
    if count == 0 { return .end }
    return errno == EAGAIN || errno == EINTR ? .nothing : .lost
  }

  /// Whether the peer has left; nil when it can't be seen, since it has sent more before.
  func hasLeft() -> Bool? {
    var byte: UInt8 = 0
    let count = recv(descriptor, &byte, 1, Int32(MSG_PEEK))
    if count > 0 { return nil }
    return count == 0 || errno != EAGAIN && errno != EINTR
  }

  /// - Returns: how many bytes the kernel took; nil when the connection is lost.
  func write(_ bytes: ArraySlice<UInt8>) -> Int? {
    let count = bytes.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
    if count >= 0 { return count }
    return errno == EAGAIN || errno == EINTR ? 0 : nil
  }

  /// The kernel gives the connection up when what was sent is not acknowledged within so long.
  func limitUnacknowledged(_ limit: Duration) {
    var milliseconds = UInt32(clamping: limit.wholeMilliseconds)
    setsockopt(
      descriptor, Int32(IPPROTO_TCP), TCP_USER_TIMEOUT, &milliseconds, socklen_t(MemoryLayout<UInt32>.size))
  }

  func endWriting() { shutdown(descriptor, Int32(SHUT_WR)) }

  /// - Parameter hard: send RST instead of an orderly end.
  func close(hard: Bool = false) {
    guard isOpen else { return }
    isOpen = false
    poll?.stop()
    poll = nil
    if hard {
      var now = linger(l_onoff: 1, l_linger: 0)
      setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<linger>.size))
    }
    Glibc.close(descriptor)
  }
}
