import EventLoop
import FoundationEssentials
import HTTPClient

/// What a shop does now and then beside posting in good order. Which orders it hits follows from their number.
enum Oddity: Int {
  /// Cancels the order as soon as it is accepted.
  case cancel = 13
  /// Claims its refund, at once and again and again, while everything may happen to it.
  case claim = 7
  /// Posts the same order many times at the same moment.
  case crowd = 97
  /// Asks for the order, its list and its end with the other tenant's token.
  case stranger = 11
  /// Sends something that is no order.
  case badRequest = 17
  /// Sends the request piece by piece, and every other time breaks it off first.
  case slowClient = 29

  func strikes(_ index: Int) -> Bool { index % rawValue == rawValue / 2 }
}

extension Shop {
  static let crowd = 100
  private static let cancelsMax = 20
  private static let claimsMax = 4

  /// Cancels a few milliseconds after the answer, while the order may be on its way.
  func cancel(_ index: Int, _ id: String) async {
    note(.asked, index)
    try? await EventLoop.sleep(for: .milliseconds(index % 4))
    for turn in 0..<Self.cancelsMax {
      let reply = try? await http.perform(
        HTTPClientRequest(
          method: "POST", url: "http://\(addresses[(index + turn) % addresses.count])/v1/orders/\(id)/cancel",
          headers: headers(index), body: [], timeout: Self.timeout))
      switch reply?.status {
      case 200: return note(.confirmed, index)
      case 409: return note(.refused, index)
      default: try? await EventLoop.sleep(for: Self.retryPause)
      }
    }
  }

  /// Claims the refund at moments that follow from the order's number, whatever it is doing then, until it is told yes.
  func claimRefund(_ index: Int, _ id: String) async {
    struct Answer: Decodable { let refund_safe: String }
    for turn in 0..<Self.claimsMax {
      let pause = turn == 0 ? index % 40 * 50 : 1000 + index % 13 * 200
      try? await EventLoop.sleep(for: .milliseconds(pause))
      let reply = try? await http.perform(
        HTTPClientRequest(
          method: "POST", url: "http://\(addresses[(index + turn) % addresses.count])/v1/orders/\(id)/refund-claim",
          headers: headers(index), body: [], timeout: Self.timeout))
      guard let reply, reply.status == 200,
        let answer = try? JSONDecoder().decode(Answer.self, from: Data(reply.body))
      else { continue }
      note(claim: answer.refund_safe, index)
      if answer.refund_safe == "yes" { return }
    }
  }

  /// Another tenant must not even learn that the order exists.
  func askAsStranger(_ index: Int, _ id: String) async {
    let stranger = [("Authorization", "Bearer \(token(tenant: tenant(of: index) + 1))")]
    let base = "http://\(addresses[index % addresses.count])/v1/orders"
    for (method, path) in [("GET", "/\(id)?include=pin"), ("GET", "/\(id)/timeline"), ("POST", "/\(id)/cancel")] {
      let reply = try? await http.perform(
        HTTPClientRequest(
          method: method, url: base + path, headers: stranger, body: method == "POST" ? [] : nil,
          timeout: Self.timeout))
      // Without an answer, or with the server in trouble, nothing was shown.
      guard let reply, reply.status < 500 else { continue }
      foreignReads += 1
      if reply.status != 404 {
        foreignAnswers.append("\(method) of order \(id) by another tenant was answered \(reply.status)")
      }
    }
    struct Answer: Decodable { let orders: [[String: JSONAny]] }
    let reply = try? await http.perform(
      HTTPClientRequest(url: base + "?reference=shop-\(index)", headers: stranger, timeout: Self.timeout))
    guard let reply, reply.status == 200 else { return }
    foreignReads += 1
    let found = try? JSONDecoder().decode(Answer.self, from: Data(reply.body)).orders.count
    if found != 0 { foreignAnswers.append("the list showed order \(id) to another tenant") }
  }

  /// What must be refused in plain words, and leave nothing behind: an order with such a key would be unexpected.
  func sendNonsense(_ index: Int) async {
    // A stock takes many units, and no fields.
    guard let product = products.first(where: { !$0.hasPrefix(Lineup.stock) }) else { return }
    let sorts = Nonsense.all(good: body(index, of: product), product: product)
    let sort = sorts[index / Oddity.badRequest.rawValue % sorts.count]
    let headers =
      [
        ("Authorization", "Bearer \(sort.token ?? token(tenant: tenant(of: index)))"),
        ("Content-Type", "application/json"),
      ] + sort.keys.map { ("Idempotency-Key", "\($0)-\(index)") }
    let reply = try? await http.perform(
      HTTPClientRequest(
        method: "POST", url: "http://\(addresses[index % addresses.count])/v1/orders", headers: headers,
        body: sort.body, timeout: Self.timeout))
    // A server that is away or has no database says so; that is judged with the good orders.
    guard let reply, ![500, 503].contains(reply.status) else { return }
    badRequests.append(.init(name: sort.name, expected: sort.status, status: reply.status))
  }

  /// A client on a bad line. Whether it got an answer or broke off, the order is posted once more under its key.
  func postSlowly(_ index: Int) async {
    slowPosts += 1
    let isBrokenOff = index / Oddity.slowClient.rawValue % 2 == 1
    let reply = await SlowClient.post(
      to: addresses[index % addresses.count], path: "/v1/orders", headers: headers(index),
      body: Array(body(index).utf8),
      breaksOff: isBrokenOff)
    if let reply, reply.status == 200 || reply.status == 201 { noteAccepted(index, reply.body) }
  }
}

/// Any JSON value, of which nothing is read.
private struct JSONAny: Decodable {
  init(from decoder: any Decoder) throws {}
}
