import API
import CommandLine
import EventLoop
import HTTPServer
import Orders
import Store

/// `GET /v1/orders`: a shop's orders, newest first, or by their last change for whoever must miss none.
@LoopActor
struct OrderList {
  private static let pageMax = 200
  private static let pageDefault = 50

  let store: Store
  let directory: Directory

  func page(_ request: HTTPRequest, _ grant: TokenGrant) async throws -> HTTPResponse {
    let query = try Query(request, once: ["after", "limit", "order", "reference"], repeated: ["status"])
    let statuses = try Self.statuses(query)
    let limit = try Self.limit(query)
    switch query.one("order") {
    case nil, "newest": return try await newest(query, statuses, limit, grant)
    case "changed": return try await changed(query, statuses, limit, grant)
    default: throw Self.invalid("order", "must be newest or changed")
    }
  }

  private func newest(
    _ query: Query, _ statuses: Set<Status>, _ limit: Int, _ grant: TokenGrant
  ) async throws -> HTTPResponse {
    var after: OrderID?
    if let text = query.one("after") {
      guard let id = OrderID(text) else { throw Self.invalid("after", "must be the id of the last order of a page") }
      after = id
    }
    let orders = try await store.orders(
      tenant: grant.tenantID, statuses: statuses, shopReference: query.one("reference"), before: after, limit: limit)
    return try await answer(orders, next: orders.count == limit ? orders.last?.id.description : nil)
  }

  private func changed(
    _ query: Query, _ statuses: Set<Status>, _ limit: Int, _ grant: TokenGrant
  ) async throws -> HTTPResponse {
    guard query.one("reference") == nil else { throw Self.invalid("reference", "can't be given with order=changed") }
    var after = ChangePlace.start
    if let text = query.one("after") {
      guard let place = ChangePlace(text) else {
        throw Self.invalid("after", "must be the next of a page with order=changed")
      }
      after = place
    }
    guard
      let page = try await store.changedOrders(
        tenant: grant.tenantID, statuses: statuses, after: after, limit: limit)
    else {
      throw Self.invalid(
        "after", "is a place of another database: it was restored since; begin anew, without after")
    }
    return try await answer(page.orders, next: page.next.description)
  }

  private func answer(_ orders: [Order], next: String?) async throws -> HTTPResponse {
    var texts: [String] = []
    for order in orders { texts.append(OrderJSON.text(order, currency: try await directory.currency(of: order))) }
    return .json(
      JSONText.object(["orders": JSONText.array(texts), "next": next.map(JSONText.quote) ?? "null"]) + "\n", status: 200
    )
  }

  private static func statuses(_ query: Query) throws(Problem) -> Set<Status> {
    var statuses: Set<Status> = []
    for text in query.all("status") {
      guard let known = Status(rawValue: text) else {
        throw invalid("status", "must be one of \(Status.allCases.map(\.rawValue).joined(separator: ", "))")
      }
      statuses.insert(known)
    }
    return statuses
  }

  private static func limit(_ query: Query) throws(Problem) -> Int {
    guard let text = query.one("limit") else { return pageDefault }
    guard let number = Int(text), (1...pageMax).contains(number) else {
      throw invalid("limit", "must be 1 to \(pageMax)")
    }
    return number
  }

  private static func invalid(_ parameter: String, _ message: String) -> Problem {
    .invalidQuery([.init(field: parameter, message: message)])
  }
}
