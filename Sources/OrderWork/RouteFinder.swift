public import EventLoop
public import Orders
public import ProviderGate
public import Store

/// Finds the route that an order takes, by today's routes, how its sends went so far, and what is known of the providers.
/// See ``RouteChoice``.
@LoopActor
public struct RouteFinder {
  /// A route, and what else there is.
  public struct Found {
    public let route: Route
    /// Another provider could take the order.
    public let hasOther: Bool
    /// How many sends of the order provably never left.
    public let notSentBefore: Int
    /// Why this route, in a word and in words; nil where there is no other.
    public var choice: (why: RouteChoice.Why, words: String)?
    /// The order is not to be sent by it: see ``RouteChoice/Choice/isTooDear``.
    public var isTooDear = false
    /// Where else it goes when it has to wait for this one.
    public var goesOn: (provider: Provider, after: Duration, isOpen: Bool)?
  }

  private let store: Store
  private let directory: Directory
  private let outlooks: any RouteOutlooks

  public init(store: Store, directory: Directory, outlooks: any RouteOutlooks) {
    self.store = store
    self.directory = directory
    self.outlooks = outlooks
  }

  /// The route of an order that is at no provider; nil when none is left.
  ///
  /// - Parameters:
  ///   - unfit: routes that can't take it as it is, by id.
  ///   - isSentAgain: as if its present send were proved not to be at its provider.
  public func next(for order: Order, unfit: Set<Int64> = [], isSentAgain: Bool = false) async throws -> Found? {
    let routes = try await directory.routes(tenant: order.tenantID, product: order.product)
    guard order.sends > 0 || routes.count > 1 || routes.first?.terms.costMax != nil else {
      return routes.first.map { Found(route: $0, hasOther: false, notSentBefore: 0) }
    }
    var candidates = try await Self.candidates(for: order, routes, store)
    for index in routes.indices where unfit.contains(routes[index].id) { candidates[index].isUnfit = true }
    if isSentAgain, let index = candidates.firstIndex(where: { $0.providerID == order.providerID }) {
      candidates[index].sendsNotSent += 1
    }
    var providers: [Provider?] = []
    for route in routes { providers.append(try await directory.provider(route.providerID)) }
    await look(&candidates, routes, providers)
    let isByCost = routes.first?.terms.isByCost ?? false
    guard let choice = RouteChoice.next(among: candidates, order: order.id, isByCost: isByCost) else { return nil }
    let hasOther = candidates.indices.contains { $0 != choice.index && candidates[$0].refusals == 0 }
    var found = Found(
      route: routes[choice.index], hasOther: hasOther,
      notSentBefore: candidates.reduce(0) { $0 + $1.sendsNotSent })
    found.isTooDear = choice.isTooDear
    if routes.count > 1 || routes.first?.terms.costMax != nil {
      let names = routes.indices.map { providers[$0]?.name ?? "another provider" }
      found.choice = (choice.why, RouteChoice.words(choice, among: candidates, names: names))
    }
    if let goesOn = choice.goesOn, let provider = providers[goesOn.index] {
      found.goesOn = (provider, goesOn.after, goesOn.isOpen)
    }
    return found
  }

  /// Whether a route is left to an order that the provider of its present send refused.
  public static func hasNext(afterRefusalOf order: Order, _ store: Store, _ directory: Directory) async throws -> Bool {
    let routes = try await directory.routes(tenant: order.tenantID, product: order.product)
    guard routes.contains(where: { $0.providerID != order.providerID }) else { return false }
    var candidates = try await candidates(for: order, routes, store)
    for index in candidates.indices where candidates[index].providerID == order.providerID {
      candidates[index].refusals += 1
    }
    return RouteChoice.next(among: candidates) != nil
  }

  private static func candidates(
    for order: Order, _ routes: [Route], _ store: Store
  ) async throws -> [RouteChoice.Candidate] {
    let counts = order.sends > 0 ? try await store.sendCounts(of: order.id) : []
    return routes.map { route in
      func count(_ state: SendState) -> Int {
        counts.first { $0.providerID == route.providerID && $0.state == state }?.count ?? 0
      }
      return RouteChoice.Candidate(
        providerID: route.providerID, refusals: count(.refused),
        // One that the provider proved not to have is a step back as well: else it is tried there for ever.
        sendsNotSent: count(.notSent) + count(.notReceived), share: route.terms.share)
    }
  }

  /// Asks how the providers are, as far as somebody wants to know: routes that are tried one after the other ask nothing.
  private func look(
    _ candidates: inout [RouteChoice.Candidate], _ routes: [Route], _ providers: [Provider?]
  ) async {
    for index in routes.indices {
      candidates[index].failoverAfter =
        routes.count > 1 ? routes[index].terms.failoverAfter ?? providers[index]?.failoverAfter : nil
      candidates[index].costMax = routes[index].terms.costMax
      #if SEVK_SABOTAGE
        if Sabotage.current == .noFailover { candidates[index].failoverAfter = nil }
      #endif
    }
    let isByCost = routes.count > 1 && routes[0].terms.isByCost
    guard isByCost || candidates.contains(where: { $0.failoverAfter != nil || $0.costMax != nil }) else { return }
    for index in routes.indices {
      guard let provider = providers[index] else {
        // This program can't use it, so nobody goes on to it; who has it for his first choice waits as ever.
        candidates[index].shut = .init(.down, for: .zero)
        continue
      }
      let outlook = await outlooks.outlook(provider, for: routes[index])
      (candidates[index].shut, candidates[index].cost) = (outlook.shut, outlook.cost)
    }
  }
}
