/// Of a provider that lists what it sells to an account.
public protocol CatalogueAdapter: Adapter {
  func catalog(account: ProviderAccount) -> WireRequest
  /// - Throws: ``CatalogError`` when the reply is no catalogue.
  func readCatalog(_ reply: WireReply) throws(CatalogError) -> [CatalogItem]
}
