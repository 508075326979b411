import EventLoop
import Glibc

/// A mail server on plain sockets.
@LoopActor
final class MailServer {
  private let messages: MessagesServer
  private var poll: LoopPoll?
  private var sessions: [Int32: MailSession] = [:]
  private(set) var port = 0

  init(_ messages: MessagesServer) { self.messages = messages }

  /// - Returns: false where it can't listen.
  func start(port wanted: Int) -> Bool {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var on: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(wanted).bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, size) == 0 && listen(descriptor, 64) == 0 && getsockname(descriptor, $0, &size) == 0
      }
    }
    guard isBound, let poll = LoopPoll(descriptor: descriptor, { [weak self] _ in self?.accept(descriptor) }) else {
      return false
    }
    port = Int(UInt16(bigEndian: address.sin_port))
    self.poll = poll
    poll.start(.readable)
    return true
  }

  private func accept(_ descriptor: Int32) {
    while true {
      let client = Glibc.accept(descriptor, nil, nil)
      guard client >= 0 else { return }
      _ = fcntl(client, F_SETFL, O_NONBLOCK)
      sessions[client] = MailSession(client, messages) { [weak self] in self?.sessions[client] = nil }
    }
  }
}
