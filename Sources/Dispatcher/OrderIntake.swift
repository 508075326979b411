import API
import CommandLine
import CrashPoints
import EventLoop
import HTTPServer
import Jobs
import Kinds
import OrderWork
import Orders
import Postgres
import Store
import Telemetry

/// Takes orders in: judges them, records them, and lets the senders know.
@LoopActor
final class OrderIntake {
  /// Members and elements of a single order; one of the most fields has some 60.
  private static let orderValuesMax = 1000

  private let tools: OrderTools
  private var store: Store { tools.store }
  private var directory: Directory { tools.directory }
  private var metrics: Metrics { tools.instruments.metrics }
  private let gate: IntakeGate
  private let limiter: RateLimiter
  private let pages: PageLinks
  private var random = SystemRandomNumberGenerator()

  init(_ tools: OrderTools, gate: IntakeGate, limiter: RateLimiter, pages: PageLinks) {
    self.tools = tools
    self.gate = gate
    self.limiter = limiter
    self.pages = pages
    metrics.describe("sevk_orders_received_total", "counter", "Orders that came in, by what became of them")
  }

  func postOne(_ request: HTTPRequest, _ grant: TokenGrant) async throws -> HTTPResponse {
    let key = try IdempotencyKey.of(request)
    let order = try OrderRequest(Self.json(request), inBatch: false)
    let chain = try Self.chain(request)
    let (status, json) = try await gate.waiting(1) {
      try await take(order, key: key, grant, chain, caller: CallerTrace(request), route: "/v1/orders")
    }
    return .json(json + "\n", status: status)
  }

  /// Each order is answered on its own: a wrong one does not stop the others.
  func postBatch(_ request: HTTPRequest, _ grant: TokenGrant) async throws -> HTTPResponse {
    let items = try await BatchBody.read(request.body)
    try limiter.take(items.count, grant)
    let caller = CallerTrace(request)
    let chain = try Self.chain(request)
    let results = try await gate.waiting(items.count) { await takeAll(items, grant, chain, caller, request) }
    return .json(JSONText.object(["results": JSONText.array(results)]) + "\n", status: 200)
  }

  private func takeAll(
    _ items: [BatchBody.Item], _ grant: TokenGrant, _ chain: OrderChain, _ caller: CallerTrace, _ request: HTTPRequest
  ) async -> [String] {
    await withTaskGroup(of: (Int, String).self) { group in
      var turn = BatchTurn()
      for (index, item) in items.enumerated() {
        await turn.take(item.bytes)
        group.addTask { (index, await self.takeOfBatch(item, grant, chain, caller, request)) }
      }
      var results = [String](repeating: "", count: items.count)
      for await (index, result) in group { results[index] = result }
      return results
    }
  }

  private func takeOfBatch(
    _ item: BatchBody.Item, _ grant: TokenGrant, _ chain: OrderChain, _ caller: CallerTrace, _ request: HTTPRequest
  ) async -> String {
    do {
      let order = try OrderRequest(item.json.get(), inBatch: true)
      guard let key = order.idempotencyKey else { preconditionFailure("an order of a batch has no key") }
      let (status, json) = try await take(
        order, key: key, grant, chain, caller: caller, route: "/v1/orders:batch")
      return JSONText.object(["status": "\(status)", "order": json])
    } catch let problem as Problem {
      return JSONText.object(["status": "\(problem.status)", "problem": problem.json])
    } catch {
      tools.instruments.log.error(
        "an order of a batch could not be recorded",
        [
          "request": request.id, "tenant": grant.tenant, "trace": caller.context?.traceID.description,
          "reason": "\(error)",
        ])
      // What the database will never take must not be sent again for ever.
      let isTemporary = (error as? PostgresError)?.isTransient ?? (error is StoreError)
      let problem =
        isTemporary
        ? Problem.unavailable("the order could not be recorded")
        : Problem(
          status: 500, title: "Internal error",
          detail: "this was logged; ask whoever runs Sevk for request \(request.id)")
      return JSONText.object(["status": "\(problem.status)", "problem": problem.json])
    }
  }

