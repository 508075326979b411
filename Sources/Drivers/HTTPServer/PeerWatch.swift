import EventLoop
import Glibc

/// Notices that the client of a suspended connection has left, which libmicrohttpd does not watch for.
@LoopActor
final class PeerWatch {
  private var poll: LoopPoll?

  /// Calls `onGone` once when the peer ends or resets the connection. A peer that only ends its sending side counts as
  /// gone too.
  init(_ connection: Connection, onGone: @escaping @LoopActor () -> Void) {
    let descriptor = connection.descriptor
    poll = LoopPoll(descriptor: descriptor) { [weak self] _ in
      guard let self, self.poll != nil else { return }
      var byte: UInt8 = 0
      let count = recv(descriptor, &byte, 1, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT))
      if count < 0, errno == EAGAIN { return }
      // With bytes of a further request waiting, the end behind them can't be seen: give up watching.
      self.stop()
      if count <= 0 { onGone() }
    }
    poll?.start(.readable)
  }

  /// Must be called before the descriptor is closed.
  func stop() {
    poll?.stop()
    poll = nil
  }
}
