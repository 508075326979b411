import CommandLine
import EventLoop
import HTTPClient
import HTTPServer
import OrderWork
import Orders
import Postgres
import Process
import Store
import Telemetry

/// The HTTP side of the dispatcher: routes a request to its endpoint and turns failures into problems.
@LoopActor
final class IntakeService: ProcessService {
  nonisolated static let orderBytesMax = 65_536
  nonisolated static let batchBytesMax = 4_194_304

  let name = "intake"
  private let store: Store
  private let directory: Directory
  private let log: Log
  private let metrics: Metrics
  private let health: HealthEndpoints
  private let authorizer: Authorizer
  private let limiter: RateLimiter
  private let gate = IntakeGate()
  private let intake: OrderIntake
  private let endpoints: EndpointAPI
  private var server: HTTPServer?
  private let address: (host: String, port: Int)

  /// - Parameters:
  ///   - rate: requests a second of a token that has no rate of its own; nil: no limit.
  ///   - receivers: where events may be posted to.
  init(
    _ tools: OrderTools, health: HealthEndpoints, address: (host: String, port: Int), rate: Int?,
    receivers: AddressRule
  ) {
    (store, directory) = (tools.store, tools.directory)
    (log, metrics) = (tools.instruments.log, tools.instruments.metrics)
    self.health = health
    self.address = address
    authorizer = Authorizer(store: store, directory: directory, tools.instruments)
    limiter = RateLimiter(usual: rate, tools.instruments)
    endpoints = EndpointAPI(store: store, planner: tools.planner, addresses: receivers)
    intake = OrderIntake(tools, gate: gate, limiter: limiter)
    metrics.describe("sevk_http_requests_total", "counter", "Requests to the API, by status")
    metrics.describe("sevk_http_request_duration_seconds", "histogram", "How long requests to the API took")
  }

  func start() async throws {
    var limits = HTTPServerLimits()
    limits.bodyBytesMax = { _, path in path == Endpoint.postBatch.path ? Self.batchBytesMax : Self.orderBytesMax }
    let server = HTTPServer(
      host: address.host, port: address.port, limits: limits, identifies: true, admit: { await self.admit($0) },
      handler: { await self.answer($0) })
    do { try server.start() } catch { throw StartError("\(error); check \(Setting.httpAddress.variable)") }
    self.server = server
    log.info("taking orders", ["address": "\(address.host):\(server.port)"])
  }

  func stop() async { await server?.stop(grace: .seconds(10)) }

  /// Decides by the head alone whether a body that is still to come is read: without a token that may post it, none is.
  private func admit(_ request: HTTPRequest) async -> Admission {
    let begun = ContinuousClock.now
    let admission: Admission = await gate.limit {
      await self.decide(request)
    } instead: {
      .refused($0)
    }
    if case .refused(let response) = admission { count(response, begun) }
    return admission
  }

  private func decide(_ request: HTTPRequest) async -> Admission {
    var tenant: String?
    do {
      return .admitted(share: try await share(request, &tenant))
    } catch {
      return .refused(response(to: error, request, tenant))
    }
  }

  /// Whose part of the memory for bodies a request takes.
  private func share(_ request: HTTPRequest, _ tenant: inout String?) async throws -> String {
    guard !health.isFor(request) else { return "" }
    let (endpoint, _) = try Endpoint.find(request)
    guard let scope = endpoint.scope else { return "" }
    let grant = try await authorizer.require(scope, request)
    tenant = grant.tenant
    try limiter.look(grant)
    return grant.tenant
  }

  private func answer(_ request: HTTPRequest) async -> HTTPResponse {
    let begun = ContinuousClock.now
    if let healthy = await health.answer(request) { return healthy }
    let answer = await gate.limit {
      await self.answerOrder(request)
    } instead: {
      $0
    }
    count(answer, begun)
    return answer
  }

  private func count(_ answer: HTTPResponse, _ begun: ContinuousClock.Instant) {
    metrics.add("sevk_http_requests_total", ["status": "\(answer.status)"])
    metrics.observe("sevk_http_request_duration_seconds", [:], ContinuousClock.now - begun)
  }

  private func answerOrder(_ request: HTTPRequest) async -> HTTPResponse {
    var tenant: String?
    do {
      return try await route(request, &tenant)
    } catch {
      return response(to: error, request, tenant)
    }
  }

  /// The answer to what went wrong; what is ours to mend is logged.
  private func response(to error: any Error, _ request: HTTPRequest, _ tenant: String?) -> HTTPResponse {
    if let problem = error as? Problem { return problem.response }
    let isTransient = (error as? PostgresError)?.isTransient ?? false
    log.error(
      isTransient ? "the database failed a request" : "a request failed",
      [
        "method": request.method, "path": request.path, "request": request.id, "tenant": tenant,
        "trace": CallerTrace(request).context?.traceID.description, "reason": "\(error)",
      ])
    if isTransient { return Problem.unavailable("the database does not answer").response }
    return Problem(
      status: 500, title: "Internal error", detail: "this was logged; ask whoever runs Sevk for request \(request.id)"
    ).response
  }

  private func route(_ request: HTTPRequest, _ tenant: inout String?) async throws -> HTTPResponse {
    if request.method == "OPTIONS", let methods = Endpoint.methods(of: request.path) {
      return HTTPResponse(status: 204, headers: [("Allow", methods.joined(separator: ", "))])
    }
    let (endpoint, id) = try Endpoint.find(request)
    guard let scope = endpoint.scope else {
      _ = try Query(request)
      return .json(Self.description, status: 200)
    }
    let grant = try await authorizer.require(scope, request)
    tenant = grant.tenant
    var response: HTTPResponse
    do {
      // A batch's cost is known when it was read; till then a look tells whether reading it makes sense.
      if endpoint == .postBatch { try limiter.look(grant) } else { try limiter.take(1, grant) }
      response = try await answer(endpoint, id, request, grant)
    } catch let problem as Problem {
      response = problem.response
    }
    // Orders are their shop's alone, and a PIN is money: no cache between us may keep them.
    response.headers += limiter.headers(grant) + [("Cache-Control", "no-store")]
    return response
  }

  private func answer(
    _ endpoint: Endpoint, _ id: String, _ request: HTTPRequest, _ grant: TokenGrant
  ) async throws -> HTTPResponse {
    switch endpoint {
    case .postOrder:
      _ = try Query(request)
      return try await intake.postOne(request, grant)
    case .postBatch:
      _ = try Query(request)
      return try await intake.postBatch(request, grant)
    case .listOrders: return try await OrderList(store: store, directory: directory).page(request, grant)
    case .order: return try await OrderReads(store: store, directory: directory).one(id, request, grant)
    case .timeline: return try await OrderReads(store: store, directory: directory).timeline(id, request, grant)
    case .cancel: return try await OrderReads(store: store, directory: directory).cancel(id, request, grant)
    case .description: return .json(Self.description, status: 200)
    default: return try await endpoints.answer(endpoint, id, request, grant)
    }
  }

  /// The API in OpenAPI 3.1.
  private static let description = PackageResources.openapi_json
}
