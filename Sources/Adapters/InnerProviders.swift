/// Providers that are no company outside but our own books: a stock's codes, a desk's partners.
public enum InnerProviders {
  /// What stands in a base URL's place; nil for an adapter that wants one.
  public static func baseURL(_ adapter: String) -> String? {
    switch adapter {
    case Stock.name: "stock:"
    case Desk.name: "desk:"
    default: nil
    }
  }

  /// A send that it has always known: what was never received is told by comparing with it. nil for any other.
  public static func knownSend(_ adapter: String) -> String? {
    switch adapter {
    case Stock.name: Stock.knownReference
    case Desk.name: Desk.knownReference
    default: nil
    }
  }
}
