public import Orders

/// What a provider said unasked, as it came in.
public struct NoticeRequest: Sendable {
  public var method: String
  /// Path and query.
  public var target: String
  public var headers: [(name: String, value: String)]
  public var body: [UInt8]

  public init(method: String = "POST", target: String, headers: [(name: String, value: String)], body: [UInt8]) {
    self.method = method
    self.target = target
    self.headers = headers
    self.body = body
  }

  /// The value of a header; names are the same in capitals.
  public func header(_ name: String) -> String? {
    headers.first { $0.name.lowercased() == name.lowercased() }?.value
  }
}

/// What a notice is worth.
public enum Notice: Sendable, Equatable {
  /// The order that it is about.
  public struct Subject: Sendable, Equatable {
    /// Our name for the send.
    public var reference: String?
    /// The provider's own.
    public var providerID: String?
    public init(reference: String?, providerID: String? = nil) {
      self.reference = reference
      self.providerID = providerID
    }
  }

  /// It is proved to come from the provider: evidence like one answer to a question, which another has to bear out.
  case report(Subject, QueryOutcome)
  /// It may come from anybody: a reason to ask the provider now, and no more.
  case hint(Subject)
  /// A wrong signature, or nothing that makes sense. The text has no secrets.
  case rejected(String)
}
