import Glibc

/// Why a server could not start.
public struct HTTPServerError: Error, CustomStringConvertible {
  /// One line, such as `cannot listen on 127.0.0.1:8080: address already in use`.
  public let description: String
}

/// Opens listening TCP sockets: one for each address that a name has, such as 127.0.0.1 and ::1 of `localhost`.
///
/// Says why where it can not.
enum ListenSocket {
  /// - Returns: the descriptors, at least one, and the port that they share (for `port` 0 the one that the first got).
  static func open(host: String, port: Int) throws -> (descriptors: [Int32], port: Int) {
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

    let isName = list.pointee.ai_next != nil
    var descriptors: [Int32] = []
    var (shared, missing) = (port, EADDRNOTAVAIL)
    var next: UnsafeMutablePointer<addrinfo>? = list
    while let entry = next {
      next = entry.pointee.ai_next
      let (descriptor, code) = listen(entry.pointee, port: shared, isAlone: !isName)
      if code == 0 {
        descriptors.append(descriptor)
        shared = localPort(descriptor)
      } else if isName, [EADDRNOTAVAIL, EAFNOSUPPORT].contains(code) {
        // A machine without IPv6 may have a name for it all the same.
        missing = code
      } else {
        for descriptor in descriptors { close(descriptor) }
        throw failure(reason(code))
      }
    }
    guard !descriptors.isEmpty else { throw failure(reason(missing)) }
    return (descriptors, shared)
  }

  /// - Parameter isAlone: an IPv6 address takes IPv4 too, if the machine is set up so.
  private static func listen(_ entry: addrinfo, port: Int, isAlone: Bool) -> (descriptor: Int32, error: Int32) {
    let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
    let descriptor = socket(entry.ai_family, type, 0)
    guard descriptor >= 0 else { return (-1, errno) }
    var on: Int32 = 1
    let size = socklen_t(MemoryLayout<Int32>.size)
    // A restart must not wait for old connections in TIME_WAIT; a second listener is still refused.
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, size)
    if !isAlone, entry.ai_family == AF_INET6 { setsockopt(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &on, size) }
    var address = sockaddr_storage()
    memcpy(&address, entry.ai_addr, Int(entry.ai_addrlen))
    let bound = withUnsafeMutablePointer(to: &address) { pointer in
      // The port stands at the same place in IPv4 and IPv6 addresses.
      pointer.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { $0.pointee.sin_port = UInt16(port).bigEndian }
      return pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, entry.ai_addrlen) }
    }
    guard bound == 0, Glibc.listen(descriptor, SOMAXCONN) == 0 else {
      let code = errno
      close(descriptor)
      return (-1, code)
    }
    return (descriptor, 0)
  }

  private static func reason(_ code: Int32) -> String { String(cString: strerror(code)).lowercased() }

  private static func localPort(_ descriptor: Int32) -> Int {
    var address = sockaddr_storage()
    var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
    return withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { _ = getsockname(descriptor, $0, &size) }
      return pointer.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
        Int(UInt16(bigEndian: $0.pointee.sin_port))
      }
    }
  }
}
