import API
import Adapters
import CommandLine
import EventLoop
import HTTPServer
import OrderWork
import Orders
import ProviderGate
import Store
import Telemetry

/// `GET /v1/products`: what a shop may sell now, as an order of it would be judged and sent.
@LoopActor
final class ProductList {
  /// How long the usual times to delivery are kept: they are of a day.
  private static let timesAgeMax = Duration.seconds(60)

  private struct Times {
    let byProduct: [ExactText: DeliveryTimes]
    let readAt: ContinuousClock.Instant
  }

  private let tools: OrderTools
  private let gate: ProviderGate
  private var times: [Int64: Times] = [:]
  /// One reads for all of a tenant who ask meanwhile.
  private var reading: [Int64: SingleFlight<Void, any Error>] = [:]

  init(_ tools: OrderTools, gate: ProviderGate) {
    self.tools = tools
    self.gate = gate
  }

  func all(_ request: HTTPRequest, _ grant: TokenGrant) async throws -> HTTPResponse {
    _ = try Query(request)
    let times = try await times(of: grant.tenantID)
    var texts: [String] = []
    for route in try await tools.directory.firstRoutes(tenant: grant.tenantID) {
      if let text = try await text(route, times[ExactText(route.product)], grant) { texts.append(text) }
    }
    return .json(JSONText.object(["products": JSONText.array(texts)]) + "\n", status: 200)
  }

  /// - Returns: nil when this program can't use the route's provider, and so refuses orders of the product.
  private func text(_ route: Route, _ times: DeliveryTimes?, _ grant: TokenGrant) async throws -> String? {
    guard
      let destination = try await Destination.of(
        route, fields: [:], quantity: 1, in: tools.directory, tools.adapters)
    else { return nil }
    // In a sandbox it costs what it would cost in life.
    var seller = destination.provider
    if let real = route.standsFor, let known = try await tools.directory.provider(real) { seller = known }
    let cost = await gate.cost(at: seller, of: route)
    let isOpen = try await isOpen(route, at: destination.provider)
    var object = JSONObjectText()
    object.add("product", route.product)
    object.add("open", json: isOpen.map { "\($0)" } ?? "null")
    object.add("fields", json: JSONText.array(route.fieldNames.map { Self.text(field: $0, route) }))
    object.add("quantity_max", json: "\(min(destination.quantityMax, OrderRequest.quantityMax))")
    object.add("pin_required", json: "\(route.isPinRequired)")
    object.add("cost", cost?.description)
    object.add("cost_currency", cost == nil ? nil : seller.currency)
    if let times {
      object.add(
        "delivery",
        json: JSONText.object([
          "median_seconds": "\(times.median.secondsUp)", "p95_seconds": "\(times.p95.secondsUp)",
          "orders": "\(times.orders)",
        ]))
    }
    if grant.isSandbox { object.add("sandbox", json: "true") }
    return object.end()
  }

  /// Whether orders of a product go now: those of a provider that is shut may go on to another.
  private func isOpen(_ route: Route, at provider: Provider) async throws -> Bool? {
    let isOpen = await gate.isOpen(provider, for: route)
    guard isOpen == false, (route.terms.failoverAfter ?? provider.failoverAfter) != nil else { return isOpen }
    for other in try await tools.directory.routes(tenant: route.tenantID, product: route.product).dropFirst() {
      guard let provider = try await tools.directory.provider(other.providerID) else { continue }
      if await gate.isOpen(provider, for: other) == true { return true }
    }
    return false
  }

  /// Each field that the route needs; an order without one is refused.
  private static func text(field name: String, _ route: Route) -> String {
    let rule = route.fieldRules.first { $0.key.isExactly(name) }?.value
    var kind: String?
    var pattern: String?
    switch rule {
    case nil, .unknown: break
    case .digits: kind = "digits"
    case .trim: kind = "trim"
    case .pattern(let wanted): (kind, pattern) = ("pattern", wanted.text)
    }
    return JSONText.object([
      "name": JSONText.quote(name), "required": "true", "rule": kind.map(JSONText.quote),
      "pattern": pattern.map(JSONText.quote), "is_player": route.playerField.isExactly(name) ? "true" : nil,
    ])
  }

  private func times(of tenant: Int64) async throws -> [ExactText: DeliveryTimes] {
    if let known = times[tenant], ContinuousClock.now - known.readAt < Self.timesAgeMax { return known.byProduct }
    let flight = reading[tenant] ?? SingleFlight()
    reading[tenant] = flight
    try await flight.run {
      let read = try await self.tools.store.deliveryTimes(
        tenant: tenant, nowMilliseconds: Int64(Clock.unixMilliseconds()))
      self.times[tenant] = Times(byProduct: read, readAt: .now)
    }
    return times[tenant]?.byProduct ?? [:]
  }
}
