public import Adapters
public import Calls
public import Orders
import Postgres
public import Store

/// The desks that are in the database.
public struct StoredDesk: DeskBooks {
  private let fulfilments: FulfilmentStore

  public init(_ store: Store) { fulfilments = FulfilmentStore(store) }

  public func hand(
    reference: String, provider: Int64, _ flow: Flow, _ handOver: HandOver
  ) async throws(StockFailure) -> DeskAnswer {
    do {
      return switch try await fulfilments.hand(reference: reference, provider: provider, flow, handOver) {
      case .there: .there(stage: Stage.offered.rawValue)
      case .over: .over("the order has moved on")
      case .noDesk: .over("nobody said whom this desk offers orders to: dispatcher provider set NAME --partner …")
      }
    } catch {
      // What PostgreSQL rolled back was handed to nobody.
      throw StockFailure("\(error)", mayBeDone: (error as? PostgresError)?.isUnknownOutcome ?? true)
    }
  }

  public func send(of reference: String, provider: Int64) async throws(StockFailure) -> DeskAnswer {
    do {
      guard let (status, stage) = try await fulfilments.send(of: reference, provider: provider) else {
        return .notFound
      }
      switch status {
      case .completed, .contested: return .done
      case .failed, .cancelled: return .over("the order is \(status.rawValue)")
      case .pending, .sending, .sent, .unresolved, .held: return .there(stage: stage.rawValue)
      }
    } catch { throw StockFailure("\(error)", mayBeDone: false) }
  }
}
