/// Why something secret could not be locked up or read. Tells nothing of the secret.
public enum VaultError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The key at `position` (from 1) of `count` is not base64.
  case keyNotBase64(position: Int, count: Int)
  /// The key at `position` (from 1) of `count` has the wrong length.
  case keyLength(bytes: Int, position: Int, count: Int)
  /// Sealed under a key that is not among those given; `id` in hexadecimal.
  case unknownKey(id: String)
  /// Sealed by a version of this format that is not known here.
  case unknownVersion(UInt8)
  /// Cut, changed, or sealed for another context.
  case tampered

  private static let advice = "make one with: openssl rand -base64 32"

  private static func which(_ position: Int, _ count: Int) -> String {
    count == 1 ? "the secret key" : "secret key \(position) of \(count)"
  }

  /// Why something sealed can't be read, for who can't mend it.
  public var reason: String {
    switch self {
    case .unknownKey: "it was sealed with a key that is not there"
    case .unknownVersion: "it was sealed by another version"
    case .keyNotBase64, .keyLength, .tampered: "what was stored is damaged"
    }
  }

  public var description: String {
    switch self {
    case .keyNotBase64(let position, let count):
      "\(Self.which(position, count)) must be 32 bytes in base64, this one is not base64; \(Self.advice)"
    case .keyLength(let bytes, let position, let count):
      "\(Self.which(position, count)) must be 32 bytes in base64, this one is \(bytes) bytes; \(Self.advice)"
    case .unknownKey(let id):
      "sealed with the key \(id), which is not among the secret keys: add the old key after the new one"
    case .unknownVersion(let version): "sealed in format \(version), which this version does not know"
    case .tampered: "the sealed bytes are damaged, or belong to something else"
    }
  }
}
