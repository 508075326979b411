import Cipher

/// An endpoint's secret as Standard Webhooks writes it: `whsec_` and base64.
public enum WebhookSecret {
  private static let prefix = "whsec_"
  /// What Standard Webhooks takes.
  public static let bytes = 24...64

  public static func text(_ secret: [UInt8]) -> String { prefix + Base64.encode(secret) }

  /// nil when it is none, or of another length.
  public static func read(_ text: String) -> [UInt8]? {
    guard text.hasPrefix(prefix), let secret = Base64.decode(String(text.dropFirst(prefix.utf8.count))) else {
      return nil
    }
    return bytes.contains(secret.count) ? secret : nil
  }
}

/// The headers by which a receiver knows that an event is from here: Standard Webhooks 1.
public enum WebhookSignature {
  /// - Parameters:
  ///   - id: of the event, the same at each attempt.
  ///   - at: seconds of Unix time.
  ///   - secrets: each signs; the newest first.
  public static func headers(id: String, at: Int64, body: [UInt8], secrets: [[UInt8]]) -> [(String, String)] {
    let signed = Array("\(id).\(at).".utf8) + body
    let signatures = secrets.map { "v1," + Base64.encode(Digest.hmacSHA256(signed, key: $0)) }
    return [
      ("webhook-id", id), ("webhook-timestamp", "\(at)"), ("webhook-signature", signatures.joined(separator: " ")),
    ]
  }
}
