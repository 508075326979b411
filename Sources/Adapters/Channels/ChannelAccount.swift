/// An account at a service that carries messages to people, as a channel is set up with.
public struct ChannelAccount: Sendable, CustomReflectable {
  /// Where the service is: http or https, of e-mail smtp or smtps.
  public let baseURL: String
  /// Never stored or shown in clear.
  public let credentials: [String: String]

  /// Those that everybody who gets a message sees.
  static let shownCredentials: Set<String> = ["from", "sender"]

  public init(baseURL: String, credentials: [String: String]) {
    (self.baseURL, self.credentials) = (baseURL, credentials)
  }

  /// The value of a credential; empty where there is none.
  func credential(_ name: String) -> String { credentials[name] ?? "" }

  public var customMirror: Mirror { Mirror(self, children: ["baseURL": baseURL]) }
}
