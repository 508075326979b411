/// A request as it goes out.
public struct WireRequest: Sendable, CustomStringConvertible, CustomReflectable {
  public let method: String
  /// With the account's secrets in it: never stored, logged or shown.
  public let url: String
  /// May have secrets in them too.
  public var headers: [(name: String, value: String)]
  public let body: [UInt8]?
  /// What has to be had before it may go out.
  public let authentication: Authentication?
  /// Method, path, query and body with the secrets replaced; this is what is stored and shown.
  public let redacted: String

  public init(
    method: String = "GET", url: String, headers: [(name: String, value: String)] = [], body: [UInt8]? = nil,
    authentication: Authentication? = nil, redacted: String
  ) {
    self.method = method
    self.url = url
    self.headers = headers
    self.body = body
    self.authentication = authentication
    self.redacted = redacted
  }

  /// A step that comes before the request, of a call of its own.
  public enum Authentication: Sendable, Equatable {
    /// The account's token (see ``TokenAdapter``) in a header, behind `prefix`.
    case token(header: String = "Authorization", prefix: String = "Bearer ")
    /// A login in the header `Authorization` (RFC 7617).
    case basic(user: String, password: String)
  }

  public var description: String { redacted }
  public var customMirror: Mirror { Mirror(self, children: ["redacted": redacted]) }
}
