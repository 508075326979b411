import API
import CommandLine
import EventLoop
import HTTPClient
import HTTPServer
import Kinds
import OrderWork
import Orders
import Store
import Telemetry
import Webhooks

/// What shops ask about their endpoints. A tenant sees its own only.
@LoopActor
struct EndpointAPI {
  /// Of a tenant.
  static let endpointsMax = 20
  private static let pageMax = 200
  private static let pageDefault = 50

  let store: Store
  let planner: JobPlanner
  let addresses: AddressRule
  private var endpoints: EndpointStore { EndpointStore(store: store) }

  func answer(
    _ endpoint: Endpoint, _ id: String, _ request: HTTPRequest, _ grant: TokenGrant
  ) async throws -> HTTPResponse {
    if endpoint == .deliveries { return try await deliveries(id, request, grant) }
    _ = try Query(request)
    switch endpoint {
    case .listEndpoints:
      let all = try await endpoints.list(tenant: grant.tenantID)
      return .json(
        JSONText.object(["endpoints": JSONText.array(all.map { EndpointJSON.text($0) })]) + "\n", status: 200)
    case .putEndpoint: return try await put(id, request, grant)
    case .deleteEndpoint:
      try await endpoints.remove(try await find(id, grant))
      return HTTPResponse(status: 204)
    case .testEndpoint: return try await test(try await find(id, grant))
    case .pauseEndpoint:
      let found = try await find(id, grant)
      try await endpoints.set(found, to: .paused)
      return try await show(id, grant)
    case .resumeEndpoint: return try await resume(id, grant)
    case .rotateSecret:
      let secret = try await endpoints.rotate(try await find(id, grant))
      return try await show(id, grant, secret: secret)
    case .replay: return try await replay(try await find(id, grant), request)
    case .resend: return try await resend(id, grant)
    default: return try await show(id, grant)
    }
  }

  private func find(_ name: String, _ grant: TokenGrant) async throws -> EndpointRow {
    if let found = try await endpoints.list(tenant: grant.tenantID, name: name).first { return found }
    throw Problem(status: 404, title: "Not found", detail: "there is no endpoint \(name)")
  }

  private func show(
    _ name: String, _ grant: TokenGrant, secret: [UInt8]? = nil, status: Int = 200
  ) async throws -> HTTPResponse {
    .json(EndpointJSON.text(try await find(name, grant), secret: secret) + "\n", status: status)
  }

  // MARK: One endpoint

  private func put(_ name: String, _ request: HTTPRequest, _ grant: TokenGrant) async throws -> HTTPResponse {
    let isOperator = EventReach(scopes: grant.scopes).hasNotices
    var wanted = try EndpointRequest(
      try Self.json(request), tenant: grant.tenantID, name: name, addresses, isOperator: isOperator
    ).wanted
    // Else a token that may not read PINs would get them so.
    guard wanted.sealedTo == nil || grant.scopes.contains(EndpointRequest.pinScope) else {
      throw Problem(
        status: 403, title: "Forbidden",
        detail: "sealed_to has PINs posted, so the token needs the scope \(EndpointRequest.pinScope) too",
        code: .forbidden)
    }
    if isOperator, wanted.types.contains("*") {
      // By name, since * stands for orders' events where it is kept: so nobody gets more than he asked for.
      wanted.types += OperatorEvent.allCases.map(\.rawValue).filter { !wanted.types.contains($0) }
    }
    let known = try await endpoints.list(tenant: grant.tenantID)
    let before = known.first { $0.name == name }
    if before != nil, request.headers("If-None-Match").contains("*") {
      throw Problem(
        status: 409, title: "Conflict", detail: "there is an endpoint \(name) already", code: .endpointExists)
    }
    guard before != nil || known.count < Self.endpointsMax else {
      throw Problem(
        status: 409, title: "Conflict", detail: "there are \(known.count) endpoints, and no more are possible",
        code: .tooManyEndpoints)
    }
    let made = try await endpoints.put(wanted)
    // What waited for the receiver of before is due.
    if let before, before.url != wanted.url { await hurryWaiting(of: before) }
    return try await show(name, grant, secret: made.secret, status: made.isNew ? 201 : 200)
  }

  private func test(_ endpoint: EndpointRow) async throws -> HTTPResponse {
    guard endpoint.state == .active else {
      throw Problem(
        status: 409, title: "Conflict",
        detail: "the endpoint is \(endpoint.state.rawValue), so nothing is posted to it; resume it first",
        code: .endpointNotActive)
    }
    var random = SystemRandomNumberGenerator()
    let subject = OrderID(milliseconds: Clock.unixMilliseconds(), using: &random).description
    let eventID = "\(subject)/1"
    let body = JSONText.object([
      "specversion": JSONText.quote("1.0"), "id": JSONText.quote(eventID),
      "source": JSONText.quote("sevk/\(endpoint.tenant)"), "type": JSONText.quote("sevk.test"),
      "subject": JSONText.quote(subject), "sequence": JSONText.quote("1"),
      "datacontenttype": JSONText.quote("application/json"),
      "data": JSONText.object(["endpoint": JSONText.quote(endpoint.name)]),
    ])
    let id = try await endpoints.addTest(
      to: endpoint, eventID: eventID, type: "sevk.test", subject: subject, body: body)
    await planner.plan(DeliverEvent.planned(endpoint: endpoint.id, order: subject))
    return .json(
      JSONText.object(["id": JSONText.quote("\(id)"), "event": JSONText.quote(eventID)]) + "\n", status: 202)
  }

