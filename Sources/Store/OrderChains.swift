internal import EventLoop
public import Orders
internal import Postgres

extension Store {
  /// Whose orders an order was passed on from; empty for nearly all.
  public func chain(of id: OrderID) async throws -> OrderChain {
    let text = try await pool.run(Statements.orderChain, [.text(id.description)]).first?.textOrNil(0) ?? ""
    return OrderChain(ids: text.split(separator: ",").map(String.init))
  }

  /// An order of the tenant that stands in a chain: what is passed on to it again has come round. Nil when there is none.
  public func order(of tenant: Int64, among chain: OrderChain) async throws -> OrderID? {
    let ids = chain.ownIDs
    guard !ids.isEmpty else { return nil }
    let rows = try await pool.run(
      Statements.orderInChain, [.textArray(ids.map(\.description)), .int(tenant)])
    return try rows.first.flatMap { OrderID(try $0.text(0)) }
  }
}
