import EventLoop
public import Store

/// Puts events in line for the endpoints of their tenants. Workers post them: that takes time, and the relay has none.
///
/// A relay that was stopped and came back adds nothing that is there already, and what is posted is always the oldest in
/// line; so it needs no look at the term.
public struct EndpointSink: EventSink {
  public static let name = "endpoints"

  public var name: String { Self.name }
  private let store: DeliveryStore
  private let plan: @LoopActor ([(line: DeliveryStore.Line, replaces: Bool)]) async -> Void

  /// - Parameter plan: has the jobs run that post it. One that is lost with this process comes back from PostgreSQL.
  public init(store: Store, plan: @escaping @LoopActor ([(line: DeliveryStore.Line, replaces: Bool)]) async -> Void) {
    self.store = DeliveryStore(store: store)
    self.plan = plan
  }

  @LoopActor
  public func take(_ events: [OutboxEvent], in term: RelayTerm) async throws -> SinkAnswer {
    let tenants = try await store.tenants()
    let wanted = tenants.isEmpty ? [] : events.filter { tenants.contains($0.tenant) }
    guard !wanted.isEmpty else { return .taken(fresh: 0) }
    let lines = try await store.add(wanted, bodies: wanted.map { CloudEvent.json($0) })
    await plan(lines)
    return .taken(fresh: wanted.count)
  }
}
