import EventLoop
import Foundation
import HTTPClient
import PrivateServers
import TestSupport

/// What tests of the dashboard need.
extension Installation {
  /// Where the newest dispatcher shows it.
  var dashboard: String {
    let rest = process("dispatcher")?.errors.components(separatedBy: "\"dashboard\":\"").last ?? ""
    return "http://" + rest.prefix { $0.isNumber || $0 == "." || $0 == ":" }
  }

  func createDashboardToken(_ flags: [String] = []) throws -> String {
    try require("dispatcher", ["token", "create", "--dashboard"] + flags).trimmingCharacters(
      in: .whitespacesAndNewlines)
  }

  struct PageAnswer {
    let status: Int
    let text: String
    let headers: [(name: String, value: String)]
    func header(_ name: String) -> String? { headers.first { $0.name.lowercased() == name.lowercased() }?.value }
    /// As a browser sends it back.
    var cookie: String { header("Set-Cookie").map { String($0.prefix { $0 != ";" }) } ?? "" }
  }

  /// Asks the dashboard without a browser.
  func ask(
    _ path: String, method: String = "GET", form: String? = nil, cookie: String = "", headers: [(String, String)] = []
  ) async throws -> PageAnswer {
    var all = headers
    if !cookie.isEmpty { all.append(("Cookie", cookie)) }
    if form != nil { all.append(("Content-Type", "application/x-www-form-urlencoded")) }
    let reply = try await http.perform(
      HTTPClientRequest(
        method: method, url: dashboard + path, headers: all, body: form.map { Array($0.utf8) }, connection: .fresh))
    return PageAnswer(status: reply.status, text: String(decoding: reply.body, as: UTF8.self), headers: reply.headers)
  }

  /// Posts an order with these fields.
  func post(reference: String, fields: [String: String], key: String) async throws -> String {
    let body = try JSONSerialization.data(
      withJSONObject: ["product": "pubg-60", "reference": reference, "fields": fields] as [String: Any])
    let answer = try await call("POST", "/v1/orders", body: String(decoding: body, as: UTF8.self), key: key)
    guard answer.status == 201, let id = answer.json["id"] as? String else {
      throw ChildProgram.Failure("posting an order: \(answer.status) \(answer.text)")
    }
    return id
  }
}

extension BrowserPage {
  /// Types the token into the login.
  func logIn(_ token: String) async throws {
    try await until("document.getElementById('token')")
    _ = try await text("document.getElementById('token').focus()")
    try await type(token)
    try await press("Enter")
  }

  /// A picture for people, where `SEVK_PICTURES` names a folder.
  func keepPicture(_ name: String) async throws {
    guard let folder = ProcessInfo.processInfo.environment["SEVK_PICTURES"] else { return }
    try await picture("\(folder)/\(name).png")
  }
}
