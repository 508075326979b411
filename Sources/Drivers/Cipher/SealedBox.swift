/// Seals to a public key: who seals can't open it again, only who has the private key can.
///
/// HPKE (RFC 9180) in its base mode with DHKEM(X25519, HKDF-SHA256), HKDF-SHA256 and AES-256-GCM, so that libraries of others
/// open it. Sealed form: the sender's public key of this one time (32 bytes), ciphertext (as long as the text), tag (16).
public struct SealedBox: Sendable {
  /// Of a key, public or private.
  public static let keyBytes = X25519.keyBytes

  private static let kem = Array("KEM".utf8) + [0x00, 0x20]
  private static let suite = Array("HPKE".utf8) + [0x00, 0x20, 0x00, 0x01, 0x00, 0x02]
  private static let version = Array("HPKE-v1".utf8)
  private static let baseMode: UInt8 = 0

  private let recipient: [UInt8]

  /// - Returns: nil when `publicKey` has not 32 bytes, is not as X25519 makes them, or is of low order: then anybody could
  ///   read what is sealed to it.
  public init?(publicKey: [UInt8]) {
    guard publicKey.count == Self.keyBytes, publicKey[Self.keyBytes - 1] < 0x80,
      X25519.shared(RandomBytes.make(Self.keyBytes), publicKey) != nil
    else { return nil }
    recipient = publicKey
  }

  /// The public part of a private key.
  ///
  /// - Precondition: `privateKey` has 32 bytes; any will do.
  public static func publicKey(of privateKey: [UInt8]) -> [UInt8] { X25519.publicKey(of: privateKey) }

  /// Never the same bytes twice.
  ///
  /// - Parameter info: what it belongs to. It opens with the same only.
  public func seal(_ plain: [UInt8], info: [UInt8]) -> [UInt8] {
    let once = RandomBytes.make(Self.keyBytes)
    let sender = X25519.publicKey(of: once)
    guard let shared = X25519.shared(once, recipient) else { preconditionFailure("the key was good before") }
    let (key, nonce) = Self.schedule(shared, sender: sender, recipient: recipient, info: info)
    // Each key seals one text, so no nonce is ever used twice.
    return sender + AESGCM.seal(plain, key: key, nonce: nonce, aad: [])
  }

  /// Reads what ``seal(_:info:)`` made.
  ///
  /// - Precondition: `privateKey` has 32 bytes.
  /// - Returns: nil when it was sealed to another key, for something else, or changed.
  public static func open(_ sealed: [UInt8], privateKey: [UInt8], info: [UInt8]) -> [UInt8]? {
    guard sealed.count >= keyBytes + AESGCM.tagBytes else { return nil }
    let sender = Array(sealed.prefix(keyBytes))
    guard let shared = X25519.shared(privateKey, sender) else { return nil }
    let (key, nonce) = schedule(shared, sender: sender, recipient: X25519.publicKey(of: privateKey), info: info)
    return AESGCM.open(sealed[keyBytes...], key: key, nonce: nonce, aad: [])
  }

  // MARK: RFC 9180, 4.1 and 5.1

  private static func schedule(
    _ agreed: [UInt8], sender: [UInt8], recipient: [UInt8], info: [UInt8]
  ) -> (key: [UInt8], nonce: [UInt8]) {
    let secret = expand(
      extract(salt: [], "eae_prk", agreed, suite: kem), "shared_secret", sender + recipient, 32, suite: kem)
    let context =
      [baseMode] + extract(salt: [], "psk_id_hash", [], suite: suite)
      + extract(salt: [], "info_hash", info, suite: suite)
    let base = extract(salt: secret, "secret", [], suite: suite)
    return (
      expand(base, "key", context, AESGCM.keyBytes, suite: suite),
      expand(base, "base_nonce", context, AESGCM.nonceBytes, suite: suite)
    )
  }

  private static func extract(salt: [UInt8], _ label: String, _ bytes: [UInt8], suite: [UInt8]) -> [UInt8] {
    Digest.hmacSHA256(version + suite + Array(label.utf8) + bytes, key: salt)
  }

  /// - Precondition: `length` is at most 32, one block of HKDF.
  private static func expand(
    _ key: [UInt8], _ label: String, _ info: [UInt8], _ length: Int, suite: [UInt8]
  ) -> [UInt8] {
    precondition(length <= 32)
    let labelled = [0, UInt8(length)] + version + suite + Array(label.utf8) + info
    return Array(Digest.hmacSHA256(labelled + [1], key: key).prefix(length))
  }
}
