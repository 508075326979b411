import API
import CommandLine
import CustomerPage
import EventLoop
import Events
import HTTPServer
import Postgres
import Process
import Redis
import Store
import Telemetry
import WebSocket

/// The HTTP side of the gateway: opens streams, and says clearly why one is not opened.
@LoopActor
final class GatewayService: ProcessService {
  private nonisolated static let streamPath = "/v1/events/stream"
  private nonisolated static let socketPath = "/v1/events/ws"
  /// All that is answered beside metrics and health, by GET; `openapi.json` describes exactly these.
  nonisolated static let paths = [streamPath, socketPath]
  /// Either is enough.
  nonisolated static let scopes = [EventReach.orderScope, EventReach.operatorScope]
  private static let methods = "GET, HEAD, OPTIONS"
  /// Beside the streams: so many connections may ask, and be told that there are too many.
  private static let connectionsBeside = 1_000
  /// Files and sockets beside connections.
  private static let filesBeside = 200
  private nonisolated static let bodyBytesMax = 4096
  /// Longest wait for the feed to know where it is.
  private static let feedMax = Duration.seconds(2)

  let name = "gateway"
  private let log: Log
  private let metrics: Metrics
  private let health: HealthEndpoints
  private let authorizer: Authorizer
  private let tickets: Tickets
  private let hub: StreamHub
  private let feed: EventFeed
  private let outbox: Outbox
  private let hooks: ProviderHooks?
  private let telegram: TelegramHooks?
  private let pages: OrderPages?
  private let address: (host: String, port: Int)
  private let publicURL: String
  private let isOutageTold: @LoopActor @Sendable () -> Bool
  private var server: HTTPServer?

  /// - Parameters:
  ///   - hooks: nil in a process without the secret key, which can verify no provider; so is `telegram`.
  ///   - pages: of orders; nil in a process without the secret key, which can tell no link from another.
  ///   - isOutageTold: whether the log says already that the database fails.
  init(
    _ store: Store, _ directory: Directory, redis: RedisClient, health: HealthEndpoints, hub: StreamHub,
    feed: EventFeed,
    outbox: Outbox, hooks: ProviderHooks? = nil, telegram: TelegramHooks? = nil, pages: OrderPages? = nil,
    address: (host: String, port: Int),
    publicURL: String,
    isOutageTold: @escaping @LoopActor @Sendable () -> Bool = { false }, _ instruments: Instruments
  ) {
    (log, metrics) = (instruments.log, instruments.metrics)
    self.health = health
    self.hub = hub
    self.feed = feed
    self.outbox = outbox
    self.hooks = hooks
    self.telegram = telegram
    self.pages = pages
    self.address = address
    self.publicURL = publicURL
    self.isOutageTold = isOutageTold
    authorizer = Authorizer(store: store, directory: directory, instruments)
    tickets = Tickets(redis: redis)
    metrics.describe("sevk_gateway_requests_total", "counter", "Requests to the gateway, by status")
  }

  /// The port it listens on.
  var port: Int { server?.port ?? address.port }

  func start() async throws {
    let connectionsMax =
      hub.limits.streamsMax + Self.connectionsBeside + (pages == nil ? 0 : OrderPages.socketsMax)
    let files = FileLimit.raise(to: connectionsMax + Self.filesBeside)
    if files < connectionsMax + Self.filesBeside {
      log.warning(
        "this process may not open enough files for all streams",
        ["files": "\(files)", "streams": "\(hub.limits.streamsMax)", "do": "raise LimitNOFILE of its unit"])
    }
    var limits = HTTPServerLimits()
    limits.connectionsMax = connectionsMax
    limits.bodyBytesMax = { _, path in
      if path.hasPrefix(ProviderHooks.prefix) { return ProviderHooks.bodyBytesMax }
      if path.hasPrefix(TelegramHooks.prefix) { return TelegramHooks.bodyBytesMax }
      return path.hasPrefix(OrderPages.prefix) ? OrderPages.bodyBytesMax : Self.bodyBytesMax
    }
    let server = HTTPServer(host: address.host, port: address.port, limits: limits, identifies: true) {
      await self.answer($0)
    }
    do { try server.start() } catch { throw StartError("\(error); check \(Setting.gatewayAddress.variable)") }
    self.server = server
    hub.start()
    log.info("serving live events", ["address": "\(address.host):\(server.port)", "public": publicURL])
    if pages == nil {
      log.info(
        "serving no pages of orders: this gateway has no secret key", ["path": OrderPages.prefix, "status": "404"])
    }
  }

