internal import CCurl
import EventLoop
import Glibc

/// The sockets that curl waits for, in a set of the kernel's own that the loop watches as one descriptor.
///
/// Each request has a socket of its own, which is watched for two things one after the other: by libuv, that takes nine calls
/// of the kernel and a handle; here it takes three.
@LoopActor
final class SocketSet {
  private let set: Int32
  private var poll: LoopPoll?
  private var known: Set<Int32> = []
  private let act: @LoopActor (_ socket: Int32, _ events: Int32) -> Void

  /// - Parameter act: told of a socket that is ready, and for what, as curl takes it.
  init?(_ act: @escaping @LoopActor (_ socket: Int32, _ events: Int32) -> Void) {
    set = sevk_curl_socket_set()
    self.act = act
    guard set >= 0 else { return nil }
    guard let poll = LoopPoll(descriptor: set, { [weak self] _ in self?.takeReady() }) else {
      Glibc.close(set)
      return nil
    }
    self.poll = poll
    poll.start(.readable)
  }

  /// Watches a socket for what curl waits for, or no longer.
  func watch(_ socket: Int32, _ what: Int32) {
    guard poll != nil else { return }
    if what == CURL_POLL_REMOVE {
      if known.remove(socket) != nil { _ = sevk_curl_unwatch(set, socket) }
    } else {
      // What can't be watched ends at its request's timeout.
      _ = sevk_curl_watch(set, socket, what, known.insert(socket).inserted ? 0 : 1)
    }
  }

  private func takeReady() {
    let most = Int(SEVK_CURL_READY_MAX)
    withUnsafeTemporaryAllocation(of: Int32.self, capacity: most * 2) { memory in
      guard let sockets = memory.baseAddress else { return }
      let events = sockets + most
      // What is left is found in the next tick.
      for index in 0..<max(Int(sevk_curl_ready(set, sockets, events)), 0) {
        // One that was taken out meanwhile is ready for nobody; one that came in its place is looked at too often, once.
        guard known.contains(sockets[index]) else { continue }
        act(sockets[index], events[index])
      }
    }
  }

  func close() {
    guard poll != nil else { return }
    poll?.stop()
    poll = nil
    known = []
    Glibc.close(set)
  }

  isolated deinit { close() }
}