  /// Takes one order in its trace; the answer's status and body.
  private func take(
    _ request: OrderRequest, key: IdempotencyKey, _ grant: TokenGrant, _ chain: OrderChain, caller: CallerTrace,
    route: String
  ) async throws -> (Int, String) {
    let id = OrderID(milliseconds: Clock.unixMilliseconds(), using: &random)
    guard let tracer = tools.instruments.tracer else {
      return try await take(id, request, key: key, grant, chain, trace: caller.kept(with: id))
    }
    let span = tracer.beginIntake(of: id, after: caller.context, route: route)
    do {
      let (status, json) = try await take(id, request, key: key, grant, chain, trace: span.context.description)
      tracer.end(span, order: status == 201 ? id : nil, status: status)
      return (status, json)
    } catch {
      tracer.end(span, order: nil, status: (error as? Problem)?.status ?? 503)
      throw error
    }
  }

  /// Records one order; the answer's status and body.
  private func take(
    _ id: OrderID, _ request: OrderRequest, key: IdempotencyKey, _ grant: TokenGrant, _ chain: OrderChain,
    trace: String?
  ) async throws -> (Int, String) {
    var order = NewOrder(
      id: id, tenantID: grant.tenantID,
      product: request.product, fields: request.fields, shopReference: request.shopReference,
      priority: request.priority,
      quantity: request.quantity, idempotencyKey: key.text, requestHash: request.hash, trace: trace)
    order.metadata = request.metadata
    order.chain = chain
    switch try await record(&order, request, key, grant) {
    case .created(var order):
      order.metadata = request.metadata
      CrashPoint.reach(.intakeRecorded)
      metrics.add("sevk_orders_received_total", ["result": "created"])
      tools.recent.keep(order)
      announce(order)
      return (
        201, OrderJSON.text(order, pageURL: pages.url(of: order.id, for: grant), isSandbox: grant.isSandbox)
      )
    case .repeated(let id):
      metrics.add("sevk_orders_received_total", ["result": "repeated"])
      guard let existing = try await store.order(id) else {
        throw Problem.unavailable("the order could not be read")
      }
      // The first time it may have been recorded without being announced: its COMMIT's answer was lost, or the process.
      if existing.status == .pending { announce(existing) }
      return (
        200,
        OrderJSON.text(
          existing, currency: try await directory.currency(of: existing),
          pageURL: pages.url(of: existing.id, for: grant), isSandbox: grant.isSandbox)
      )
    case .keyReused(let id):
      metrics.add("sevk_orders_received_total", ["result": "key_reused"])
      throw Problem(
        status: 409, title: "Conflict",
        detail: "the Idempotency-Key was used for another request (order \(id)); a new order needs a new key")
    }
  }

  private func record(
    _ order: inout NewOrder, _ request: OrderRequest, _ key: IdempotencyKey, _ grant: TokenGrant
  ) async throws -> Intake {
    if let existing = try await recordedAsWritten(order, key) { return existing }
    do {
      try await refuseLoop(order.chain, grant)
      let (fields, player) = try await sendable(request, grant)
      order.fields = fields
      order.player = player
    } catch let problem as Problem {
      // An order that was taken stays taken, though its route may be gone by now.
      guard let existing = try await store.existing(order) else { throw problem }
      return existing
    }
    CrashPoint.reach(.intakeJudged)
    return try await store.add(order)
  }

  /// An order that leads back to its shop would be bought again and again: see ``OrderChain`` for why this ends it.
  private func refuseLoop(_ chain: OrderChain, _ grant: TokenGrant) async throws {
    func refuse(_ detail: String) -> Problem {
      Problem(status: 422, title: "The order goes in a circle", detail: detail, code: .orderLoop)
    }
    if let own = try await store.order(of: grant.tenantID, among: chain) {
      throw refuse("the order was passed on from order \(own) of this same shop; it is not taken again")
    }
    if chain.isFull {
      throw refuse(
        "the order went through \(chain.ids.count) hands (\(OrderChain.header)); \(OrderChain.lengthMax), the last included,"
          + " are the most")
    }
  }

