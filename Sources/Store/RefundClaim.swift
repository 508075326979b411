internal import EventLoop
public import Orders
internal import Postgres

/// A claim of a refund: the customer is to have the money back, and nothing may be sent from then on.
public enum RefundClaim {
  /// Who claims it.
  public enum Claimant: Sendable {
    case shop
    /// On the order's page.
    case customer

    var reason: String {
      switch self {
      case .shop: "its shop claimed the refund before it was sent"
      case .customer: "the customer cancelled it before it was sent"
      }
    }

    var note: String {
      switch self {
      case .shop: "its shop claimed the refund"
      case .customer: "cancelled on the order's page"
      }
    }
  }

  /// What stands in the audit row.
  static let auditName = "refund_claim"
}

extension Store {
  private nonisolated static let claimsMax = 5
  private nonisolated static let claimPause = Duration.milliseconds(100)

  /// Claims the refund of an order, in one statement that locks its row.
  ///
  /// A pending order is withdrawn. Of one whose outcome is open the claim is remembered: what proves that no provider has it
  /// ends it instead of sending it again. Claimed twice is claimed once.
  ///
  /// - Parameters:
  ///   - who: for the audit row.
  ///   - claimant: for the reason and the audit row's note.
  /// - Returns: the order as it is then; nil when the tenant has no such order.
  public func claimRefund(
    of id: OrderID, tenant: Int64, who: String, claimant: RefundClaim.Claimant = .shop
  ) async throws -> Order? {
    let reason = Reason(.refundClaimed, claimant.reason)
    for turn in 1... {
      do {
        let rows = try await pool.run(
          Statements.claimRefund,
          [
            .text(id.description), .int(tenant), .text(who), .text(reason.text), .text(reason.code?.rawValue),
            .text(Status.cancelled.eventType), .text(claimant.note),
          ])
        if !rows.isEmpty { announceEvents() }
        break
      } catch {
        guard turn < Self.claimsMax, error.isUnknownOutcome || error.isTransient else { throw error }
        // Claimed twice is claimed once, so what became of the first try is no matter.
        try await EventLoop.sleep(for: Self.claimPause)
      }
    }
    guard let order = try await order(id), order.tenantID == tenant else { return nil }
    return order
  }
}
