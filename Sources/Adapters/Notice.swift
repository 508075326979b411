public import Orders

/// What a provider said unasked, as it came in.
public struct NoticeRequest: Sendable {
  public var method: String
  /// Path and query, byte for byte as they came.
  public var target: String
  public var headers: [(name: String, value: String)]
  public var body: [UInt8]
  /// HMAC with SHA-256 of a key of any length and bytes; nil where nothing can be verified.
  public var hmacSHA256: (@Sendable (_ key: [UInt8], _ bytes: [UInt8]) -> [UInt8])?

  public init(
    method: String = "POST", target: String, headers: [(name: String, value: String)], body: [UInt8],
    hmacSHA256: (@Sendable (_ key: [UInt8], _ bytes: [UInt8]) -> [UInt8])? = nil
  ) {
    self.hmacSHA256 = hmacSHA256
    self.method = method
    self.target = target
    self.headers = headers
    self.body = body
  }

  /// Whether a signature in hexadecimal is the HMAC of the bytes; false where nothing can be verified, or the secret is empty.
  public func isSigned(_ bytes: [UInt8], with secret: [UInt8], as signature: String) -> Bool {
    guard let hmacSHA256, !secret.isEmpty else { return false }
    let wanted = hmacSHA256(secret, bytes)
    let digits = Array(signature.utf8)
    guard wanted.count == 32, digits.count == 64 else { return false }
    // As long for a wrong one as for the right one, wherever they differ.
    var difference: UInt8 = 0
    for (place, byte) in wanted.enumerated() {
      let text = String(decoding: digits[(2 * place)...(2 * place + 1)], as: UTF8.self)
      guard digits[2 * place] != UInt8(ascii: "+"), let said = UInt8(text, radix: 16) else {
        difference |= 1
        continue
      }
      difference |= said ^ byte
    }
    return difference == 0
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
