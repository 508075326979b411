import EventLoop
import Glibc
import PrivateServers
import Seeded

/// A port of the loopback interface, or of a host, that leads to a server, and that can be broken.
///
/// Clients stay in the listener's queue while a partition lasts: like SYN packets that nobody answers, they cannot know
/// what is wrong.
@LoopActor
final class NetworkProxy {
  enum Mode {
    case pass
    /// Nothing passes, and nobody is told.
    case partition
    /// Requests pass, answers do not.
    case oneWay
    /// Each piece is held back for a while of its own.
    case delay
    /// Every connection is reset, new ones too.
    case refuse
    /// A connection is reset as soon as a request went out on it.
    case cut
    /// A whole answer that nobody asked for follows each of the server's.
    case surplus
  }

  private static let backlogMax: Int32 = 512

  /// `HOST:PORT` of the proxy.
  let address: String
  private let server: SocketAddress
  private let listener: Int32
  private var poll: LoopPoll?
  private var links: [ObjectIdentifier: ProxyLink] = [:]
  private var random = SeededGenerator(seed: 1)

  /// - Parameter host: where it listens; nil for 127.0.0.1.
  /// - Throws: when no port is free.
  init(to server: SocketAddress, on host: NetworkHost? = nil) throws {
    self.server = server
    let listener = try Hosts.on(host) {
      socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
    }
    let own = host?.address ?? "127.0.0.1"
    var port = sockaddr_in.named(own, 0)
    guard withSockaddr(&port, { Glibc.bind(listener, $0, $1) == 0 }), listen(listener, Self.backlogMax) == 0,
      withSockaddr(
        &port,
        { name, size in
          var size = size
          return getsockname(listener, name, &size) == 0
        })
    else { throw ChildProgram.Failure("cannot open a proxy to \(server): errno \(errno)") }
    self.listener = listener
    address = "\(own):\(UInt16(bigEndian: port.sin_port))"
    poll = LoopPoll(descriptor: listener) { [weak self] _ in self?.accept() }
    poll?.start(.readable)
  }

  var mode = Mode.pass {
    didSet {
      if mode == .partition { poll?.stop() } else { poll?.start(.readable) }
      for link in links.values { if mode == .refuse { link.reset() } else { link.watch() } }
    }
  }

  /// How long the next piece is held back.
  func delay() -> Duration? { mode == .delay ? .milliseconds(Int.random(in: 50...300, using: &random)) : nil }

  func close() {
    poll?.stop()
    poll = nil
    Glibc.close(listener)
    for link in links.values { link.reset() }
  }

  func forget(_ link: ProxyLink) { links[ObjectIdentifier(link)] = nil }

  private func accept() {
    while mode != .partition {
      let client = Glibc.accept(listener, nil, nil)
      guard client >= 0 else { return }
      _ = fcntl(client, F_SETFL, O_NONBLOCK)
      guard mode != .refuse, let link = ProxyLink(client: client, server: connect(), proxy: self) else {
        ProxyLink.reset(client)
        continue
      }
      links[ObjectIdentifier(link)] = link
      link.watch()
    }
  }

  /// A connection to the server, perhaps not yet open; negative when the server is not there.
  private func connect() -> Int32 {
    let kind = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
    let descriptor: Int32
    let failed: Bool
    switch server {
    case .tcp(let host, let port):
      descriptor = socket(AF_INET, kind, 0)
      var name = sockaddr_in.named(host, UInt16(port))
      failed = withSockaddr(&name) { Glibc.connect(descriptor, $0, $1) != 0 }
    case .unix(let path):
      descriptor = socket(AF_UNIX, kind, 0)
      var name = sockaddr_un()
      name.sun_family = sa_family_t(AF_UNIX)
      withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
      failed = withSockaddr(&name) { Glibc.connect(descriptor, $0, $1) != 0 }
    }
    if failed, errno != EINPROGRESS {
      Glibc.close(descriptor)
      return -1
    }
    return descriptor
  }
}

extension sockaddr_in {
  /// - Parameter address: as digits.
  fileprivate static func named(_ address: String, _ port: UInt16) -> sockaddr_in {
    var name = sockaddr_in()
    name.sin_family = sa_family_t(AF_INET)
    inet_pton(AF_INET, address, &name.sin_addr)
    name.sin_port = port.bigEndian
    return name
  }
}

private func withSockaddr<Name>(_ name: inout Name, _ body: (UnsafeMutablePointer<sockaddr>, socklen_t) -> Bool) -> Bool
{
  withUnsafeMutablePointer(to: &name) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<Name>.size)) }
  }
}
