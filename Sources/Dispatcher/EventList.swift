import API
import CommandLine
import EventLoop
import Events
import HTTPServer
import Orders
import Store

/// `GET /v1/events`: what happened to a shop's orders, and what operators are told, by position. From PostgreSQL, so it survives Redis.
@LoopActor
struct EventList {
  private static let pageMax = 1000
  private static let pageDefault = 100

  let outbox: Outbox

  func page(_ request: HTTPRequest, _ grant: TokenGrant) async throws -> HTTPResponse {
    let query = try Query(request, once: ["after", "limit", "order"], repeated: ["types"])
    let wanted = try EventQuery(query)
    let limit = try Self.limit(query)
    var order: OrderID?
    if let text = query.one("order") {
      guard let id = OrderID(text) else {
        throw Problem.invalidQuery([.init(field: "order", message: "must be the id of an order")])
      }
      // Whatever types are asked for: what belongs to an order takes it.
      try Authorizer.require(EventReach.orderScope, grant)
      order = id
    }
    let reach = try wanted.reach(scopes: grant.scopes)
    var after = wanted.after ?? 0
    func read() async throws -> EventPage {
      try await outbox.list(
        tenant: grant.tenantID, after: after, types: wanted.types, order: order?.description, of: reach,
        limit: limit)
    }
    var page = try await read()
    if wanted.after != nil, let problem = EventQuery.problem(after: after, page) { throw problem }
    if wanted.after == nil, after < page.keptAfter {
      // From the first that is surely kept; of some before it others are gone.
      after = page.keptAfter
      page = try await read()
    }
    let events = page.events.map {
      JSONText.object(["position": "\($0.position)", "event": CloudEvent.json($0)])
    }
    return .json(
      JSONText.object([
        "events": JSONText.array(events), "next": "\(page.next)", "has_more": page.hasMore ? "true" : "false",
      ]) + "\n", status: 200)
  }

  private static func limit(_ query: Query) throws(Problem) -> Int {
    guard let text = query.one("limit") else { return pageDefault }
    guard let number = Int(text), (1...pageMax).contains(number) else {
      throw .invalidQuery([.init(field: "limit", message: "must be 1 to \(pageMax)")])
    }
    return number
  }
}
