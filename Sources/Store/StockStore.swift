internal import Cipher
public import EventLoop
public import Orders
internal import Postgres

/// Codes bought in bulk: what is there, and whom it goes to.
///
/// A code is set aside for a send in a transaction that holds the order in `sending` under that very reference; from then on it
/// is that order's. So of two processes that think they send an order only one gets codes, and once the order has moved
/// on, what it has does not change any more.
@LoopActor
public struct StockStore {
  /// The name of the adapter that gives them out.
  public nonisolated static let adapter = "stock"
  /// Most codes noted as given by one statement.
  private nonisolated static let settleMax = 1000

  let store: Store
  public nonisolated init(_ store: Store) { self.store = store }

  /// A code that goes to an order.
  public struct Given: Sendable {
    public let code: Pin
    public let serial: String?
    public let cost: Money?
  }

  /// What a send of a stock's product got.
  public enum Reservation: Sendable {
    /// As many as the order wants.
    case codes([Given])
    /// Not as many as it wants, so none.
    case none(wanted: Int)
    /// The send is not under way any more.
    case over
  }

  /// Sets codes aside for a send; the same ones again for the same send.
  public func reserve(reference: String, provider: Int64, product: String) async throws -> Reservation {
    let rows = try await store.pool.run(
      Statements.reserveStock, [.text(reference), .int(provider), .text(product)])
    guard let first = rows.first, try first.boolOrNil(0) == true else { return .over }
    let given = try given(rows)
    return given.isEmpty ? .none(wanted: Int(try first.int(1))) : .codes(given)
  }

  /// The codes that were set aside for a send; empty where none were.
  public func codes(of reference: String, provider: Int64) async throws -> [Given] {
    try given(try await store.pool.run(Statements.stockOfSend, [.text(reference), .int(provider)]))
  }

  private func given(_ rows: PostgresRows) throws -> [Given] {
    try rows.compactMap { row in
      guard let sealed = try row.bytesOrNil(2) else { return nil }
      let code = try store.vault.open(sealed, context: Self.context(try row.bytes(3)))
      return try Given(
        code: Pin(String(decoding: code, as: UTF8.self)), serial: row.textOrNil(4),
        cost: row.textOrNil(5).flatMap { Money(parsing: $0, decimalMark: .point) })
    }
  }

  /// Whether so many codes of a product can be given out now.
  public func has(_ count: Int, of product: String, provider: Int64) async throws -> Bool {
    try await store.pool.run(Statements.stockHas, [.int(provider), .text(product), .int(count)]).single().bool(0)
  }

  /// Notes of codes that were set aside that their orders are completed by now.
  public func settle() async throws {
    while try await store.pool.run(Statements.settleStock, [.int(Self.settleMax)]).single().int(0) == Self.settleMax {}
  }

  /// Bound to the code's print, which is no other row's.
  nonisolated static func context(_ print: [UInt8]) -> String { "stock:" + Hexadecimal.encode(print) }
}
