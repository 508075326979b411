import EventLoop
import Glibc

/// A listening socket that accepts while there is room.
@LoopActor
final class Listener {
  /// Accepted in one turn, so that a flood of connections does not hold the loop.
  private static let acceptedPerTurnMax = 64
  /// Until accepting is tried again where the process or the machine has no descriptor left.
  private static let pause = Duration.milliseconds(100)

  private let descriptor: Int32
  private let take: @LoopActor (_ descriptor: Int32, _ peer: String) -> Void
  private let hasRoom: @LoopActor () -> Bool
  private var poll: LoopPoll?
  private var timer: LoopTimer?
  private var isWaiting = false

  /// - Parameters:
  ///   - hasRoom: asked before each connection is accepted; ``resume()`` says when there is room again.
  ///   - take: owns the descriptor from then on.
  /// - Returns: nil when it can't be watched; the descriptor is closed then.
  init?(
    descriptor: Int32, hasRoom: @escaping @LoopActor () -> Bool,
    take: @escaping @LoopActor (_ descriptor: Int32, _ peer: String) -> Void
  ) {
    self.descriptor = descriptor
    self.hasRoom = hasRoom
    self.take = take
    guard let poll = LoopPoll(descriptor: descriptor, { [weak self] _ in self?.accept(Self.acceptedPerTurnMax) }) else {
      Glibc.close(descriptor)
      return nil
    }
    self.poll = poll
    timer = LoopTimer { [weak self] in self?.resume() }
    poll.start(.readable)
  }

  /// Accepts up to `max` connections that wait.
  func accept(_ max: Int = .max) {
    var count = 0
    while poll != nil, count < max {
      guard hasRoom() else { return wait() }
      var address = sockaddr_storage()
      var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
      let accepted = withUnsafeMutablePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          Glibc.accept(descriptor, $0, &size)
        }
      }
      guard accepted >= 0 else {
        switch errno {
        case EAGAIN: return
        // The client left before its turn came.
        case EINTR, ECONNABORTED, EPROTO: continue
        default:
          wait()
          timer?.start(after: Self.pause)
          return
        }
      }
      count += 1
      _ = fcntl(accepted, F_SETFL, O_NONBLOCK)
      _ = fcntl(accepted, F_SETFD, FD_CLOEXEC)
      take(accepted, Self.name(of: &address, size))
    }
  }

  /// There may be room again.
  func resume() {
    guard isWaiting, hasRoom() else { return }
    isWaiting = false
    poll?.start(.readable)
  }

  private func wait() {
    isWaiting = true
    poll?.stop()
  }

  func close() {
    guard poll != nil else { return }
    poll?.stop()
    poll = nil
    timer = nil
    Glibc.close(descriptor)
  }

  private static func name(of address: inout sockaddr_storage, _ size: socklen_t) -> String {
    withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(NI_MAXHOST)) { text in
          guard let start = text.baseAddress,
            getnameinfo(address, size, start, socklen_t(text.count), nil, 0, NI_NUMERICHOST) == 0
          else { return "" }
          return String(cString: start)
        }
      }
    }
  }
}
