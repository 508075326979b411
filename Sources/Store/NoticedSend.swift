internal import EventLoop
public import Orders
internal import Postgres

/// The send that a provider's notice is about.
public struct NoticedSend: Sendable, Equatable {
  public let orderID: OrderID
  /// Of the order's sends.
  public let number: Int

  public enum Search: Sendable, Equatable {
    case found(NoticedSend)
    /// Another provider has it, or the two names are of two sends.
    case others
    case none
  }
}

extension Store {
  /// Finds a send by our reference, by the provider's own name for its order, or by both, which then have to agree.
  public func send(
    reference: String?, providerOrderID: String?, provider: Int64
  ) async throws -> NoticedSend.Search {
    guard reference != nil || providerOrderID != nil else { return .none }
    let rows = try await pool.run(
      Statements.noticedSend, [.text(reference), .text(providerOrderID), .int(provider)])
    guard let first = rows.first else { return .none }
    let providers = try rows.map { try $0.int(2) }
    guard providers.filter({ $0 == provider }).count == 1 else { return .others }
    guard let id = OrderID(try first.text(0)) else { return .none }
    // One that is known by another own name, or an own name that is another send's.
    if let reference, !(try first.text(4)).utf8.elementsEqual(reference.utf8) { return .others }
    if let providerOrderID, let known = try first.textOrNil(3), !known.utf8.elementsEqual(providerOrderID.utf8) {
      return .others
    }
    return .found(NoticedSend(orderID: id, number: Int(try first.int(1))))
  }
}
