import EventLoop
import Foundation
import HTTPServer
import Synchronization

/// A panel that answers sends as a test says, and knows the references that it accepted: all of them are delivered.
final class StubPanel: Sendable {
  struct Rules: Sendable {
    /// The answer to a send, by its `kupur`; nil accepts it.
    var refusals: [String: String] = [:]
    /// The answer to a send that is accepted.
    var acceptance = "OK|32.50|1000.00"
    /// The answer to a question about a reference that it accepted; nil: delivered.
    var status: String?
    /// Takes sends without saying so, and says of them that it knows none.
    var isHiding = false
    /// The answer to a question about the balance.
    var balance = "OK|1000.00|0.00"
  }

  private struct State {
    var rules = Rules()
    var sends = 0
    var accepted: Set<String> = []
    var hidden: Set<String> = []
    var server: HTTPServer?
  }

  private let state = Mutex(State())

  /// Sends that came, whatever was said to them.
  var sends: Int { state.withLock { $0.sends } }

  /// - Returns: its URL.
  func start() async throws -> String {
    let server = HTTPServer(host: "127.0.0.1", port: 0) { self.answer($0) }
    try await server.start()
    state.withLock { $0.server = server }
    return "http://127.0.0.1:\(await server.port)"
  }

  func stop() async { await state.withLock { $0.server }?.stop(grace: .zero) }

  func set(_ change: (inout Rules) -> Void) { state.withLock { change(&$0.rules) } }

  private func answer(_ request: HTTPRequest) -> HTTPResponse {
    let query = request.query
    let text: String = state.withLock { state in
      switch request.path {
      case "/servis/pin_ekle.php":
        state.sends += 1
        if let refusal = state.rules.refusals[query["kupur"] ?? ""] { return refusal }
        state.accepted.insert(query["referans"] ?? "")
        if state.rules.isHiding {
          state.hidden.insert(query["referans"] ?? "")
          return "?"
        }
        return state.rules.acceptance
      case "/servis/pin_kontrol.php":
        let reference = query["tahsilat_api_islem_id"] ?? ""
        let isHidden = state.rules.isHiding && state.hidden.contains(reference)
        guard state.accepted.contains(reference), !isHidden else { return "3|İşlem bulunamadı" }
        return state.rules.status ?? "OK|2|PIN-\(reference)|Onaylandı"
      case "/servis/bakiye_kontrol.php": return state.rules.balance
      default: return "3|Eksik Parametre"
      }
    }
    return HTTPResponse(status: 200, headers: [("Content-Type", "text/html")], body: Array(text.utf8))
  }
}