  private static func chain(_ request: HTTPRequest) throws -> OrderChain {
    do throws(OrderChain.Mistake) { return try OrderChain(headers: request.headers(OrderChain.header)) } catch {
      throw Problem.invalid([.init(field: OrderChain.header, message: error.description)])
    }
  }

  /// The order that has the key as it was written: one from before its blanks and quotes were dropped. Hardly any key is
  /// written so.
  private func recordedAsWritten(_ order: NewOrder, _ key: IdempotencyKey) async throws -> Intake? {
    guard let written = key.written else { return nil }
    var older = order
    older.idempotencyKey = written
    return try await store.existing(older)
  }

  /// The order's fields as they can be sent, and whom it is for where the route names a field of its own. Refuses what never could be, while the upstream service still listens.
  private func sendable(_ request: OrderRequest, _ grant: TokenGrant) async throws -> (
    fields: [String: String], player: String?
  ) {
    guard let route = try await directory.routes(tenant: grant.tenantID, product: request.product).first else {
      throw Problem.invalid([.init(field: "product", message: "there is no route for \"\(request.product)\"")])
    }
    guard
      let destination = try await Destination.of(
        route, fields: request.fields, quantity: request.quantity, in: directory, tools.adapters)
    else { throw Problem.unavailable("the provider of the product can't be used at the moment") }
    let errors = Self.errors(destination.mistakes)
    guard errors.isEmpty else { throw Problem.invalid(errors) }
    let isUsual = route.playerField.isExactly(Route.playerFieldUsual)
    return (destination.fields, isUsual ? nil : destination.fields[route.playerField])
  }

  private static func errors(_ mistakes: [Destination.Mistake]) -> [Problem.FieldError] {
    let isFieldWrong = mistakes.contains { if case .field = $0 { true } else { false } }
    return mistakes.flatMap { mistake -> [Problem.FieldError] in
      switch mistake {
      case .quantity(let max):
        let limit = max == 1 ? "1; post one order for each unit" : "at most \(max)"
        return [
          .init(
            field: "quantity",
            message: "the provider of this product takes \(max) at a time, so it must be \(limit)")
        ]
      case .field(let name, let message): return [.init(field: "fields.\(name)", message: message)]
      // What the provider thinks of half-filled parameters helps nobody.
      case .parameter where isFieldWrong: return []
      case .parameter(let problem, let fields):
        // A parameter that no field goes into is the route's mistake.
        return (fields.isEmpty ? ["product"] : fields.map { "fields.\($0)" })
          .map { .init(field: $0, message: "\(problem)") }
      }
    }
  }

  /// Not awaited: the order is durable.
  private func announce(_ order: Order) {
    let job = OrderJob.make(
      .send, order.id, order.priority, flow: directory.flow(order), trace: order.trace,
      now: Int64(Clock.unixMilliseconds())
    )
    let planner = tools.planner
    Task(executorPreference: EventLoop.shared) {
      await planner.plan(job)
      CrashPoint.reach(.intakeAnnounced)
    }
  }

  private static func json(_ request: HTTPRequest) throws -> WrittenOrder {
    switch JSONScan.excess(in: request.body, valuesMax: orderValuesMax) {
    case nil: break
    case .tooDeep?: throw Problem.tooDeep
    default: throw Problem.tooMuch(valuesMax: orderValuesMax)
    }
    return try WrittenOrder(request.body)
  }
}

extension HTTPResponse {
  static func json(_ text: String, status: Int) -> HTTPResponse {
    HTTPResponse(status: status, headers: [("Content-Type", "application/json")], body: Array(text.utf8))
  }
}
