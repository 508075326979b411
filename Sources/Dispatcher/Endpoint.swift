import API
import HTTPServer
import Orders
import Store

/// What the API can be asked. `openapi.json` describes exactly these; a test holds the two together.
enum Endpoint: CaseIterable {
  case postOrder, postBatch, listOrders, digest, order, timeline, cancel, refundClaim, ask, moves, resolve
  case resolveMany, listRuns, run, startRun, resumeRun, abortRun
  case products, listEvents, postTicket, description
  case listEndpoints, endpoint, putEndpoint, deleteEndpoint, testEndpoint, pauseEndpoint, resumeEndpoint, rotateSecret
  case replay, deliveries, resend

  var method: String {
    switch self {
    case .postOrder, .postBatch, .cancel, .refundClaim, .ask, .resolve, .postTicket: "POST"
    case .resolveMany, .startRun, .resumeRun, .abortRun: "POST"
    case .listOrders, .digest, .order, .timeline, .moves, .products, .listEvents, .description: "GET"
    case .listRuns, .run: "GET"
    case .listEndpoints, .endpoint, .deliveries: "GET"
    case .putEndpoint: "PUT"
    case .deleteEndpoint: "DELETE"
    case .testEndpoint, .pauseEndpoint, .resumeEndpoint, .rotateSecret, .replay, .resend: "POST"
    }
  }

  var path: String {
    switch self {
    case .postOrder, .listOrders: "/v1/orders"
    case .postBatch: "/v1/orders:batch"
    case .digest: "/v1/orders:digest"
    case .order: "/v1/orders/{id}"
    case .timeline: "/v1/orders/{id}/timeline"
    case .cancel: "/v1/orders/{id}/cancel"
    case .products: "/v1/products"
    case .refundClaim: "/v1/orders/{id}/refund-claim"
    case .ask: "/v1/orders/{id}/ask"
    case .moves: "/v1/orders/{id}/moves"
    case .resolve: "/v1/orders/{id}/resolve"
    case .resolveMany: "/v1/orders:resolve"
    case .listRuns: "/v1/runs"
    case .run: "/v1/runs/{id}"
    case .startRun: "/v1/runs/{id}/start"
    case .resumeRun: "/v1/runs/{id}/resume"
    case .abortRun: "/v1/runs/{id}/abort"
    case .listEvents: "/v1/events"
    case .postTicket: "/v1/tickets"
    case .description: "/v1/openapi.json"
    case .listEndpoints: "/v1/endpoints"
    case .endpoint, .putEndpoint, .deleteEndpoint: "/v1/endpoints/{name}"
    case .testEndpoint: "/v1/endpoints/{name}/test"
    case .pauseEndpoint: "/v1/endpoints/{name}/pause"
    case .resumeEndpoint: "/v1/endpoints/{name}/resume"
    case .rotateSecret: "/v1/endpoints/{name}/rotate-secret"
    case .replay: "/v1/endpoints/{name}/replay"
    case .deliveries: "/v1/endpoints/{name}/deliveries"
    case .resend: "/v1/deliveries/{id}/resend"
    }
  }

  /// What a token must be allowed; nil: no token is needed.
  var scope: String? {
    switch self {
    case .postOrder, .postBatch, .cancel, .refundClaim, .ask: "orders:write"
    case .listOrders, .digest, .order, .timeline, .moves, .products, .listEvents, .postTicket: "orders:read"
    case .resolve, .resolveMany, .listRuns, .run, .startRun, .resumeRun, .abortRun: "orders:resolve"
    case .description: nil
    default: "endpoints:write"
    }
  }

  /// Another scope that is enough.
  var otherScope: String? { [.listEvents, .postTicket].contains(self) ? EventReach.operatorScope : nil }

  /// The path of a request as it may stand in a log: with the order's id, and without what anybody may have put there.
  static func shownPath(_ request: HTTPRequest) -> String {
    let (path, id) = template(request.path)
    guard allCases.contains(where: { $0.path == path }) else { return "(none of the API)" }
    return OrderID(id) == nil ? path : path.replacing("{id}", with: id)
  }

  /// The endpoint of a request, and the order, endpoint or delivery that its path names. HEAD is answered as GET, without the body.
  ///
  /// - Throws: ``Problem`` with status 404, or 405 that says what is possible.
  static func find(_ request: HTTPRequest) throws(Problem) -> (Endpoint, id: String) {
    // Nearly every request.
    if request.method == postOrder.method, request.path == postOrder.path { return (.postOrder, "") }
    if request.method == order.method, let id = idAlone(in: request.path) { return (.order, id) }
    let method = request.method == "HEAD" ? "GET" : request.method
    let (path, id) = template(request.path)
    for endpoint in allCases where endpoint.path == path && endpoint.method == method { return (endpoint, id) }
    guard let methods = methods(of: request.path) else {
      throw Problem(status: 404, title: "Not found", detail: "there is no \(request.path)")
    }
    throw Problem(
      status: 405, title: "Method not allowed",
      detail: "\(request.method) is not possible here; use \(methods.joined(separator: " or "))",
      headers: [("Allow", methods.joined(separator: ", "))])
  }

  /// The id of a path that asks for one order and nothing else, as who polls does; nil for any other path.
  private static func idAlone(in path: String) -> String? {
    let bytes = path.utf8
    guard bytes.count == ordersPrefix.utf8.count + idBytes, path.hasPrefix(ordersPrefix) else { return nil }
    let id = path.suffix(idBytes)
    return id.utf8.contains(UInt8(ascii: "/")) ? nil : String(id)
  }

  private static let ordersPrefix = "/v1/orders/"
  private static let idBytes = 36

  /// What a path can be asked, `*` being all of them; nil when there is nothing.
  static func methods(of path: String) -> [String]? {
    let template = template(path).path
    let own = Set(allCases.filter { $0.path == template || path == "*" }.map(\.method))
    guard !own.isEmpty else { return nil }
    return (own.contains("GET") ? ["GET", "HEAD"] : []) + ["POST", "PUT", "DELETE"].filter(own.contains) + ["OPTIONS"]
  }

  /// What follows each of these in a path is a name.
  private static let named = [
    ("/v1/orders/", "{id}"), ("/v1/endpoints/", "{name}"), ("/v1/deliveries/", "{id}"),
    ("/v1/runs/", "{id}"),
  ]

  private static func template(_ path: String) -> (path: String, id: String) {
    guard let (prefix, place) = named.first(where: { path.hasPrefix($0.0) }) else { return (path, "") }
    let rest = path.dropFirst(prefix.count).split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard let id = rest.first, !id.isEmpty else { return (path, "") }
    return (prefix + place + (rest.count == 2 ? "/\(rest[1])" : ""), String(id))
  }
}
