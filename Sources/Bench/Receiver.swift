import EventLoop
import Glibc
import HTTPServer

/// A receiver of webhooks in a process of its own, fast enough not to be what is measured.
@LoopActor
final class Receiver {
  /// Below this path nobody is answered.
  nonisolated static let neverPath = "/never"
  private static let never = Duration.seconds(3600)
  /// Those that are never answered stay until whoever asked gives up.
  private static let connectionsMax = 4096

  private let port: Int
  private let counter: Counter
  private let times: Int32?

  /// - Parameter times: a file that gets a line for each post: its path, microseconds of the wall clock, the event's id.
  init(port: Int, counter: Counter, times: String?) {
    self.port = port
    self.counter = counter
    self.times = times.map { open($0, O_WRONLY | O_CREAT | O_APPEND, 0o644) }
  }

  func run() async throws {
    var limits = HTTPServerLimits()
    (limits.connectionsMax, limits.requestsInFlightMax) = (Self.connectionsMax, Self.connectionsMax)
    let server = HTTPServer(host: "127.0.0.1", port: port, limits: limits) { await self.take($0) }
    try server.start()
    _ = await LoopEvent().wait()
  }

  private func take(_ request: HTTPRequest) async -> HTTPResponse {
    if request.path.hasPrefix(Self.neverPath) {
      try? await EventLoop.sleep(for: Self.never)
    } else {
      if let times { note(request, times) }
      counter.count()
    }
    return HTTPResponse(status: 204)
  }

  private func note(_ request: HTTPRequest, _ file: Int32) {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    let now = Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
    let id = request.headers.first { $0.name.lowercased() == "webhook-id" }?.value ?? ""
    let line = Array("\(request.path) \(now) \(id)\n".utf8)
    write(file, line, line.count)
  }
}
