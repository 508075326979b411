import HTTPServer

/// What the API can be asked. `openapi.json` describes exactly these; a test holds the two together.
enum Endpoint: CaseIterable {
  case postOrder, postBatch, listOrders, order, timeline, cancel, description

  var method: String {
    switch self {
    case .postOrder, .postBatch, .cancel: "POST"
    case .listOrders, .order, .timeline, .description: "GET"
    }
  }

  var path: String {
    switch self {
    case .postOrder, .listOrders: "/v1/orders"
    case .postBatch: "/v1/orders:batch"
    case .order: "/v1/orders/{id}"
    case .timeline: "/v1/orders/{id}/timeline"
    case .cancel: "/v1/orders/{id}/cancel"
    case .description: "/v1/openapi.json"
    }
  }

  /// What a token must be allowed; nil: no token is needed.
  var scope: String? {
    switch self {
    case .postOrder, .postBatch, .cancel: "orders:write"
    case .listOrders, .order, .timeline: "orders:read"
    case .description: nil
    }
  }

  /// The endpoint of a request, and the order that its path names.
  ///
  /// - Throws: ``Problem`` with status 404, or 405 that says what is possible.
  static func find(_ request: HTTPRequest) throws(Problem) -> (Endpoint, id: String) {
    // Nearly every request.
    if request.method == postOrder.method, request.path == postOrder.path { return (.postOrder, "") }
    let (path, id) = template(request.path)
    var methods: [String] = []
    for endpoint in allCases where endpoint.path == path {
      if endpoint.method == request.method { return (endpoint, id) }
      methods.append(endpoint.method)
    }
    guard !methods.isEmpty else {
      throw Problem(status: 404, title: "Not found", detail: "there is no \(request.path)")
    }
    throw Problem(
      status: 405, title: "Method not allowed",
      detail: "\(request.method) is not possible here; use \(methods.joined(separator: " or "))",
      headers: [("Allow", methods.joined(separator: ", "))])
  }

  private static func template(_ path: String) -> (path: String, id: String) {
    let prefix = "/v1/orders/"
    guard path.hasPrefix(prefix) else { return (path, "") }
    let rest = path.dropFirst(prefix.count).split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard let id = rest.first, !id.isEmpty else { return (path, "") }
    return (prefix + "{id}" + (rest.count == 2 ? "/\(rest[1])" : ""), String(id))
  }
}
