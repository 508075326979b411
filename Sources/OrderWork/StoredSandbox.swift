public import Adapters
public import Calls
public import Store

/// The sandbox's memory: what is stored of its orders.
public struct StoredSandbox: SandboxBooks {
  private let store: Store

  public init(_ store: Store) { self.store = store }

  public func sandboxOrder(reference: String) async throws -> SandboxOrder? {
    guard let send = try await store.sandboxSend(reference: reference) else { return nil }
    return SandboxOrder(
      player: send.player, attempt: send.number, age: send.age, isDeliverySaid: send.isDeliverySaid)
  }
}
