/// Of a provider that tells by itself what became of an order, as by a webhook.
///
/// Whoever takes notices in hands them to the adapter that the address names, and no order is moved here.
public protocol NoticeAdapter: Adapter {
  /// Verifies what came, and reads it.
  func readNotice(_ request: NoticeRequest, account: ProviderAccount) -> Notice
}
