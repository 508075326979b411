import Glibc

/// A client that takes a little at a time, on a thread of its own.
enum DroppingClient {
  /// - Returns: how many bytes it got until the connection ended.
  static func take(port: Int, bytesEachTime count: Int) async -> Int {
    await withCheckedContinuation { continuation in
      let box = Unmanaged.passRetained(Work(port: port, count: count) { continuation.resume(returning: $0) })
      var thread = pthread_t()
      pthread_create(
        &thread, nil,
        { raw in
          guard let raw else { return nil }
          let work = Unmanaged<Work>.fromOpaque(raw).takeRetainedValue()
          work.done(work.run())
          return nil
        }, box.toOpaque())
      pthread_detach(thread)
    }
  }

  private final class Work {
    private let port: Int
    private let count: Int
    let done: (Int) -> Void

    init(port: Int, count: Int, done: @escaping (Int) -> Void) {
      (self.port, self.count, self.done) = (port, count, done)
    }

    func run() -> Int {
      let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
      defer { close(descriptor) }
      var size: Int32 = 4096
      setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_port = in_port_t(port).bigEndian
      address.sin_addr.s_addr = inet_addr("127.0.0.1")
      let connected = withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
      }
      guard connected == 0 else { return 0 }
      let request = Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
      guard send(descriptor, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else { return 0 }
      var (bytes, taken) = ([UInt8](repeating: 0, count: count), 0)
      while true {
        let got = recv(descriptor, &bytes, count, 0)
        guard got > 0 else { return taken }
        taken += got
        usleep(2_000)
      }
    }
  }
}
