import EventLoop
import Foundation
import HTTPClient
import PrivateServers
import Redis
import TestSupport

extension Installation {
  struct Answer {
    let status: Int
    let text: String
    let json: [String: Any]
    let headers: [(name: String, value: String)]
    func header(_ name: String) -> String? { headers.first { $0.name.lowercased() == name.lowercased() }?.value }
    var problemFields: [String] {
      (json["errors"] as? [[String: String]] ?? []).compactMap { $0["field"] }
    }
  }

  /// Calls the API; `token` nil sends none.
  func call(
    _ method: String, _ path: String, body: String? = nil, key: String? = nil, token: String? = "own",
    headers more: [(String, String)] = []
  ) async throws -> Answer {
    var headers = [("Content-Type", "application/json")] + more
    if let token { headers.append(("Authorization", "Bearer \(token == "own" ? self.token : token)")) }
    if let key { headers.append(("Idempotency-Key", key)) }
    let reply = try await http.perform(
      HTTPClientRequest(
        method: method, url: "http://\(api)\(path)", headers: headers, body: body.map { Array($0.utf8) },
        connection: .fresh))
    let text = String(decoding: reply.body, as: UTF8.self)
    let json = (try? JSONSerialization.jsonObject(with: Data(reply.body))) as? [String: Any]
    return Answer(status: reply.status, text: text, json: json ?? [:], headers: reply.headers)
  }

  static func order(player: Int, priority: String = "normal", product: String = "pubg-60") -> String {
    """
    {"product":"\(product)","fields":{"player_id":"\(player)","phone":"905551234567"},\
    "reference":"shop-\(player)","priority":"\(priority)"}
    """
  }

  /// Posts an order for a player and returns its id.
  func post(player: Int, product: String = "pubg-60") async throws -> String {
    let answer = try await call(
      "POST", "/v1/orders", body: Self.order(player: player, product: product), key: "key-\(player)")
    guard answer.status == 201, let id = answer.json["id"] as? String else {
      throw ChildProgram.Failure("posting an order: \(answer.status) \(answer.text)")
    }
    return id
  }

  struct Event {
    let type: String
    let subject: String
    let sequence: Int
    let text: String
  }

  /// Reads the stream of events until `isEnough`, waiting for new ones as they come.
  func events(until isEnough: ([Event]) -> Bool) async throws -> [Event] {
    let client = try redis.client()
    defer { Task { @LoopActor in client.close() } }
    var last = "0"
    var events: [Event] = []
    while !isEnough(events) {
      // What is caught below must not outlive the suite's time limit.
      try Task.checkCancellation()
      let reply: RedisValue
      do {
        reply = try await client.command("XREAD", "COUNT", 1000, "BLOCK", 1000, "STREAMS", "sevk:events", .string(last))
      } catch { continue }
      for entry in reply.array?.first?.array?.last?.array ?? [] {
        guard let id = entry.array?.first?.text, let text = entry.array?.last?.array?.last?.text,
          let json = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
        else { continue }
        last = id
        events.append(
          Event(
            type: json["type"] as? String ?? "", subject: json["subject"] as? String ?? "",
            sequence: Int(json["sequence"] as? String ?? "") ?? -1, text: text))
      }
    }
    return events
  }

  /// Waits until each of the orders has an event that ends it.
  @discardableResult
  func settled(_ ids: [String]) async throws -> [Event] {
    let ends: Set = ["sevk.order.completed", "sevk.order.failed", "sevk.order.held", "sevk.order.cancelled"]
    let wanted = Set(ids)
    return try await events { events in
      wanted.isSubset(of: events.filter { ends.contains($0.type) }.map(\.subject))
    }
  }

  /// The panel's own books.
  func audit() async throws -> [String: Any] {
    let reply = try await http.perform(HTTPClientRequest(url: "http://\(panel)/_audit"))
    return (try JSONSerialization.jsonObject(with: Data(reply.body))) as? [String: Any] ?? [:]
  }

  func setFaults(_ json: String) async throws { try await post(panelPath: "/_faults", json) }

  /// Posts to the panel's own controls.
  func post(panelPath path: String, _ json: String) async throws {
    _ = try await http.perform(
      HTTPClientRequest(method: "POST", url: "http://\(panel)\(path)", body: Array(json.utf8)))
  }
}
