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
  private let gate = IntakeGate()
  private let intake: Intaker
  private var server: HTTPServer?
  private let address: (host: String, port: Int)

  init(frame: ProcessFrame) throws(UsageError) {
    self.frame = frame
    health = HealthEndpoints(frame: frame)
    authorizer = Authorizer(directory: frame.directory)
    intake = Intaker(frame: frame, gate: gate)
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
    try server.start()
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
    let parts = request.path.split(separator: "/", omittingEmptySubsequences: true).map(String.init)
    switch (request.method, parts.count) {
    case ("POST", 2) where request.path == "/v1/orders":
      let grant = try await authorizer.require("orders:write", request)
      return try await intake.postOne(request, grant)
    case ("POST", 2) where request.path == "/v1/orders:batch":
      let grant = try await authorizer.require("orders:write", request)
      return try await intake.postBatch(request, grant)
    case ("GET", 2) where request.path == "/v1/orders":
      let grant = try await authorizer.require("orders:read", request)
      return try await OrderReads(frame: frame).list(request, grant)
    case ("GET", 3) where parts[0] == "v1" && parts[1] == "orders":
      let grant = try await authorizer.require("orders:read", request)
      return try await OrderReads(frame: frame).one(parts[2], request, grant)
    case ("GET", 4) where parts[0] == "v1" && parts[1] == "orders" && parts[3] == "timeline":
      let grant = try await authorizer.require("orders:read", request)
      return try await OrderReads(frame: frame).timeline(parts[2], grant)
    case ("POST", 4) where parts[0] == "v1" && parts[1] == "orders" && parts[3] == "cancel":
      let grant = try await authorizer.require("orders:write", request)
      return try await OrderReads(frame: frame).cancel(parts[2], grant)
    default:
      let isKnown =
        ["/v1/orders", "/v1/orders:batch"].contains(request.path)
        || (parts.starts(with: ["v1", "orders"])
          && (parts.count == 3 || (parts.count == 4 && ["timeline", "cancel"].contains(parts[3]))))
      throw isKnown
        ? Problem(status: 405, title: "Method not allowed", detail: "\(request.method) is not possible here")
        : Problem(status: 404, title: "Not found", detail: "there is no \(request.path)")
    }
  }
}
