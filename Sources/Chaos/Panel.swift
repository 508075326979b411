import EventLoop
import FoundationEssentials
import HTTPClient
import Orders
import PrivateServers

/// The control and the books of all simulators.
@LoopActor
struct Panel {
  struct Books: Decodable {
    struct Order: Decodable {
      let reference, player, state, amount: String
      let pin: String?
      let cost_told: String?
      let was_completed, never_ends: Bool
      let sends, debits, credits: Int
      let received_at_ms: Int64
    }
    let double_debits: [String]
    let spent: String
    let orders: [Order]
    let faults: [String: Int]
    let notices: [String: Int]

    init(_ all: [Books]) {
      double_debits = all.flatMap(\.double_debits)
      spent =
        all.reduce(Money(tenThousandths: 0)) { $0 + (Money(parsing: $1.spent) ?? Money(tenThousandths: .min)) }
        .description
      orders = all.flatMap(\.orders)
      notices = all.reduce(into: [:]) { $0.merge($1.notices, uniquingKeysWith: +) }
      faults = all.reduce(into: [:]) { $0.merge($1.faults, uniquingKeysWith: +) }
    }

    /// Most orders that came in within one second of the clock.
    var busiestSecond: Int {
      Dictionary(orders.map { ($0.received_at_ms / 1000, 1) }, uniquingKeysWith: +).values.max() ?? 0
    }
  }

  private static let attemptsMax = 20
  let addresses: [String]
  let http: HTTPClient

  func setFault(_ name: String, share: Double) async throws {
    let body = Array("{\"\(name)\": \"\(share)\"}".utf8)
    try await post("/_faults", body)
  }

  /// Pays in, or takes out, until each dealer, or one of the first panel, has so much.
  func setBalances(_ amount: String, of dealer: String? = nil) async throws {
    let one = dealer.map { ", \"dealer\": \"\($0)\"" } ?? ""
    let body = Array("{\"set\": \"\(amount)\"\(one)}".utf8)
    try await post("/_balance", body, to: dealer == nil ? addresses : Array(addresses.prefix(1)))
  }

  /// From now on a simulator posts what becomes of orders, and others lie about some.
  func setNotices(at address: String, form: String, urls: [String]) async throws {
    let body = "{\"urls\": \"\(urls.joined(separator: " "))\", \"form\": \"\(form)\", \"lies\": \"0.3\"}"
    try await post("/_notices", Array(body.utf8), to: [address])
  }

  /// In percent of the catalogue.
  func setPrices(percent: Int) async throws {
    let body = Array("{\"percent\": \"\(percent)\"}".utf8)
    try await post("/_prices", body)
  }

  private func post(_ path: String, _ body: [UInt8], to some: [String]? = nil) async throws {
    for address in some ?? addresses {
      _ = try await call(HTTPClientRequest(method: "POST", url: "http://\(address)\(path)", body: body))
    }
  }

  /// As a person at the panel would: what does not end by itself is completed or cancelled.
  func settleNeverEnding() async throws {
    for address in addresses {
      for order in try await books(at: address).orders where order.never_ends && order.state == "waiting" {
        let state = order.reference.utf8.reduce(0) { $0 &+ $1 } % 2 == 0 ? "completed" : "cancelled"
        let body = Array("{\"reference\": \"\(order.reference)\", \"state\": \"\(state)\"}".utf8)
        _ = try await call(HTTPClientRequest(method: "POST", url: "http://\(address)/_settle", body: body))
      }
    }
  }

  /// The books of all together.
  func books() async throws -> Books {
    var all: [Books] = []
    for address in addresses { all.append(try await books(at: address)) }
    return Books(all)
  }

  private func books(at address: String) async throws -> Books {
    let limit = 512 * 1024 * 1024
    let body = try await call(HTTPClientRequest(url: "http://\(address)/_audit", bodyBytesMax: limit))
    return try JSONDecoder().decode(Books.self, from: Data(body))
  }

  private func call(_ request: HTTPClientRequest) async throws -> [UInt8] {
    for _ in 0..<Self.attemptsMax {
      if let reply = try? await http.perform(request) {
        guard reply.status == 200 else {
          throw ChildProgram.Failure("the simulator: \(String(decoding: reply.body, as: UTF8.self))")
        }
        return reply.body
      }
      try await EventLoop.sleep(for: .milliseconds(200))
    }
    throw ChildProgram.Failure("the simulator does not answer")
  }
}
