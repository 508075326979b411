public import Orders

/// A write that was refused, for a reason that the caller can act on.
public enum StoreError: Error, CustomStringConvertible, Equatable {
  /// The order has moved on since it was read: whoever holds the newer version goes on with it. Never retried blindly.
  case conflict(OrderID)
  /// A name that has to exist does not, or one that must be new is taken.
  case invalid(String)
  /// The schema is not the one this program was built for.
  case schema(String)

  public var description: String {
    switch self {
    case .conflict(let id): "order \(id) was changed by another process meanwhile"
    case .invalid(let text), .schema(let text): text
    }
  }
}
