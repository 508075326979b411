import API
import Cipher
import CommandLine
import EventLoop
import HTTPServer
import Orders
import Store

/// What upstream services ask about their orders. A tenant sees its own only; of others it learns not even that they
/// exist.
@LoopActor
struct OrderReads {
  let store: Store
  let directory: Directory
  let pages: PageLinks
  /// Who waits for the order.
  var seen: OrderWait.Seen?

  func one(_ text: String, _ request: HTTPRequest, _ grant: TokenGrant) async throws -> HTTPResponse {
    let query = try Query(request, once: ["include", "until", "wait"])
    _ = try OrderWait.wish { query.one($0) }
    let include = query.one("include")
    let wantsPin = include == "pin"
    guard wantsPin || include == nil else {
      throw Problem.invalidQuery([.init(field: "include", message: "must be pin")])
    }
    if wantsPin { try Authorizer.require("pins:read", grant) }
    let order = try await find(text, grant)
    guard !wantsPin || order.status != .contested else {
      throw Problem(
        status: 409, title: "Conflict",
        detail: "the order is contested (\(order.status.meaning)); its PIN is not shown until then", code: .contested)
    }
    seen?.note(order)
    let currency = try await directory.currency(of: order)
    let url = pages.url(of: order.id, for: grant)
    let shown = OrderJSON.text(order, currency: currency, pageURL: url, isSandbox: grant.isSandbox)
    let tag = EntityTag.of(version: order.version, shown: shown, form: wantsPin ? "-pin" : "")
    if EntityTag.isKnown(tag, to: request) { return HTTPResponse(status: 304, headers: [("ETag", tag)]) }
    let pin = wantsPin && order.hasPin ? try await pin(of: order) : nil
    var response = HTTPResponse.json(
      (pin == nil
        ? shown : OrderJSON.text(order, pin: pin, currency: currency, pageURL: url, isSandbox: grant.isSandbox)) + "\n",
      status: 200)
    response.headers.append(("ETag", tag))
    return response
  }

  /// - Throws: a ``Problem`` that says so when this process has no key that opens it: asking again would change nothing.
  private func pin(of order: Order) async throws -> Pin? {
    do { return try await store.pin(of: order.id) } catch let error as VaultError {
      throw Problem(
        status: 409, title: "Conflict",
        detail: "the order is delivered, and its PIN can't be read here: \(error.reason); ask whoever runs Sevk",
        code: .pinUnreadable)
    }
  }

  func timeline(_ text: String, _ request: HTTPRequest, _ grant: TokenGrant) async throws -> HTTPResponse {
    _ = try Query(request)
    let order = try await find(text, grant)
    let steps = try await store.timeline(of: order.id)
    return .json(
      JSONText.object(["id": JSONText.quote(order.id.description), "timeline": OrderJSON.text(steps)]) + "\n",
      status: 200)
  }

  func cancel(_ text: String, _ request: HTTPRequest, _ grant: TokenGrant) async throws -> HTTPResponse {
    _ = try Query(request)
    var order = try await find(text, grant)
    if order.status == .pending {
      do {
        try await store.applyPersistently(
          Transition(order, to: .cancelled, Reason(.withdrawn, "cancelled by the upstream service")))
      } catch StoreError.conflict {
        // A sender was faster.
      }
      order = try await find(text, grant)
    }
    guard order.status == .cancelled else {
      throw Problem(
        status: 409, title: "Conflict",
        detail: "the order is \(order.status.rawValue) (\(order.status.meaning)); only a pending one can be cancelled",
        code: .notCancellable)
    }
    return .json(
      OrderJSON.text(order, pageURL: pages.url(of: order.id, for: grant), isSandbox: grant.isSandbox) + "\n",
      status: 200)
  }

  private func find(_ text: String, _ grant: TokenGrant) async throws -> Order {
    guard let id = OrderID(text), let order = try await store.order(id), order.tenantID == grant.tenantID else {
      throw Problem(status: 404, title: "Not found", detail: "there is no order \(text)")
    }
    return order
  }
}
