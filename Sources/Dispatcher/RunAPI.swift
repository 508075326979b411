import API
import CommandLine
import EventLoop
import HTTPServer
import OrderWork
import Orders
import Store
import Support
import Telemetry

/// Moves of many orders at once, for shops: drawn up from a filter, looked at, begun, watched, aborted, taken up again. A
/// tenant has its own orders and runs alone; each order is moved as a single decision would, or not at all.
@LoopActor
final class RunAPI {
  private static let runsShownMax = 50
  private static let pause = Duration.seconds(1)

  private let sources: SupportSources
  private let keeper: RunKeeper
  /// The tenants whose orders are being looked through.
  private var looking: Set<Int64> = []

  /// - Parameter schedule: for providers that set none of their own.
  init(_ sources: SupportSources, schedule: CheckSchedule, log: Log) {
    self.sources = sources
    keeper = RunKeeper(sources, schedule: schedule, log: log)
  }

  /// Leaves what is under way to another process, and waits for the order that is being moved.
  func stop() async { await keeper.stop() }

  func answer(
    _ endpoint: Endpoint, _ id: String, _ request: HTTPRequest, _ grant: TokenGrant
  ) async throws -> HTTPResponse {
    _ = try Query(request)
    switch endpoint {
    case .resolveMany: return try await draw(request, grant)
    case .listRuns:
      let all = try await keeper.runs.newest(limit: Self.runsShownMax, tenant: grant.tenantID)
      return .json(JSONText.object(["runs": JSONText.array(all.map { RunJSON.text($0) })]) + "\n", status: 200)
    case .startRun:
      let found = try await find(id, grant)
      return try await start(found, try RunStart(JSONValue.required(request.body)), grant, status: 202)
    case .resumeRun:
      let found = try await find(id, grant)
      guard try await keeper.takeUp(found, who: OrderDecisions.who(grant)) else {
        throw Self.refused("its process is still at it, or it was never begun, or it has ended")
      }
      return try await show(found.id, grant, status: 202)
    case .abortRun:
      let found = try await find(id, grant)
      guard try await keeper.abort(found, who: OrderDecisions.who(grant)) else {
        throw Self.refused("it has ended already")
      }
      return try await show(found.id, grant)
    default: return try await show(try await find(id, grant).id, grant)
    }
  }

  /// Writes down which orders fit. A dry run shows what would become of them and can be begun later, with just these; else
  /// it is begun at once.
  private func draw(_ request: HTTPRequest, _ grant: TokenGrant) async throws -> HTTPResponse {
    let wanted = try RunRequest(JSONValue.required(request.body))
    // A filter may look through all of a shop's orders: one at a time.
    guard looking.insert(grant.tenantID).inserted else {
      throw Problem.tooMany("another filter of yours is being looked through", Self.pause)
    }
    defer { looking.remove(grant.tenantID) }
    let drawn: Int64?
    do {
      let selection = try await OrderSelection(wanted.filter, sources, shop: grant.tenantID)
      drawn = try await keeper.many.draw(
        wanted.move, selection, who: OrderDecisions.who(grant, by: wanted.by), tenant: grant.tenantID)
    } catch let error as UsageError {
      throw RunRequest.invalid([.init(field: "filter", message: error.description)])
    }
    guard let id = drawn, let run = try await keeper.runs.run(id) else {
      return .json(RunJSON.none + "\n", status: 200)
    }
    if let start = wanted.start { return try await self.start(run, start, grant, status: 202) }
    let preview = try await keeper.many.preview(run, move: wanted.move)
    return .json(RunJSON.text(run, preview) + "\n", status: 200)
  }

  private func start(
    _ run: OrderRun, _ start: RunStart, _ grant: TokenGrant, status: Int
  ) async throws -> HTTPResponse {
    guard
      try await keeper.start(
        run, who: OrderDecisions.who(grant, by: start.by), person: OrderDecisions.who(grant), note: start.note)
    else { throw Self.refused("it was begun, aborted or dropped before") }
    return try await show(run.id, grant, status: status)
  }

  private func show(_ id: Int64, _ grant: TokenGrant, status: Int = 200) async throws -> HTTPResponse {
    let run = try await find("\(id)", grant)
    let refused = try await keeper.runs.items(of: id, .refused, limit: ManyOrders.ordersMax)
    let wanted = try await keeper.runs.items(of: id, .wanted, limit: ManyOrders.ordersMax)
    var response = HTTPResponse.json(RunJSON.text(run, refused: refused, wanted: wanted) + "\n", status: status)
    if status == 202 { response.headers.append(("Location", "/v1/runs/\(id)")) }
    return response
  }

  private func find(_ text: String, _ grant: TokenGrant) async throws -> OrderRun {
    guard let id = Int64(text), let run = try await keeper.runs.run(id), run.tenantID == grant.tenantID else {
      throw Problem(status: 404, title: "Not found", detail: "there is no run \(text)")
    }
    return run
  }

  private static func refused(_ why: String) -> Problem {
    Problem(status: 409, title: "Conflict", detail: "nothing was changed: \(why)", code: .runState)
  }
}
