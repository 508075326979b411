import Foundation
import TestSupport
import Testing

/// Every endpoint, by every combination of scopes, by the order's owner and by another tenant.
@Suite(.serialized, .timeLimit(.minutes(2)))
struct TenancyTests {
  struct Call {
    let method: String
    let path: String
    var body: String?
    var key: String?
    /// In the order in which a missing one is named.
    let scopes: [String]
    let own: Set<Int>
    let others: Set<Int>
    /// Whether the owner's answer names the order.
    var namesOrder = true
  }

  private static func calls(_ id: String) -> [Call] {
    let order = Installation.order(player: 1)
    let item = String(order.dropLast()) + #","idempotency_key":"key-1"}"#
    let read = ["orders:read"]
    let write = ["orders:write"]
    return [
      Call(method: "GET", path: "/v1/orders", scopes: read, own: [200], others: [200]),
      Call(method: "GET", path: "/v1/orders?reference=shop-1", scopes: read, own: [200], others: [200]),
      Call(method: "GET", path: "/v1/orders?limit=200", scopes: read, own: [200], others: [200]),
      Call(method: "GET", path: "/v1/orders?idempotency_key=key-1", scopes: read, own: [200], others: [200]),
      Call(method: "GET", path: "/v1/orders?player=1", scopes: read, own: [200], others: [200]),
      Call(
        method: "GET", path: "/v1/orders?updated_after=2026-01-01T00:00:00Z", scopes: read, own: [200], others: [200]),
      Call(
        method: "GET", path: "/v1/orders:digest?day=2026-11-29", scopes: read, own: [200], others: [200],
        namesOrder: false),
      Call(method: "GET", path: "/v1/products", scopes: read, own: [200], others: [200], namesOrder: false),
      Call(method: "GET", path: "/v1/orders/\(id)", scopes: read, own: [200], others: [404]),
      Call(
        method: "GET", path: "/v1/orders/\(id)?include=pin", scopes: read + ["pins:read"], own: [200], others: [404]),
      Call(method: "GET", path: "/v1/orders/\(id)/timeline", scopes: read, own: [200], others: [404]),
      // The key is the owner's: for another tenant it stands for an order of its own.
      Call(
        method: "POST", path: "/v1/orders", body: order, key: "key-1", scopes: write, own: [200], others: [200, 201]),
      Call(
        method: "POST", path: "/v1/orders:batch", body: #"{"orders":[\#(item)]}"#, scopes: write, own: [200],
        others: [200]),
      Call(method: "POST", path: "/v1/orders/\(id)/cancel", scopes: write, own: [200], others: [404]),
    ]
  }

  @Test func oneTenantNeverSeesAnothersOrders() async throws {
    let sevk = try await Installation.make()
    try sevk.require("dispatcher", ["tenant", "add", "rival"])
    try sevk.addRoute("pubg-60", to: "panel", tenant: "rival")
    try await sevk.start("dispatcher")
    // What is not sent stays pending, so that cancelling would work for whoever may.
    try sevk.require("worker", ["queue", "pause", "dispatch"])
    let id = try await sevk.post(player: 1)
    let all = ["orders:write", "orders:read", "pins:read"]
    for tenant in ["rival", "shop"] {
      for bits in 1..<8 {
        let scopes = all.indices.filter { bits >> $0 & 1 == 1 }.map { all[$0] }
        let token = try sevk.createToken(scopes.joined(separator: ","), tenant: tenant)
        for call in Self.calls(id) {
          let answer = try await sevk.call(call.method, call.path, body: call.body, key: call.key, token: token)
          let what = "\(tenant) \(scopes) \(call.method) \(call.path): \(answer.status) \(answer.text)"
          if let missing = call.scopes.first(where: { !scopes.contains($0) }) {
            #expect(answer.status == 403 && answer.text.contains("the scope \(missing)\""), "\(what)")
          } else {
            #expect((tenant == "shop" ? call.own : call.others).contains(answer.status), "\(what)")
            // The only place where another's id may stand is the complaint that there is no such order.
            if answer.status < 300 {
              #expect(answer.text.contains(id) == (tenant == "shop" && call.namesOrder), "\(what)")
            }
          }
        }
      }
      let order = try await sevk.call("GET", "/v1/orders/\(id)")
      // What the rival tried changed nothing; what the owner did last was to cancel.
      #expect(order.json["status"] as? String == (tenant == "rival" ? "pending" : "cancelled"))
      #expect(order.json["version"] as? Int == (tenant == "rival" ? 1 : 2))
    }
    await sevk.stop()
  }
}
