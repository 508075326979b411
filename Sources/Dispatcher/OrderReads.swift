import EventLoop
import HTTPServer
import Orders
import Service
import Store

/// What upstream services ask about their orders. A tenant sees its own only; of others it learns not even that they
/// exist.
@LoopActor
struct OrderReads {
  private static let pageMax = 200
  private static let pageDefault = 50

  let frame: ProcessFrame

  func one(_ text: String, _ request: HTTPRequest, _ grant: TokenGrant) async throws -> HTTPResponse {
    for name in request.query.keys.sorted() where name != "include" {
      throw Problem.invalid([.init(field: name, message: "is not known; use include")])
    }
    let wantsPin = request.query["include"] == "pin"
    guard wantsPin || request.query["include"] == nil else {
      throw Problem.invalid([.init(field: "include", message: "must be pin")])
    }
    if wantsPin { try Authorizer.require("pins:read", grant) }
    let order = try await find(text, grant)
    let pin = wantsPin && order.hasPin ? try await frame.store.pin(of: order.id) : nil
    return .json(OrderJSON.text(order, pin: pin) + "\n", status: 200)
  }

  func timeline(_ text: String, _ grant: TokenGrant) async throws -> HTTPResponse {
    let order = try await find(text, grant)
    let steps = try await frame.store.timeline(of: order.id)
    return .json(
      JSONText.object(["id": JSONText.quote(order.id.description), "timeline": OrderJSON.text(steps)]) + "\n",
      status: 200)
  }

  func list(_ request: HTTPRequest, _ grant: TokenGrant) async throws -> HTTPResponse {
    func invalid(_ field: String, _ message: String) -> Problem {
      .invalid([.init(field: field, message: message)])
    }
    for name in request.query.keys.sorted() where !["status", "reference", "after", "limit"].contains(name) {
      throw invalid(name, "is not known; use status, reference, after, limit")
    }
    var status: Status?
    if let text = request.query["status"] {
      guard let known = Status(rawValue: text) else {
        throw invalid("status", "must be one of \(Status.allCases.map(\.rawValue).joined(separator: ", "))")
      }
      status = known
    }
    var after: OrderID?
    if let text = request.query["after"] {
      guard let id = OrderID(text) else { throw invalid("after", "must be the id of the last order of a page") }
      after = id
    }
    var limit = Self.pageDefault
    if let text = request.query["limit"] {
      guard let number = Int(text), (1...Self.pageMax).contains(number) else {
        throw invalid("limit", "must be 1 to \(Self.pageMax)")
      }
      limit = number
    }
    let orders = try await frame.store.orders(
      tenant: grant.tenantID, status: status, reference: request.query["reference"], before: after, limit: limit)
    let next = orders.count == limit ? orders.last.map { JSONText.quote($0.id.description) } : nil
    return .json(
      JSONText.object(["orders": JSONText.array(orders.map { OrderJSON.text($0) }), "next": next ?? "null"]) + "\n",
      status: 200)
  }

  func cancel(_ text: String, _ grant: TokenGrant) async throws -> HTTPResponse {
    var order = try await find(text, grant)
    if order.status == .pending {
      do {
        try await frame.store.applyPersistently(
          Transition(order, to: .cancelled, reason: "cancelled by the upstream service"))
      } catch StoreError.conflict {
        // A sender was faster.
      }
      order = try await find(text, grant)
    }
    guard order.status == .cancelled else {
      throw Problem(
        status: 409, title: "Conflict",
        detail: "the order is \(order.status.rawValue) (\(order.status.meaning)); only a pending one can be cancelled")
    }
    return .json(OrderJSON.text(order) + "\n", status: 200)
  }

  private func find(_ text: String, _ grant: TokenGrant) async throws -> Order {
    guard let id = OrderID(text), let order = try await frame.store.order(id), order.tenantID == grant.tenantID else {
      throw Problem(status: 404, title: "Not found", detail: "there is no order \(text)")
    }
    return order
  }
}
