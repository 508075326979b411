import Adapters

/// Why there is no reply.
public struct WireFailure: Error {
  /// Without the provider's address: for reasons, which shops are shown.
  public let words: String
  /// For support, with the address.
  public let detail: String
  /// False only when the request provably never left.
  public let wasSent: Bool
  /// See `Exchange.isProtocolFault`.
  public let isProtocolFault: Bool

  /// - Parameter detail: nil where the words say all.
  public init(words: String, detail: String? = nil, wasSent: Bool, isProtocolFault: Bool = false) {
    self.words = words
    self.detail = detail ?? words
    self.wasSent = wasSent
    self.isProtocolFault = isProtocolFault
  }

  /// Without secrets.
  func redacted(_ account: ProviderAccount) -> WireFailure {
    WireFailure(
      words: Redaction.removing(credentialsOf: account, from: words),
      detail: Redaction.removing(credentialsOf: account, from: detail), wasSent: wasSent,
      isProtocolFault: isProtocolFault)
  }
}
