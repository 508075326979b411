import Cipher
import CustomerPage
import EventLoop
import OrderWork
import Orders
import Store
import Telemetry

/// What the page of an order that people fulfil says of them, and tells them.
@LoopActor
struct DeskPages {
  let store: Store
  let fulfilments: Fulfilments
  let log: Log

  /// nil for an order that a provider fulfils.
  func fulfilment(of order: Order) async throws -> OrderFulfilment? {
    // Most orders were never at a desk, and cost no look.
    guard order.stage != nil, let loaded = try await FulfilmentStore(store).load(order.id) else { return nil }
    var shown = OrderFulfilment()
    shown.stage = loaded.now.stage.rawValue
    shown.isCancelAsked = loaded.now.cancel != nil
    guard let holder = loaded.now.holder, let partner = try await PartnerStore(store).partner(holder) else {
      return shown
    }
    shown.partnerName = partner.name
    if !order.status.isFinal { shown.partnerPhone = partner.phone }
    if order.status == .sent { shown.handoverCode = try await code(of: loaded) }
    return shown
  }

  /// Cancels it where nobody has it; else whoever has it is asked. A refusal changes nothing: the page shows what is so.
  func askToCancel(_ order: Order) async throws {
    _ = try await fulfilments.cancel(
      order.id, CancelRequest(by: .customer, who: OrderPages.customer), tenant: order.tenantID)
  }

  /// One that this process has no key for is not shown; the rest of the page is true without it.
  private func code(of loaded: FulfilmentStore.Loaded) async throws -> String? {
    do { return try await FulfilmentStore(store).handOverCode(of: loaded) } catch let error as VaultError {
      log.error(
        "a hand-over code can't be shown on an order's page",
        ["order": "\(loaded.now.orderID)", "reason": error.reason])
      return nil
    }
  }
}
