/// Types of orders' events that no status has.
public enum OrderEvent {
  /// The customer said what they think of a completed order. It stays `completed`.
  public static let rated = "sevk.order.rated"
}
