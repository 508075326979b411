import API
import CommandLine
import EventLoop
import Events
import HTTPClient
import HTTPServer
import OrderWork
import Orders
import Postgres
import ProviderGate
import Process
import Redis
import Store
import Support
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
  private let database: DatabaseWatch
  private let authorizer: Authorizer
  private let limiter: RateLimiter
  private let gate = IntakeGate()
  private let outbox: Outbox
  private let feed: EventFeed
  private let wait: OrderWait
  private let tickets: Tickets
  private let intake: OrderIntake
  private let digests: OrderDigests
  private let products: ProductList
  private let decisions: OrderDecisions
  private let runs: RunAPI
  private let pages: PageLinks
  private let endpoints: EndpointAPI
  private var server: HTTPServer?
  private let address: (host: String, port: Int)

  /// - Parameters:
  ///   - database: says once that it fails.
  ///   - providers: says which of them take orders.
  ///   - rate: requests a second of a token that has no rate of its own; nil: no limit.
  ///   - receivers: where events may be posted to.
  ///   - pages: links to the pages of orders.
  init(
    _ tools: OrderTools, _ sources: SupportSources, database: DatabaseWatch, providers: ProviderGate,
    health: HealthEndpoints,
    redis: RedisClient, address: (host: String, port: Int), rate: Int?, receivers: AddressRule,
    pages: PageLinks
  ) {
    (store, directory) = (tools.store, tools.directory)
    (log, metrics) = (tools.instruments.log, tools.instruments.metrics)
    self.health = health
    self.database = database
    self.address = address
    authorizer = Authorizer(store: store, directory: directory, tools.instruments)
    limiter = RateLimiter(usual: rate, tools.instruments)
    outbox = Outbox(pool: tools.store.pool)
    feed = EventFeed(redis: redis.url, outbox: outbox, tools.instruments)
    wait = OrderWait(feed: feed, metrics)
    tickets = Tickets(redis: redis)
    endpoints = EndpointAPI(store: store, planner: tools.planner, addresses: receivers)
    self.pages = pages
    intake = OrderIntake(tools, gate: gate, limiter: limiter, pages: pages)
    digests = OrderDigests(store)
    products = ProductList(tools, gate: providers)
    decisions = OrderDecisions(
      sources: sources, schedule: tools.schedule, metrics: metrics,
      fulfilments: Fulfilments(
        store: tools.store, directory: tools.directory, broker: sources.broker, schedule: tools.schedule,
        tools.instruments), pages: pages)
    runs = RunAPI(sources, schedule: tools.schedule, log: log)
    OrderDecisions.describe(metrics)
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

  func stop() async {
    wait.stop()
    await server?.stop(grace: .seconds(10))
    await runs.stop()
    await feed.stop()
  }

  /// Decides by the head alone whether a body that is still to come is read: without a token that may post it, none is.
  private func admit(_ request: HTTPRequest) async -> Admission {
    let begun = ContinuousClock.now
    let note = RequestNote()
    let admission: Admission = await gate.limit {
      await self.decide(request, note)
    } instead: {
      .refused($0)
    }
    if case .refused(let response) = admission {
      count(response, begun)
      note.tell(log, request, path: Endpoint.shownPath(request), response)
    }
    return admission
  }

  private func decide(_ request: HTTPRequest, _ note: RequestNote) async -> Admission {
    do {
      return .admitted(share: try await share(request, note))
    } catch {
      return .refused(response(to: error, request, note.grant?.tenant))
    }
  }

  /// Whose part of the memory for bodies a request takes.
  private func share(_ request: HTTPRequest, _ note: RequestNote) async throws -> String {
    guard !health.isFor(request) else { return "" }
    let (endpoint, _) = try Endpoint.find(request)
    guard let scope = endpoint.scope else { return "" }
    let grant = try await authorizer.require(scope, or: endpoint.otherScope, request)
    note.grant = grant
    try limiter.look(grant)
    return grant.tenant
  }

  private func answer(_ request: HTTPRequest) async -> HTTPResponse {
    let begun = ContinuousClock.now
    if let healthy = await health.answer(request) { return healthy }
    let note = RequestNote()
    let answer: HTTPResponse
    if let (id, wish) = waiting(request) {
      answer = await wait.answer(request, id, wish) { await self.answer(request, seen: $0, note) }
      // How long it took says nothing.
      count(answer, nil)
    } else {
      answer = await self.answer(request, seen: nil, note)
      count(answer, begun)
    }
    note.tell(log, request, path: Endpoint.shownPath(request), answer)
    return answer
  }

  private func answer(_ request: HTTPRequest, seen: OrderWait.Seen?, _ note: RequestNote) async -> HTTPResponse {
    await gate.limit {
      await self.answerOrder(request, seen, note)
    } instead: {
      $0
    }
  }

  /// For which order a request waits, and how; nil for all others, and for those that are refused anyhow.
  private func waiting(_ request: HTTPRequest) -> (order: String, OrderWait.Wish)? {
    guard request.parameters.contains(where: { $0.name == "wait" }),
      let (endpoint, id) = try? Endpoint.find(request), endpoint == .order, let order = OrderID(id)
    else { return nil }
    let query = request.query
    guard let wish = try? OrderWait.wish({ query[$0] }) else { return nil }
    return (order.description, wish)
  }

  private func count(_ answer: HTTPResponse, _ begun: ContinuousClock.Instant?) {
    metrics.add("sevk_http_requests_total", ["status": "\(answer.status)"])
    if let begun { metrics.observe("sevk_http_request_duration_seconds", [:], ContinuousClock.now - begun) }
  }

  private func answerOrder(
    _ request: HTTPRequest, _ seen: OrderWait.Seen?, _ note: RequestNote
  ) async -> HTTPResponse {
    do {
      return try await route(request, note, seen)
    } catch {
      return response(to: error, request, note.grant?.tenant)
    }
  }

  /// The answer to what went wrong; what is ours to mend is logged.
  private func response(to error: any Error, _ request: HTTPRequest, _ tenant: String?) -> HTTPResponse {
    if let problem = error as? Problem { return problem.response }
    let isTransient = (error as? PostgresError)?.isTransient ?? false
    // Of an outage one line is enough; how many requests failed, the metrics say, and the line at its end.
    let fields: KeyValuePairs<String, String?> = [
      "method": request.method, "path": request.path, "request": request.id, "tenant": tenant,
      "trace": CallerTrace(request).context?.traceID.description, "reason": "\(error)",
    ]
    if isTransient, database.isTold {
      log.debug("the database failed a request", fields)
    } else {
      log.error(isTransient ? "the database failed a request" : "a request failed", fields)
    }
    if isTransient { return Problem.unavailable("the database does not answer").response }
    return Problem(
      status: 500, title: "Internal error", detail: "this was logged; ask whoever runs Sevk for request \(request.id)"
    ).response
  }

  private func route(
    _ request: HTTPRequest, _ note: RequestNote, _ seen: OrderWait.Seen?
  ) async throws -> HTTPResponse {
    if request.method == "OPTIONS", let methods = Endpoint.methods(of: request.path) {
      return HTTPResponse(status: 204, headers: [("Allow", methods.joined(separator: ", "))])
    }
    let (endpoint, id) = try Endpoint.find(request)
    guard let scope = endpoint.scope else {
      _ = try Query(request)
      return .json(Self.description, status: 200)
    }
    let grant = try await authorizer.require(scope, or: endpoint.otherScope, request)
    note.grant = grant
    var response: HTTPResponse
    do {
      // A batch's cost is known when it was read; till then a look tells whether reading it makes sense.
      if endpoint == .postBatch {
        try limiter.look(grant)
      } else if seen?.looks ?? 0 == 0 {
        try limiter.take(1, grant)
      }
      response = try await answer(endpoint, id, request, grant, seen)
    } catch let problem as Problem {
      response = problem.response
    }
    // Orders are their shop's alone, and a PIN is money: no cache between us may keep them.
    response.headers += limiter.headers(grant) + [("Cache-Control", "no-store")]
    return response
  }

  private func answer(
    _ endpoint: Endpoint, _ id: String, _ request: HTTPRequest, _ grant: TokenGrant, _ seen: OrderWait.Seen?
  ) async throws -> HTTPResponse {
    switch endpoint {
    case .postOrder:
      _ = try Query(request)
      return try await intake.postOne(request, grant)
    case .postBatch:
      _ = try Query(request)
      return try await intake.postBatch(request, grant)
    case .listOrders: return try await OrderList(store: store, directory: directory, pages: pages).page(request, grant)
    case .digest: return try await digests.day(request, grant)
    case .order:
      return try await OrderReads(store: store, directory: directory, pages: pages, seen: seen).one(id, request, grant)
    case .timeline:
      return try await OrderReads(store: store, directory: directory, pages: pages).timeline(id, request, grant)
    case .cancel:
      if let answer = try await decisions.cancel(id, request, grant) { return answer }
      return try await OrderReads(store: store, directory: directory, pages: pages).cancel(id, request, grant)
    case .products: return try await products.all(request, grant)
    case .refundClaim: return try await decisions.claim(id, request, grant)
    case .ask: return try await decisions.ask(id, request, grant)
    case .moves: return try await decisions.moves(id, request, grant)
    case .resolve: return try await decisions.resolve(id, request, grant)
    case .resolveMany, .listRuns, .run, .startRun, .resumeRun, .abortRun:
      return try await runs.answer(endpoint, id, request, grant)
    case .listEvents: return try await EventList(outbox: outbox).page(request, grant)
    case .postTicket: return try await ticket(request)
    case .description: return .json(Self.description, status: 200)
    default: return try await endpoints.answer(endpoint, id, request, grant)
    }
  }

  private func ticket(_ request: HTTPRequest) async throws -> HTTPResponse {
    _ = try Query(request)
    do {
      let ticket = try await tickets.make(tokenHash: authorizer.tokenHash(request))
      return .json(
        JSONText.object(["ticket": JSONText.quote(ticket), "expires_in": "\(Tickets.secondsMax)"]) + "\n", status: 201)
    } catch is RedisError {
      throw Problem.unavailable("Redis, which keeps tickets, does not answer")
    }
  }

  /// The API in OpenAPI 3.1.
  private static let description = PackageResources.openapi_json
}
