import EventLoop
import Foundation
import HTTPClient
import PrivateServers
import TestSupport

/// What tests of orders' pages need.
extension Installation {
  /// The path of an order's page, by the link that the API gives.
  func pagePath(_ id: String) async throws -> String {
    let order = try await call("GET", "/v1/orders/\(id)")
    guard let url = order.json["page_url"] as? String, let start = url.firstRange(of: "/o/") else {
      throw ChildProgram.Failure("no page_url: \(order.text)")
    }
    return String(url[start.lowerBound...])
  }

  /// Asks the gateway without a browser.
  func page(
    _ path: String, method: String = "GET", accept: String = "application/json", body: String? = nil,
    headers more: [(String, String)] = []
  ) async throws -> Answer {
    let reply = try await http.perform(
      HTTPClientRequest(
        method: method, url: "http://\(live)\(path)", headers: [("Accept", accept)] + more,
        body: body.map { Array($0.utf8) }, connection: .fresh))
    let json = (try? JSONSerialization.jsonObject(with: Data(reply.body))) as? [String: Any]
    return Answer(
      status: reply.status, text: String(decoding: reply.body, as: UTF8.self), json: json ?? [:],
      headers: reply.headers)
  }

  /// Posts JSON to a page.
  func customer(_ path: String, _ what: String, _ body: String? = nil) async throws -> Answer {
    try await page(
      "\(path)/\(what)", method: "POST", body: body, headers: [("Content-Type", "application/json")])
  }

  /// Posts a form as a browser without a script does.
  func submit(_ path: String, _ what: String, _ form: String = "") async throws -> Answer {
    try await page(
      "\(path)/\(what)", method: "POST", accept: "text/html,*/*;q=0.8", body: form,
      headers: [("Content-Type", "application/x-www-form-urlencoded")])
  }
}
