public import Adapters
public import Calls
import Orders
import Postgres
public import Store

/// The stock that is in the database.
public struct StoredStock: StockBooks {
  private let stock: StockStore

  public init(_ store: Store) { stock = StockStore(store) }

  public func giveStock(
    reference: String, provider: Int64, product: String
  ) async throws(StockFailure) -> StockAnswer {
    do {
      return switch try await stock.reserve(reference: reference, provider: provider, product: product) {
      case .codes(let codes): Self.delivered(codes)
      case .none(let wanted):
        .empty(
          wanted == 1
            ? "no code of \(product) is in stock" : "fewer than \(wanted) codes of \(product) are in stock")
      case .over: .over("the order has moved on")
      }
    } catch { throw Self.failure(error, mayBeDone: true) }
  }

  public func stock(of reference: String, provider: Int64) async throws(StockFailure) -> StockAnswer {
    do {
      let codes = try await stock.codes(of: reference, provider: provider)
      return codes.isEmpty ? .notFound : Self.delivered(codes)
    } catch { throw Self.failure(error, mayBeDone: false) }
  }

  private static func delivered(_ codes: [StockStore.Given]) -> StockAnswer {
    let costs = codes.compactMap(\.cost)
    let cost = costs.count == codes.count ? costs.reduce(Money(tenThousandths: 0), +) : nil
    return .delivered(codes.map { .init($0.code, serial: $0.serial) }, cost: cost)
  }

  /// What PostgreSQL rolled back set nothing aside; of anything else that is not known: a code that can't be opened is set
  /// aside as well.
  private static func failure(_ error: any Error, mayBeDone: Bool) -> StockFailure {
    StockFailure("\(error)", mayBeDone: mayBeDone && (error as? PostgresError)?.isUnknownOutcome ?? true)
  }
}
