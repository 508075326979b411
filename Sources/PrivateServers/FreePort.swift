import Glibc

/// A TCP port of 127.0.0.1 that nobody listens on now.
public enum FreePort {
  /// - Throws: ``ChildProgram/Failure`` when the kernel gives none.
  public static func find() throws -> Int {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let failed = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, size) != 0 || getsockname(descriptor, $0, &size) != 0
      }
    }
    guard !failed else { throw ChildProgram.Failure("no free port: errno \(errno)") }
    return Int(UInt16(bigEndian: address.sin_port))
  }
}
