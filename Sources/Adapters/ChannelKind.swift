/// What an adapter's requests travel by. `Calls` has a `Channel` for each.
public enum ChannelKind: String, Sendable, CaseIterable {
  /// HTTP or HTTPS to the account's base URL, a connection for each request.
  case http
  /// None: a panel inside the process.
  case sandbox
  /// None: codes in our own database.
  case stock
  /// None: partners, who see the order in our own database.
  case desk
}