  func stop() async {
    await pages?.stop()
    await hub.stop()
    await server?.stop(grace: .seconds(2))
    await feed.stop()
  }

  private func answer(_ request: HTTPRequest) async -> HTTPResponse {
    if let healthy = await health.answer(request) { return healthy }
    var answer: HTTPResponse
    let note = RequestNote()
    if request.path.hasPrefix(OrderPages.prefix) {
      answer = await page(request)
    } else {
      do { answer = try await route(request, note) } catch { answer = problem(of: error, request).response }
      // A page of another origin may read the stream: whoever has the token or the ticket may.
      answer.headers += [("Cache-Control", "no-store"), ("Access-Control-Allow-Origin", "*")]
    }
    metrics.add("sevk_gateway_requests_total", ["status": "\(answer.status)"])
    note.tell(log, request, path: Self.shownPath(request), answer)
    return answer
  }

  /// Without what anybody may have put where no name belongs.
  private static func shownPath(_ request: HTTPRequest) -> String {
    if request.path.hasPrefix(ProviderHooks.prefix) { return "\(ProviderHooks.prefix){name}" }
    if request.path.hasPrefix(TelegramHooks.prefix) { return "\(TelegramHooks.prefix){name}" }
    // The whole of it is what a customer alone has.
    if request.path.hasPrefix(OrderPages.prefix) { return OrderPages.shownPath }
    return paths.contains(request.path) ? request.path : "(none of the gateway)"
  }

  private func problem(of error: any Error, _ request: HTTPRequest) -> Problem {
    if let problem = error as? Problem { return problem }
    if !isOutageTold() || !((error as? PostgresError)?.isTransient ?? false) {
      log.error(
        "a request failed", ["path": Self.shownPath(request), "request": request.id, "reason": "\(error)"])
    }
    if (error as? PostgresError)?.isTransient ?? false { return .unavailable("the database does not answer") }
    if case StoreError.conflict? = error as? StoreError { return .unavailable("the order has just moved on") }
    if error is RedisError { return .unavailable("Redis, which keeps tickets, does not answer") }
    return Problem(
      status: 500, title: "Internal error", detail: "this was logged; ask whoever runs Sevk for request \(request.id)"
    )
  }

  private func page(_ request: HTTPRequest) async -> HTTPResponse {
    do {
      guard let pages else {
        throw Problem(
          status: 404, title: "Not found",
          detail: "this gateway serves no pages of orders: it has no secret key, without which no link can be verified")
      }
      return try await pages.answer(request)
    } catch {
      return OrderPages.refusal(problem(of: error, request), request, publicURL: publicURL)
    }
  }

  private func route(_ request: HTTPRequest, _ note: RequestNote) async throws -> HTTPResponse {
    if request.path.hasPrefix(ProviderHooks.prefix) {
      guard let hooks else {
        throw Problem.unavailable("this gateway has no secret key, without which no notice can be verified")
      }
      return try await hooks.answer(request)
    }
    if request.path.hasPrefix(TelegramHooks.prefix) {
      guard let telegram else {
        throw Problem.unavailable("this gateway has no secret key, without which no post can be verified")
      }
      return try await telegram.answer(request)
    }
    guard Self.paths.contains(request.path) else {
      throw Problem(status: 404, title: "Not found", detail: "there is no \(request.path)")
    }
    switch request.method {
    case "GET": break
    case "HEAD" where request.path == Self.streamPath: break
    case "OPTIONS":
      return HTTPResponse(
        status: 204,
        headers: [
          ("Allow", Self.methods), ("Access-Control-Allow-Methods", Self.methods),
          ("Access-Control-Allow-Headers", "Authorization, Last-Event-ID"),
        ])
    default:
      throw Problem(
        status: 405, title: "Method not allowed", detail: "\(request.method) is not possible here; use GET",
        headers: [("Allow", Self.methods)])
    }
    return request.path == Self.socketPath ? try await openSocket(request, note) : try await openStream(request, note)
  }

