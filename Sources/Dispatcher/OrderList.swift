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
  /// Pages that are passed over for one answer because nothing in them is asked for.
  private static let emptyPagesMax = 20

  let store: Store
  let directory: Directory
  let pages: PageLinks

  private static let changedOnly = ["updated_after"]
  private static let newestOnly = ["reference", "idempotency_key", "player", "created_after", "created_before"]

  func page(_ request: HTTPRequest, _ grant: TokenGrant) async throws -> HTTPResponse {
    let query = try Query(
      request, once: ["after", "limit", "order"] + Self.newestOnly + Self.changedOnly, repeated: ["status"])
    let statuses = try Self.statuses(query)
    let limit = try Self.limit(query)
    switch query.one("order") {
    case nil where query.one("updated_after") != nil, "changed":
      return try await changed(query, statuses, limit, grant)
    case nil, "newest": return try await newest(query, statuses, limit, grant)
    default: throw Self.invalid("order", "must be newest or changed")
    }
  }

  private func newest(
    _ query: Query, _ statuses: Set<Status>, _ limit: Int, _ grant: TokenGrant
  ) async throws -> HTTPResponse {
    for name in Self.changedOnly where query.one(name) != nil {
      throw Self.invalid(name, "can't be given with order=newest")
    }
    var filter = OrderFilter(tenantID: grant.tenantID, limit: limit)
    filter.statuses = statuses
    (filter.shopReference, filter.player) = (query.one("reference"), query.one("player"))
    if let text = query.one("idempotency_key") {
      do throws(IdempotencyKey.Mistake) { filter.idempotencyKey = try IdempotencyKey(text).text } catch {
        throw Self.invalid("idempotency_key", error.text)
      }
    }
    filter.createdFrom = try Self.moment("created_after", query)
    filter.createdBefore = try Self.moment("created_before", query)
    if let text = query.one("after") {
      guard let id = OrderID(text) else { throw Self.invalid("after", "must be the id of the last order of a page") }
      filter.before = id
    }
    let orders = try await store.orders(filter)
    return try await answer(orders, grant, next: orders.count == limit ? orders.last?.id.description : nil)
  }

  private func changed(
    _ query: Query, _ statuses: Set<Status>, _ limit: Int, _ grant: TokenGrant
  ) async throws -> HTTPResponse {
    for name in Self.newestOnly where query.one(name) != nil {
      throw Self.invalid(name, "can't be given with order=changed or updated_after")
    }
    let updatedAfter = try Self.moment("updated_after", query)
    var after = ChangePlace.start
    if let text = query.one("after") {
      guard let place = ChangePlace(text) else {
        throw Self.invalid("after", "must be the next of a page with order=changed or updated_after")
      }
      after = place
    } else if let updatedAfter {
      after = try await store.changePlace(tenant: grant.tenantID, at: updatedAfter)
    }
    // The first pages after a moment may hold only what changed just before it.
    var passed = 0
    while true {
      guard
        let page = try await store.changedOrders(
          tenant: grant.tenantID, statuses: statuses, updatedAfter: updatedAfter, after: after, limit: limit)
      else {
        throw Self.invalid(
          "after", "is a place of another database: it was restored since; begin anew, without after")
      }
      let isAtEnd = page.next == after
      after = page.next
      passed += 1
      if !page.orders.isEmpty || isAtEnd || updatedAfter == nil || passed == Self.emptyPagesMax {
        return try await answer(page.orders, grant, next: after.description)
      }
    }
  }

  /// - Throws: ``Problem`` that shows what a moment looks like.
  private static func moment(_ name: String, _ query: Query) throws(Problem) -> Int64? {
    guard let text = query.one(name) else { return nil }
    guard let moment = Timestamp.milliseconds(text) else {
      throw invalid(
        name, "must be a time with its zone, such as 2026-11-29T13:22:01.233Z; write a + as %2B")
    }
    return moment
  }

  private func answer(_ orders: [Order], _ grant: TokenGrant, next: String?) async throws -> HTTPResponse {
    var texts: [String] = []
    for order in orders {
      texts.append(
        OrderJSON.text(
          order, currency: try await directory.currency(of: order), pageURL: pages.url(of: order.id, for: grant),
          isSandbox: grant.isSandbox))
    }
    return .json(
      JSONText.object(["orders": JSONText.array(texts), "next": next.map(JSONText.quote) ?? "null"]) + "\n", status: 200
    )
  }

  private static func statuses(_ query: Query) throws(Problem) -> Set<Status> {
    var statuses: Set<Status> = []
    for text in query.all("status").flatMap({ $0.split(separator: ",", omittingEmptySubsequences: false) }) {
      guard let known = Status(rawValue: String(text)) else {
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
