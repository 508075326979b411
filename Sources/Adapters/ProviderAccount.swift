public import Orders

/// One dealer account: what an adapter needs to talk to it.
public struct ProviderAccount: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  public var id: Int64
  public var name: String
  /// The adapter's name, as ``AdapterRegistry`` knows it.
  public var adapter: String
  /// Scheme, host and, where the panel does not sit at the root, path; with or without a closing slash.
  public var baseURL: String
  /// By the names in ``Adapter/credentialNames``; while a request is under way, its token as well. Secret.
  public var credentials: [String: String]
  /// From the first byte of a request to the last of its reply.
  public var timeout: Duration
  /// Set once ops have tested how this installation answers for a reference that it does not know: from this long after
  /// the send's end the control question is asked, and its evidence may send the order again. Nil: it only holds it.
  public var trustNotFoundAfter: Duration?
  /// Which mark stands before the decimals of its amounts; nil: what reads in two ways is refused.
  public var decimalMark: Money.DecimalMark?

  public init(
    id: Int64, name: String, adapter: String, baseURL: String, credentials: [String: String],
    timeout: Duration = .seconds(20), trustNotFoundAfter: Duration? = nil,
    decimalMark: Money.DecimalMark? = nil
  ) {
    self.id = id
    self.name = name
    self.adapter = adapter
    self.baseURL = baseURL
    self.credentials = credentials
    self.timeout = timeout
    self.trustNotFoundAfter = trustNotFoundAfter
    self.decimalMark = decimalMark
  }

  /// Never the credentials, nor the URL, which may hold some.
  public var description: String { "provider account \(id) “\(name)” (\(adapter))" }
  public var debugDescription: String { description }
  /// Keeps `dump` and test failures from printing what `description` hides.
  public var customMirror: Mirror { Mirror(self, children: ["id": id, "name": name, "adapter": adapter]) }
}
