public import Adapters
public import Store

extension ProviderAccount {
  /// The account of a configured provider.
  public init(_ provider: Provider) {
    self.init(
      id: provider.id, name: provider.name, adapter: provider.adapter, baseURL: provider.baseURL,
      credentials: provider.credentials, timeout: provider.timeout, trustNotFoundAfter: provider.trustNotFoundAfter,
      decimalMark: provider.decimalMark)
  }
}
