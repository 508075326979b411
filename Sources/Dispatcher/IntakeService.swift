import EventLoop
import HTTPServer
import Orders
import Postgres
import Service
import Store

/// The HTTP side of the dispatcher: routes a request to its endpoint and turns failures into problems.
@LoopActor
final class IntakeService: ProcessService {
  nonisolated static let orderBytesMax = 65_536
  nonisolated static let batchBytesMax = 4_194_304

  let name = "intake"
  private let frame: ProcessFrame
  private let health: HealthEndpoints
  private let authorizer: Authorizer
  private let limiter: RateLimiter
  private let gate = IntakeGate()
  private let intake: Intaker
  private var server: HTTPServer?
  private let address: (host: String, port: Int)

  init(frame: ProcessFrame) throws(UsageError) {
    self.frame = frame
    health = HealthEndpoints(frame: frame)
    authorizer = Authorizer(frame: frame)
    limiter = try RateLimiter(frame: frame)
    intake = Intaker(frame: frame, gate: gate, limiter: limiter)
    address = try frame.settings.address(.httpAddress)
    frame.metrics.describe("sevk_http_requests_total", "counter", "Requests to the API, by status")
    frame.metrics.describe("sevk_http_request_duration_seconds", "histogram", "How long requests to the API took")
  }

  func start() async throws {
    var limits = HTTPServerLimits()
    limits.bodyBytesMax = { _, path in path == "/v1/orders:batch" ? Self.batchBytesMax : Self.orderBytesMax }
    let server = HTTPServer(host: address.host, port: address.port, limits: limits) { request in
      await self.answer(request)
    }
    do { try server.start() } catch { throw StartError("\(error); check \(Setting.httpAddress.variable)") }
    self.server = server
    frame.log.info("taking orders", ["address": "\(address.host):\(server.port)"])
  }

  func stop() async { await server?.stop(grace: .seconds(10)) }

  private func answer(_ request: HTTPRequest) async -> HTTPResponse {
    let begun = ContinuousClock.now
    if let healthy = await health.answer(request) { return healthy }
    let answer = await gate.limit { await self.answerOrder(request) }
    frame.metrics.add("sevk_http_requests_total", ["status": "\(answer.status)"])
    frame.metrics.observe("sevk_http_request_duration_seconds", [:], ContinuousClock.now - begun)
    return answer
  }

  private func answerOrder(_ request: HTTPRequest) async -> HTTPResponse {
    do {
      return try await route(request)
    } catch let problem as Problem {
      return problem.response
    } catch let error as PostgresError where error.isTransient {
      frame.log.error("the database failed a request", ["path": request.path, "reason": "\(error)"])
      return Problem.unavailable("the database does not answer").response
    } catch {
      frame.log.error("a request failed", ["path": request.path, "reason": "\(error)"])
      return Problem(status: 500, title: "Internal error", detail: "this was logged; ask whoever runs Sevk").response
    }
  }

  private func route(_ request: HTTPRequest) async throws -> HTTPResponse {
    let (endpoint, id) = try Endpoint.find(request)
    guard let scope = endpoint.scope else { return .json(Self.description, status: 200) }
    let grant = try await authorizer.require(scope, request)
    var response: HTTPResponse
    do {
      // A batch's cost is known when it was read; till then a look tells whether reading it makes sense.
      if endpoint == .postBatch { try limiter.look(grant) } else { try limiter.take(1, grant) }
      response = try await answer(endpoint, id, request, grant)
    } catch let problem as Problem {
      response = problem.response
    }
    response.headers += limiter.headers(grant)
    return response
  }

  private func answer(
    _ endpoint: Endpoint, _ id: String, _ request: HTTPRequest, _ grant: TokenGrant
  ) async throws -> HTTPResponse {
    switch endpoint {
    case .postOrder: try await intake.postOne(request, grant)
    case .postBatch: try await intake.postBatch(request, grant)
    case .listOrders: try await OrderReads(frame: frame).list(request, grant)
    case .order: try await OrderReads(frame: frame).one(id, request, grant)
    case .timeline: try await OrderReads(frame: frame).timeline(id, grant)
    case .cancel: try await OrderReads(frame: frame).cancel(id, grant)
    case .description: .json(Self.description, status: 200)
    }
  }

  /// The API in OpenAPI 3.1.
  private static let description = PackageResources.openapi_json
}
