public import Adapters
public import Orders

/// One request that is to be carried.
public struct WireCall: Sendable {
  public let kind: Exchange.Kind
  public var request: WireRequest
  /// With the token that the request carries among its credentials, so that it is taken out of what is kept.
  public var account: ProviderAccount
  /// Most bytes of a reply that are read.
  public let replyBytesMax: Int
  /// The first byte must not leave later.
  public let notAfter: ContinuousClock.Instant?

  public init(
    kind: Exchange.Kind, request: WireRequest, account: ProviderAccount, replyBytesMax: Int,
    notAfter: ContinuousClock.Instant? = nil
  ) {
    self.kind = kind
    self.request = request
    self.account = account
    self.replyBytesMax = replyBytesMax
    self.notAfter = notAfter
  }
}
