public import Orders

/// One provider's wire grammar. Pure: it builds requests and reads replies; `ProviderClient` in `Calls` does the I/O.
///
/// An adapter is a set of capabilities, each a protocol that it conforms to where the provider has it:
///
/// | capability | protocol |
/// |---|---|
/// | takes orders | ``SendingAdapter`` |
/// | may pass them on, and so in a circle | ``ForwardingAdapter`` |
/// | answers questions about an order | ``QueryingAdapter`` |
/// | takes many references in one question | ``BatchQueryingAdapter`` |
/// | shows whether the account works | ``ProbingAdapter`` |
/// | lists what it sells | ``CatalogueAdapter`` |
/// | lists what it booked | ``StatementAdapter`` |
/// | tells by itself what became of an order | ``NoticeAdapter`` |
/// | wants a token, for which it has to be asked | ``TokenAdapter`` |
/// | says all only in several answers | ``SteppingAdapter`` |
///
/// That it delivers in its answer to the send is an outcome, `SendOutcome.delivered`, and how far that is believed a fact,
/// `ProviderFacts.deliveryTrust`.
///
/// What a reply proves is decided here and nowhere else, so each reader errs to "not known": only a reply that the
/// provider documents, or that was seen live, settles an order.
public protocol Adapter: Sendable {
  /// As `provider add --adapter` has it.
  static var name: String { get }
  /// The credentials it needs.
  static var credentialNames: [String] { get }
  /// Those that it takes beside them and goes without.
  static var optionalCredentialNames: [String] { get }
  /// What a route to it sends, for people: `--param` and so on.
  static var parameterNotes: [String] { get }
  /// What carries its requests; HTTP where it says nothing.
  static var channel: ChannelKind { get }
  /// What is known of the provider, whatever the account. See ``facts(for:)``.
  var facts: ProviderFacts { get }

  /// What is wrong with the values of an account's credentials, by their names; empty when they may be tried.
  static func validate(credentials: [String: String]) -> [ParameterProblem]

  /// The reply with what must not be stored in clear replaced: the PIN, and what may be one.
  func redact(_ reply: WireReply, kind: Exchange.Kind, pin: Pin?) -> [UInt8]
}

extension Adapter {
  public static var channel: ChannelKind { .http }
  public static var parameterNotes: [String] { [] }
  public static var optionalCredentialNames: [String] { [] }
  public static func validate(credentials: [String: String]) -> [ParameterProblem] { [] }

  /// The provider's facts with the account's own settings laid over them.
  public func facts(for account: ProviderAccount) -> ProviderFacts {
    var facts = facts
    if let grace = account.trustNotFoundAfter { facts.notFound = .after(grace) }
    return facts
  }
}
