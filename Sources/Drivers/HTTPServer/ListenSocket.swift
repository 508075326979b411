import Glibc

/// Why a server could not start.
public struct HTTPServerError: Error, CustomStringConvertible {
  /// One line, such as `cannot listen on 127.0.0.1:8080: address already in use`.
  public let description: String
}

/// Opens a listening TCP socket.
///
/// Says why where it can not.
enum ListenSocket {
  /// - Returns: the descriptor, the port it got (for `port` 0), and whether it speaks IPv6.
  static func open(host: String, port: Int) throws -> (descriptor: Int32, port: Int, isIPv6: Bool) {
    let literal = host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
    let shown = "\(literal.contains(":") ? "[\(literal)]" : literal):\(port)"
    func failure(_ why: String) -> HTTPServerError {
      HTTPServerError(description: "cannot listen on \(shown): \(why)")
    }
    guard (0...65535).contains(port) else { throw failure("a port is 0 to 65535") }

    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    hints.ai_flags = AI_PASSIVE
    var list: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(literal, String(port), &hints, &list) == 0, let list else {
      throw failure("no such address")
    }
    defer { freeaddrinfo(list) }

    let family = list.pointee.ai_family
    let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
    let descriptor = socket(family, type, 0)
    guard descriptor >= 0 else { throw failure(reason(errno)) }
    var on: Int32 = 1
    // A restart must not wait for old connections in TIME_WAIT; a second listener is still refused.
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
    guard bind(descriptor, list.pointee.ai_addr, list.pointee.ai_addrlen) == 0, listen(descriptor, SOMAXCONN) == 0
    else {
      let code = errno
      close(descriptor)
      throw failure(reason(code))
    }
    return (descriptor, localPort(descriptor), family == AF_INET6)
  }

  private static func reason(_ code: Int32) -> String { String(cString: strerror(code)).lowercased() }

  private static func localPort(_ descriptor: Int32) -> Int {
    var address = sockaddr_storage()
    var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
    return withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { _ = getsockname(descriptor, $0, &size) }
      // The port stands at the same place in IPv4 and IPv6 addresses.
      return pointer.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
        Int(UInt16(bigEndian: $0.pointee.sin_port))
      }
    }
  }
}
