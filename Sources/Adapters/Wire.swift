public import Orders

/// A request as it goes out. All known panels take GET with everything in the query.
public struct WireRequest: Sendable, CustomStringConvertible, CustomReflectable {
  /// With the account's secrets in it: never stored, logged or shown.
  public let url: String
  /// Method, path and query with the secrets replaced; this is what is stored and shown.
  public let redacted: String

  public init(url: String, redacted: String) {
    self.url = url
    self.redacted = redacted
  }

  public var description: String { redacted }
  public var customMirror: Mirror { Mirror(self, children: ["redacted": redacted]) }
}

/// A reply as it came in, complete as far as HTTP can tell.
public struct WireReply: Sendable {
  public let status: Int
  public let contentType: String?
  public let body: [UInt8]
  /// Which mark stands before the decimals of its amounts, where the account's settings say so.
  public var decimalMark: Money.DecimalMark?

  public init(
    status: Int, contentType: String? = nil, body: [UInt8], decimalMark: Money.DecimalMark? = nil
  ) {
    self.status = status
    self.contentType = contentType
    self.body = body
    self.decimalMark = decimalMark
  }
}
