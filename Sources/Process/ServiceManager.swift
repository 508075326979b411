import CommandLine
import EventLoop
import Glibc

/// Tells systemd how the process is doing (`sd_notify(3)`, units of `Type=notify`). Says nothing where nobody asked.
@LoopActor
final class ServiceManager {
  enum State: String {
    case ready = "READY=1"
    case stopping = "STOPPING=1"
    case alive = "WATCHDOG=1"
  }

  private var address = sockaddr_un()
  private var addressBytes = socklen_t(0)
  private var pinging: Task<Void, Never>?

  /// - Parameters:
  ///   - socket: `NOTIFY_SOCKET`: a path, or a name in Linux' abstract namespace after `@`.
  ///   - watchdog: `WATCHDOG_USEC`: within how many microseconds systemd wants to hear that the process is alive.
  init(
    socket: String? = Settings.ofProcess("NOTIFY_SOCKET"), watchdog: String? = Settings.ofProcess("WATCHDOG_USEC")
  ) {
    guard var name = socket.map({ Array($0.utf8) }), name.first == UInt8(ascii: "/") || name.first == UInt8(ascii: "@"),
      name.count < MemoryLayout.size(ofValue: address.sun_path)
    else { return }
    if name[0] == UInt8(ascii: "@") { name[0] = 0 }
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
    addressBytes = socklen_t(MemoryLayout<sockaddr_un>.offset(of: \.sun_path)! + name.count)
    guard let micros = watchdog.flatMap(Int64.init), micros > 0 else { return }
    // From the loop itself, so that a loop that stands still is noticed.
    pinging = Task(executorPreference: EventLoop.shared) { await self.ping(every: .microseconds(micros / 2)) }
  }

  /// Never waits: what systemd does not take now is lost.
  func tell(_ state: State) {
    guard addressBytes > 0 else { return }
    let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return }
    defer { Glibc.close(descriptor) }
    var text = state.rawValue
    text.withUTF8 { text in
      withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          _ = sendto(
            descriptor, text.baseAddress, text.count, Int32(MSG_DONTWAIT | MSG_NOSIGNAL), $0,
            addressBytes)
        }
      }
    }
  }

  func close() { pinging?.cancel() }

  private func ping(every pause: Duration) async {
    while !Task.isCancelled {
      tell(.alive)
      try? await EventLoop.sleep(for: pause)
    }
  }
}
