import Adapters
public import Store

/// Providers that lead to one account, as far as their settings show it: sends by one are drops of the balance that the other
/// can't explain, and the limits of neither are those of the account.
public enum SharedAccounts {
  /// The names of the others that have the same adapter, address and login. A provider whose login is not known here, since
  /// the secret key is not, is compared with none.
  public static func others(_ provider: Provider, among all: [Provider]) -> [String] {
    others(provider.adapter, at: provider.baseURL, provider.credentials, among: all.filter { $0.id != provider.id })
  }

  /// The same for one that is still to be added.
  public static func others(
    _ adapter: String, at url: String, _ credentials: [String: String], among all: [Provider]
  ) -> [String] {
    guard let own = account(adapter, url, credentials) else { return [] }
    return all.filter { account($0.adapter, $0.baseURL, $0.credentials) == own }.map(\.name).sorted()
  }

  /// Those of all that are one account, each group once.
  public static func groups(_ all: [Provider]) -> [[String]] {
    var groups: [[String]] = []
    for provider in all where !groups.contains(where: { $0.contains(provider.name) }) {
      let others = others(provider, among: all)
      if !others.isEmpty { groups.append(([provider.name] + others).sorted()) }
    }
    return groups
  }

  /// What names the account; nil for what has no login, such as a stock.
  private static func account(_ adapter: String, _ url: String, _ credentials: [String: String]) -> [String]? {
    guard let known = AdapterRegistry.sevk.adapter(named: adapter) else { return nil }
    // The first says who logs in; passwords may be spelled in two ways that both work.
    guard let name = type(of: known).credentialNames.first, let login = credentials[name], !login.isEmpty else {
      return nil
    }
    var address = url.lowercased()
    while address.hasSuffix("/") { address.removeLast() }
    return [adapter, address, login]
  }
}