  private func resume(_ name: String, _ grant: TokenGrant) async throws -> HTTPResponse {
    let endpoint = try await find(name, grant)
    try await endpoints.set(endpoint, to: .active)
    await hurryWaiting(of: endpoint)
    return try await show(name, grant)
  }

  // MARK: What it was told

  private func replay(_ endpoint: EndpointRow, _ request: HTTPRequest) async throws -> HTTPResponse {
    let wanted = try ReplayRequest(try Self.json(request))
    var count: (count: Int, last: Int64?)
    if wanted.isDry {
      count = try await endpoints.count(wanted.replay, of: endpoint)
    } else {
      // Of any other, what is put in line before it goes on comes before what is new.
      guard endpoint.state != .gone else {
        throw Problem(
          status: 409, title: "Conflict", detail: "the endpoint is gone; resume it first",
          code: .endpointNotActive)
      }
      let replayed = try await endpoints.replay(wanted.replay, of: endpoint)
      count = (replayed.count, replayed.last)
      await hurry(endpoint.id, replayed.orders)
    }
    // Whoever wants more asks for what is behind it.
    let next = count.count == EndpointStore.replayMax ? count.last : nil
    return .json(
      JSONText.object([
        "count": "\(count.count)", "dry_run": "\(wanted.isDry)", "next": next.map { "\($0)" } ?? "null",
      ]) + "\n", status: wanted.isDry ? 200 : 202)
  }

  private func resend(_ text: String, _ grant: TokenGrant) async throws -> HTTPResponse {
    guard let id = DeliveryID(text), let sent = try await endpoints.resend(id, tenant: grant.tenantID) else {
      throw Problem(status: 404, title: "Not found", detail: "there is no delivery \(text)")
    }
    await hurry(id.endpoint, [sent.order])
    return .json(
      JSONText.object(["id": JSONText.quote("\(id)"), "endpoint_state": JSONText.quote(sent.state.rawValue)]) + "\n",
      status: 202)
  }

  private func deliveries(_ name: String, _ request: HTTPRequest, _ grant: TokenGrant) async throws -> HTTPResponse {
    let query = try Query(request, once: ["state", "after", "limit"])
    var errors: [Problem.FieldError] = []
    let state = query.one("state").flatMap { DeliveryRow.State(rawValue: $0) }
    if query.one("state") != nil, state == nil {
      let states = DeliveryRow.State.allCases.map(\.rawValue).joined(separator: ", ")
      errors.append(.init(field: "state", message: "must be one of \(states)"))
    }
    let after = query.one("after").map { Int64($0) } ?? .min
    if after == nil { errors.append(.init(field: "after", message: "must be a position, a whole number")) }
    let limit = query.one("limit").map { Int($0) ?? 0 } ?? Self.pageDefault
    if !(1...Self.pageMax).contains(limit) {
      errors.append(.init(field: "limit", message: "must be 1 to \(Self.pageMax)"))
    }
    guard errors.isEmpty, let after else { throw Problem.invalidQuery(errors) }
    let endpoint = try await find(name, grant)
    let page = try await endpoints.deliveries(of: endpoint, state: state, after: after, limit: limit)
    var failures: [Int64: [DeliveryAttempt]] = [:]
    if let first = page.first?.id.position, let last = page.last?.id.position {
      failures = Dictionary(grouping: try await endpoints.attempts(endpoint.id, in: first...last), by: \.position)
    }
    let next = page.count == limit ? page.last.map { "\($0.id.position)" } : nil
    return .json(
      JSONText.object([
        "deliveries": JSONText.array(page.map { EndpointJSON.text($0, failures[$0.id.position] ?? []) }),
        "next": next ?? "null",
      ]) + "\n", status: 200)
  }

  /// The first of what waits; the reconciler brings the rest, and these where they can't be read now.
  private func hurryWaiting(of endpoint: EndpointRow) async {
    let waiting = try? await endpoints.deliveries(of: endpoint, state: .waiting, after: .min, limit: Self.pageMax)
    await hurry(endpoint.id, Set((waiting ?? []).map(\.orderID)))
  }

  private func hurry(_ endpoint: Int64, _ orders: Set<String>) async {
    for order in orders { await planner.hurry(DeliverEvent.planned(endpoint: endpoint, order: order)) }
  }

  private static func json(_ request: HTTPRequest) throws(Problem) -> JSONValue {
    do throws(JSONMistake) { return try JSONReader.read(request.body) } catch {
      throw Problem(status: 400, title: "Bad request", detail: "the body is not JSON: \(error)", code: .notJSON)
    }
  }
}
