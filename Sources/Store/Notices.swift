public import EventLoop
public import Orders
internal import Postgres

/// Writes events that are no order's, for operators: of a provider to each tenant whose products go there. Once for each
/// change, however many processes see it. Those of endpoints come from ``DeliveryStore/record(_:of:telling:)``.
@LoopActor
public struct Notices {
  private let store: Store
  public nonisolated init(store: Store) { self.store = store }

  /// Notes how a provider does, and tells of it once it has stayed so for a while.
  ///
  /// - Parameters:
  ///   - topic: `provider` or `balance`.
  ///   - stay: how long it has to stay so before anybody is told.
  ///   - event: of which type, about what, and what it says, as JSON.
  public func note(
    _ topic: String, of provider: Int64, isBad: Bool, after stay: Duration,
    event: (type: OperatorEvent, subject: String, data: String)
  ) async throws {
    let rows = try await store.pool.run(
      Statements.noteTrouble,
      [
        .int(provider), .text(topic), .bool(isBad), .int(stay.milliseconds), .text(event.subject),
        .text(event.type.rawValue), .text(event.data),
      ])
    if !rows.isEmpty { store.announceEvents() }
  }

  /// Tells of something that happened at a provider.
  ///
  /// - Parameter id: by which the event is known; a second one with it is not written.
  public func tell(
    ofProvider provider: Int64, id: String, event: (type: OperatorEvent, subject: String, data: String)
  ) async throws {
    _ = try await store.pool.run(
      Statements.noticeOfProvider,
      [.int(provider), .text(event.subject), .text(id), .text(event.type.rawValue), .text(event.data)])
    store.announceEvents()
  }
}
