import EventLoop
import Foundation
import HTTPClient
import PrivateServers
import TestSupport

/// The simulated Telegram, SMSC and mail server, as a program of their own.
struct Messages: Sendable {
  let address: String
  let mailAddress: String
  private let http: HTTPClient

  static let token = "100200300:demo-token_of-a-bot"

  struct Shown: Decodable {
    struct Button: Decodable {
      let title: String
      let data: String?
    }
    let chat: String
    let message: Int
    let text: String
    let buttons: [[Button]]
    let earlier: [String]
  }

  struct SMS: Decodable {
    let phone: String
    let id: Int
    let text: String
  }

  struct Letter: Decodable {
    let to: String
    let subject: String
    let id: String
    let body: String
  }

  struct Books: Decodable {
    let telegram: [Shown]
    let sms: [SMS]
    let mail: [Letter]
    let notes: [String]
    let refused: [String]
    let impatient: Int
    let posts: [String: Int]
  }

  init(_ address: String, mail: String, _ http: HTTPClient) {
    (self.address, mailAddress, self.http) = (address, mail, http)
  }

  func books() async throws -> Books {
    let reply = try await http.perform(HTTPClientRequest(url: "http://\(address)/_audit"))
    return try JSONDecoder().decode(Books.self, from: Data(reply.body))
  }

  @discardableResult
  func post(_ path: String, _ json: String) async throws -> String {
    let reply = try await http.perform(
      HTTPClientRequest(method: "POST", url: "http://\(address)\(path)", body: Array(json.utf8)))
    let text = String(decoding: reply.body, as: UTF8.self)
    guard reply.status == 200 else { throw ChildProgram.Failure("\(path): \(reply.status) \(text)") }
    return text
  }

  /// Waits until the books are as wanted.
  @discardableResult
  func wait(_ what: String, within limit: Duration = .seconds(40), _ isSo: @escaping @Sendable (Books) -> Bool)
    async throws -> Books
  {
    try await Waiting.until(what, within: limit) { isSo(try await self.books()) }
    return try await books()
  }
}

extension Installation {
  /// Starts the services, with a channel for each: `bot`, `sms` and `mail`.
  func startMessages(_ flags: [String] = []) async throws -> Messages {
    let simulator = try spawn("simulator", ["messages", "--address", "127.0.0.1:0", "--mail-port", "0"] + flags)
    try await wait(for: "the services to listen", of: simulator) {
      simulator.output.contains("listening on ") && simulator.output.hasSuffix("\n")
    }
    func address(_ mark: String) -> String {
      String((simulator.output.components(separatedBy: mark).last ?? "").prefix { !$0.isWhitespace })
    }
    let messages = Messages(address("listening on "), mail: address("mail at "), http)
    try require(
      "dispatcher",
      [
        "channel", "add", "bot", "--adapter", "telegram", "--base-url", "http://\(messages.address)", "--credential",
        "token=\(Messages.token)",
      ])
    try require(
      "dispatcher",
      [
        "channel", "add", "sms", "--adapter", "smsc", "--base-url", "http://\(messages.address)", "--credential",
        "login=demo", "--credential", "password=demo-secret",
      ])
    try require(
      "dispatcher",
      [
        "channel", "add", "mail", "--adapter", "email", "--base-url", "smtp://\(messages.mailAddress)", "--credential",
        "from=Shop <orders@shop.example>", "--credential", "username=demo", "--credential", "password=demo-secret",
      ])
    return messages
  }

  /// Has customers, or ops at an address, told of types by a channel.
  func notify(_ types: String..., to audience: String = "customer", by channel: String, _ more: [String] = []) throws {
    try require(
      "dispatcher",
      ["notify", "add", "--tenant", "shop", "--to", audience, "--channel", channel]
        + types.flatMap { ["--on", "sevk.order.\($0)"] } + more)
  }

  /// Posts an order of somebody who can be reached.
  func postReachable(_ player: Int, _ fields: [String: String]) async throws -> String {
    // Its route wants a phone number.
    let all = ["player_id": "\(player)", "phone": "905551234567"].merging(fields) { $1 }
    let json = String(decoding: try JSONEncoder().encode(all), as: UTF8.self)
    let answer = try await call(
      "POST", "/v1/orders", body: #"{"product":"pubg-60","fields":\#(json),"reference":"shop-\#(player)"}"#,
      key: "key-\(player)")
    guard answer.status == 201, let id = answer.json["id"] as? String else {
      throw ChildProgram.Failure("posting an order: \(answer.status) \(answer.text)")
    }
    return id
  }

  struct Notice: Decodable {
    let number: Int
    let order: String
    let type: String
    let state: String
    let channel: String
    let why: String?
    let attempts: Int
    let address: String?
  }

  func notices(_ order: String? = nil) throws -> [Notice] {
    let output = try require("worker", ["notice", "list", "--json"] + (order.map { ["--order", $0] } ?? []))
    return try JSONDecoder().decode([Notice].self, from: Data(output.utf8))
  }
}