  private func openStream(_ request: HTTPRequest, _ note: RequestNote) async throws -> HTTPResponse {
    let wanted = try await read(request, note)
    return HTTPResponse(
      status: 200, headers: [("Content-Type", "text/event-stream"), ("X-Accel-Buffering", "no")],
      body: .handover { [hub] in hub.open(wanted, ServerSentChannel($0), kind: "sse") })
  }

  private func openSocket(_ request: HTTPRequest, _ note: RequestNote) async throws -> HTTPResponse {
    do {
      // Before a ticket is used up.
      try WebSocketHandshake.check(request, WebSocketChannel.subprotocol)
    } catch { throw Self.problem(error) }
    let wanted = try await read(request, note)
    do {
      return try WebSocketHandshake.answer(request, subprotocol: WebSocketChannel.subprotocol) { [hub] connection in
        guard let socket = WebSocket(connection) else { return }
        hub.open(wanted, WebSocketChannel(socket), kind: "websocket")
      }
    } catch { throw Self.problem(error) }
  }

  private static func problem(_ refusal: WebSocketHandshake.Refusal) -> Problem {
    func problem(_ status: Int, _ title: String, _ detail: String) -> Problem {
      Problem(status: status, title: title, detail: detail, headers: refusal.headers)
    }
    switch refusal {
    case .noUpgrade: return problem(426, "Upgrade required", "this address takes WebSocket connections only")
    case .wrongVersion: return problem(426, "Upgrade required", "the header Sec-WebSocket-Version must be 13")
    case .wrongProtocol:
      return problem(400, "Bad request", "the subprotocol that is spoken here is \(WebSocketChannel.subprotocol)")
    case .malformed(let detail): return problem(400, "Bad request", detail)
    }
  }

  /// Who asks, for what, from where on.
  private func read(_ request: HTTPRequest, _ note: RequestNote) async throws -> StreamRequest {
    let query = try Query(request, once: ["after", "ticket"], repeated: ["types"])
    let wanted = try EventQuery(query)
    var after = wanted.after
    // A browser that connects again sends the same address, and says in this how far it is.
    if let text = request.header("Last-Event-ID"), !text.isEmpty {
      guard let position = EventQuery.position(text) else {
        throw Problem.invalidQuery([.init(field: "Last-Event-ID", message: "must be the id of an event")])
      }
      after = position
    }
    if hub.isFull {
      var problem = Problem(
        status: 503, title: "Too many connections",
        detail:
          "this gateway has \(hub.limits.streamsMax) streams open, which is all it takes; try another, or again later",
        code: .tooManyConnections)
      problem.retryAfterSeconds = 5
      throw problem
    }
    let (grant, hash) = try await authorize(request, ticket: query.one("ticket"))
    note.grant = grant
    let reach = try wanted.reach(scopes: grant.scopes)
    if let reason = hub.refusal(grant, tokenHash: hash) {
      var problem = Problem(
        status: 429, title: "Too many streams", detail: "\(reason); close some, or ask the operator for more",
        code: .tooManyConnections)
      problem.retryAfterSeconds = 5
      throw problem
    }
    if let after {
      let page = try await outbox.list(
        tenant: grant.tenantID, after: after, types: wanted.types, of: reach, limit: 1)
      if let problem = EventQuery.problem(after: after, page) { throw problem }
      return StreamRequest(grant: grant, tokenHash: hash, query: wanted, reach: reach, after: after)
    }
    // From now on.
    _ = await feed.isReading(within: Self.feedMax)
    let now = if let position = feed.position { position } else { try await outbox.last() }
    return StreamRequest(grant: grant, tokenHash: hash, query: wanted, reach: reach, after: now)
  }

  private func authorize(_ request: HTTPRequest, ticket: String?) async throws -> (TokenGrant, [UInt8]) {
    guard let ticket, request.header("Authorization") == nil else {
      return (
        try await authorizer.require(EventReach.orderScope, or: EventReach.operatorScope, request),
        try authorizer.tokenHash(request)
      )
    }
    let hash = try await tickets.redeem(ticket)
    return (
      try await authorizer.require(
        EventReach.orderScope, or: EventReach.operatorScope, ticket: hash, request), hash ?? []
    )
  }
}
