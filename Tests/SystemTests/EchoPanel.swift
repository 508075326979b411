import EventLoop
import Foundation
import HTTPServer
import Synchronization

/// A panel that fails in ways that repeat what it was asked, by the player of the order.
final class EchoPanel: Sendable {
  enum Fault: Int, CaseIterable {
    case none = 1, errorPage, redirect, refusal, silence, bareSecret, oldCodePage, cut, stays
  }

  private struct State {
    var faults: [String: Fault] = [:]
    var questions: [String: Int] = [:]
    var logins: Set<String> = []
    var server: HTTPServer?
    var address: String?
  }

  private let state = Mutex(State())
  private let echo: [String]
  private let secret: String
  let pin: TestSecret

  /// - Parameter login: what it is asked with, which it gives away.
  init(login: [TestSecret], pin: TestSecret) {
    echo = login.flatMap(\.escaped)
    secret = login.last?.text ?? ""
    self.pin = pin
  }

  /// What it was asked with.
  var logins: Set<String> { state.withLock { $0.logins } }

  /// - Returns: its URL.
  func start() async throws -> String {
    let server = HTTPServer(host: "127.0.0.1", port: 0) { self.answer($0) }
    try await server.start()
    let address = "127.0.0.1:\(await server.port)"
    state.withLock { ($0.server, $0.address) = (server, address) }
    return "http://\(address)"
  }

  /// Host and port.
  var address: String? { state.withLock { $0.address } }

  func stop() async { await state.withLock { $0.server }?.stop(grace: .zero) }

  private func answer(_ request: HTTPRequest) -> HTTPResponse {
    let query = request.query
    state.withLock { state in
      for name in ["kod", "sifre"] { state.logins.insert(query[name] ?? "") }
    }
    // Error pages say where they come from.
    let here = request.headers.first { $0.name.lowercased() == "host" }?.value ?? ""
    let all = ([here] + echo).joined(separator: " ; ")
    switch request.path {
    case "/servis/pin_ekle.php":
      let fault = Fault(rawValue: Int(query["oyuncu_bilgi"] ?? "") ?? 0) ?? .none
      state.withLock { $0.faults[query["referans"] ?? ""] = fault }
      return send(fault, all)
    case "/servis/pin_kontrol.php":
      let reference = query["tahsilat_api_islem_id"] ?? ""
      let (fault, nth) = state.withLock { state in
        state.questions[reference, default: 0] += 1
        return (state.faults[reference] ?? .none, state.questions[reference, default: 0])
      }
      return check(fault, nth, all)
    case "/servis/bakiye_kontrol.php": return .text("OK|100.00|0.00")
    default:
      // As JSON has it: quotes and backslashes escaped once more.
      let error = (try? JSONEncoder().encode([all])).map { String(decoding: $0.dropFirst().dropLast(), as: UTF8.self) }
      return .text("{\"success\":false,\"result\":[],\"error\":\(error ?? "")}")
    }
  }

  private func send(_ fault: Fault, _ all: String) -> HTTPResponse {
    switch fault {
    case .none: .text("OK|1.00|99.00")
    case .errorPage: .text("<html><body>cannot GET ?\(all)</body></html>", status: 500)
    case .redirect: redirect(all)
    case .refusal: .text("3|\(all)")
    case .silence, .stays: .abort(.stall)
    case .bareSecret: .text(secret)
    case .oldCodePage:
      HTTPResponse(
        status: 200, body: Array(Data("3|hatalı ".utf8) + (secret.data(using: .windowsCP1254) ?? Data())))
    case .cut: .text("3|" + String(repeating: "x", count: 190) + secret)
    }
  }

  private func check(_ fault: Fault, _ nth: Int, _ all: String) -> HTTPResponse {
    switch (fault, nth) {
    case (.none, 1): .text("OK|1| |\(all)")
    case (.errorPage, 1): .text("<html><body>\(all)</body></html>", status: 500)
    case (.errorPage, 2): .text("OK|9|\(secret)|\(all)")
    case (.errorPage, _): .text("OK|3| |\(all)")
    case (.redirect, 1): redirect(all)
    case (.bareSecret, 1), (.stays, _): .text("\(secret) \(all)")
    case (.bareSecret, _): .text("OK|3|\(secret)|")
    default: .text("OK|2|\(pin.text)|\(pin.escaped[0...4].joined(separator: " ; "))")
    }
  }

  private func redirect(_ all: String) -> HTTPResponse {
    HTTPResponse(
      status: 302, headers: [("Location", "http://127.0.0.1:1/?\(echo[1])")],
      body: Array("<a href=\"/?\(all)\">moved</a>".utf8))
  }
}
