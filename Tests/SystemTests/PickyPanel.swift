import EventLoop
import Foundation
import HTTPServer
import Synchronization

/// A panel behind a proxy that finds fault with requests: by their length and by what is in them.
final class PickyPanel: Sendable {
  enum Mode: Sendable { case picky, down, banned }

  private struct State {
    var mode = Mode.picky
    var server: HTTPServer?
    var statuses: [Int: Int] = [:]
  }

  private let state = Mutex(State())

  /// How often each status was answered to a send.
  var statuses: [Int: Int] { state.withLock { $0.statuses } }

  func become(_ mode: Mode) { state.withLock { $0.mode = mode } }

  /// - Returns: its URL.
  func start() async throws -> String {
    let server = HTTPServer(host: "127.0.0.1", port: 0) { self.answer($0) }
    try await server.start()
    state.withLock { $0.server = server }
    return "http://127.0.0.1:\(await server.port)"
  }

  func stop() async { await state.withLock { $0.server }?.stop(grace: .zero) }

  private func answer(_ request: HTTPRequest) -> HTTPResponse {
    let isSend = request.path == "/servis/pin_ekle.php"
    let response = response(request, isSend)
    if isSend { state.withLock { $0.statuses[response.status, default: 0] += 1 } }
    return response
  }

  private func response(_ request: HTTPRequest, _ isSend: Bool) -> HTTPResponse {
    switch state.withLock({ $0.mode }) {
    case .banned: return .text("<h1>Forbidden</h1>", status: 403)
    case .down where isSend: return .text("<h1>Bad gateway</h1>", status: 502)
    case .down, .picky: break
    }
    switch request.path {
    case "/servis/pin_ekle.php":
      let player = request.query["oyuncu_bilgi"] ?? ""
      if player.utf8.count > 64 { return .text("<h1>URI too long</h1>", status: 414) }
      return player.hasPrefix("select") ? .text("<h1>Forbidden</h1>", status: 403) : .text("OK|1.00|99.00")
    case "/servis/pin_kontrol.php":
      let reference = request.query["tahsilat_api_islem_id"] ?? ""
      return .text("OK|2|PIN-\(reference)|")
    case "/servis/bakiye_kontrol.php": return .text("OK|100.00|0.00")
    default: return .text("no such page", status: 404)
    }
  }
}
