import EventLoop
public import Store

/// Puts events in line for the people who are to be told of them. Workers tell them: that takes time, and the relay has none.
///
/// As ``EndpointSink``: what is there already is not added again, and what is told is always the oldest in line.
public struct NotifySink: EventSink {
  public static let name = "notify"

  public var name: String { Self.name }
  private let store: NotifyStore
  private let plan: @LoopActor ([(line: NotifyStore.Line, channel: Int64, isBehind: Bool)]) async -> Void

  /// - Parameter plan: has the jobs run that tell it. One that is lost with this process comes back from PostgreSQL.
  public init(
    store: Store, plan: @escaping @LoopActor ([(line: NotifyStore.Line, channel: Int64, isBehind: Bool)]) async -> Void
  ) {
    self.store = NotifyStore(store)
    self.plan = plan
  }

  @LoopActor
  public func take(_ events: [OutboxEvent], in term: RelayTerm) async throws -> SinkAnswer {
    let tenants = try await store.tenants()
    let wanted = tenants.isEmpty ? [] : events.filter { tenants.contains($0.tenant) }
    guard !wanted.isEmpty else { return .taken(fresh: 0) }
    await plan(try await store.add(wanted))
    return .taken(fresh: wanted.count)
  }
}
