public import EventLoop
public import Orders
public import Store

/// Finds the route that an order takes, by today's routes and how its sends went so far. See ``RouteChoice``.
@LoopActor
public struct RouteFinder {
  /// A route, and what else there is.
  public struct Found {
    public let route: Route
    /// Another provider could take the order.
    public let hasOther: Bool
    /// How many sends of the order provably never left.
    public let notSentBefore: Int
  }

  private let store: Store
  private let directory: Directory

  public init(store: Store, directory: Directory) {
    self.store = store
    self.directory = directory
  }

  /// The route of an order that is at no provider; nil when none is left.
  public func next(for order: Order) async throws -> Found? {
    let routes = try await directory.routes(tenant: order.tenantID, product: order.product)
    guard order.sends > 0 || routes.count > 1 else {
      return routes.first.map { Found(route: $0, hasOther: false, notSentBefore: 0) }
    }
    let candidates = try await candidates(for: order, routes)
    guard let index = RouteChoice.next(among: candidates) else { return nil }
    let hasOther = candidates.indices.contains { $0 != index && candidates[$0].refusals == 0 }
    return Found(
      route: routes[index], hasOther: hasOther, notSentBefore: candidates.reduce(0) { $0 + $1.sendsNotSent })
  }

  /// Whether a route is left to an order that the provider of its present send refused.
  public func hasNext(afterRefusalOf order: Order) async throws -> Bool {
    let routes = try await directory.routes(tenant: order.tenantID, product: order.product)
    guard routes.contains(where: { $0.providerID != order.providerID }) else { return false }
    var candidates = try await candidates(for: order, routes)
    for index in candidates.indices where candidates[index].providerID == order.providerID {
      candidates[index].refusals += 1
    }
    return RouteChoice.next(among: candidates) != nil
  }

  private func candidates(for order: Order, _ routes: [Route]) async throws -> [RouteChoice.Candidate] {
    let counts = order.sends > 0 ? try await store.sendCounts(of: order.id) : []
    return routes.map { route in
      func count(_ state: SendState) -> Int {
        counts.first { $0.providerID == route.providerID && $0.state == state }?.count ?? 0
      }
      return RouteChoice.Candidate(
        providerID: route.providerID, refusals: count(.refused),
        // One that the provider proved not to have is a step back as well: else it is tried there for ever.
        sendsNotSent: count(.notSent) + count(.notReceived))
    }
  }
}
