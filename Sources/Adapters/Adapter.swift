public import Orders

/// One provider's wire grammar. Pure: it builds requests and reads replies; ``ProviderClient`` does the I/O.
///
/// What a reply proves is decided here and nowhere else, so each reader errs to "not known": only a reply that the
/// provider documents, or that was seen live, settles an order.
public protocol Adapter: Sendable {
  /// As `provider add --adapter` has it.
  static var name: String { get }
  /// The credentials it needs.
  static var credentialNames: [String] { get }
  /// What is known of the provider, whatever the account. See ``facts(for:)``.
  var facts: ProviderFacts { get }

  /// What is wrong with an order's parameters; empty when it may be sent.
  func validate(parameters: [String: String]) -> [ParameterProblem]

  func send(reference: String, parameters: [String: String], account: ProviderAccount) -> WireRequest
  /// Reads the reply to the first and only send of a reference.
  func readSend(_ reply: WireReply) -> SendOutcome

  func query(reference: String, account: ProviderAccount) -> WireRequest
  /// Takes the account, since how far a "not found" goes is a matter of the installation.
  func readQuery(_ reply: WireReply, account: ProviderAccount) -> QueryOutcome
  func probe(account: ProviderAccount) -> WireRequest
  func readProbe(_ reply: WireReply) -> ProbeOutcome

  func catalog(account: ProviderAccount) -> WireRequest
  /// - Throws: ``CatalogError`` when the reply is no catalogue.
  func readCatalog(_ reply: WireReply) throws(CatalogError) -> [CatalogItem]

  /// The reply with what must not be stored in clear replaced: the PIN, and what may be one.
  func redact(_ reply: WireReply, kind: Exchange.Kind, pin: Pin?) -> [UInt8]
}

extension Adapter {
  /// The provider's facts with the account's own settings laid over them.
  public func facts(for account: ProviderAccount) -> ProviderFacts {
    var facts = facts
    if let grace = account.trustNotFoundAfter { facts.notFound = .after(grace) }
    return facts
  }
}
