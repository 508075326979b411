/// The types of events that are no order's, for those who run things. Shops see them with a token that has the scope
/// `operator`.
public enum OperatorEvent: String, CaseIterable, Sendable {
  /// An endpoint takes no events, and is on its way to being given up.
  case endpointWarned = "sevk.endpoint.warned"
  /// An endpoint was given up.
  case endpointDisabled = "sevk.endpoint.disabled"
  /// A provider takes no orders.
  case providerDown = "sevk.provider.down"
  case providerRecovered = "sevk.provider.recovered"
  /// The money there is not enough for every product, or an order was refused for want of it.
  case balanceLow = "sevk.provider.balance_low"
  case balanceEnough = "sevk.provider.balance_enough"
  /// A stock has fewer codes of a product than somebody said are needed.
  case stockLow = "sevk.stock.low"
  case stockEnough = "sevk.stock.enough"
  /// The balance fell by more than the orders explain, and by little enough for an order that was booked twice.
  case unexplainedDebit = "sevk.provider.unexplained_debit"

  /// Whether a type, known or not, is for operators: all but those of orders are.
  public static func isOne(_ type: String) -> Bool { !type.hasPrefix("sevk.order.") }
}
