import Glibc
import Synchronization

/// A server on plain sockets and a thread of its own that does what a well-behaved server would not.
public final class RawServer: Sendable {
  /// What to do with a connection; `request` is how many requests this server has read, from 1.
  public enum Step: Sendable {
    case answer(String)
    case close, reset
    /// Answers, and then closes the kept connection once the next request has been read from it.
    case keep(String)
    /// Says nothing, and waits until the other closes.
    case hold
    /// A byte at a time, some each second, until the other closes.
    case drip(String)
    /// Answers, and then goes on with that many bytes as long as the other takes them.
    case flood(String, bytes: Int)
  }

  /// Said on each connection before anything was asked.
  private let greeting: String?

  public let port: Int
  private let descriptor: Int32
  private let count = Mutex(0)
  private let seen = Mutex<[String]>([])
  private let flooded = Mutex(0)
  private let step: @Sendable (_ request: Int) -> Step

  /// Requests whose head was read whole.
  public var requests: Int { count.withLock { $0 } }
  /// The heads read.
  public var heads: [String] { seen.withLock { $0 } }
  /// Bytes that others took of ``Step/flood(_:bytes:)``.
  public var bytesFlooded: Int { flooded.withLock { $0 } }

  public init(backlog: Int32 = 64, greeting: String? = nil, step: @escaping @Sendable (_ request: Int) -> Step) {
    self.step = step
    self.greeting = greeting
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let descriptor = descriptor
    withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        precondition(bind(descriptor, $0, size) == 0 && listen(descriptor, backlog) == 0)
        getsockname(descriptor, $0, &size)
      }
    }
    port = Int(UInt16(bigEndian: address.sin_port))
  }

  /// Accepts connections, one after another, until ``stop()``.
  public func start() -> RawServer {
    var thread = pthread_t()
    pthread_create(
      &thread, nil,
      { raw in
        let server = Unmanaged<RawServer>.fromOpaque(raw!).takeRetainedValue()
        while true {
          let client = accept(server.descriptor, nil, nil)
          guard client >= 0 else { break }
          server.serve(client)
        }
        close(server.descriptor)
        return nil
      }, Unmanaged.passRetained(self).toOpaque())
    pthread_detach(thread)
    return self
  }

  /// Ends the thread.
  public func stop() { shutdown(descriptor, Int32(SHUT_RDWR)) }

  private func serve(_ client: Int32) {
    defer { close(client) }
    if let greeting { write(client, greeting) }
    while let head = readHead(client) {
      seen.withLock { $0.append(head) }
      switch step(
        count.withLock {
          $0 += 1; return $0
        })
      {
      case .answer(let text):
        write(client, text)
        return
      case .keep(let text): write(client, text)
      case .close: return
      case .hold: return waitForEnd(client)
      case .drip(let text):
        for byte in text.utf8 {
          guard write(client, [byte]) == 1 else { return }
          usleep(100_000)
        }
        return waitForEnd(client)
      case .flood(let text, let bytes):
        write(client, text)
        let page = [UInt8](repeating: 120, count: 64 * 1024)
        for _ in 0..<bytes / page.count {
          let taken = write(client, page)
          guard taken > 0 else { return }
          flooded.withLock { $0 += taken }
        }
        return
      case .reset:
        var hard = linger(l_onoff: 1, l_linger: 0)
        setsockopt(client, SOL_SOCKET, SO_LINGER, &hard, socklen_t(MemoryLayout<linger>.size))
        return
      }
    }
  }

  private func readHead(_ client: Int32) -> String? {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = recv(client, &buffer, buffer.count, 0)
      guard count > 0 else { return nil }
      bytes += buffer[..<count]
      let text = String(decoding: bytes, as: UTF8.self)
      // A TLS client greets with byte 22; that is all of a "request" it will send.
      if text.contains("\r\n\r\n") || bytes[0] == 22 { return text }
    }
  }

  private func waitForEnd(_ client: Int32) {
    var byte: UInt8 = 0
    while recv(client, &byte, 1, 0) > 0 {}
  }

  private func write(_ client: Int32, _ text: String) { _ = write(client, Array(text.utf8)) }

  private func write(_ client: Int32, _ bytes: [UInt8]) -> Int { send(client, bytes, bytes.count, Int32(MSG_NOSIGNAL)) }
}
