/// Locks up secrets (PINs, credentials) for the database with AES-256-GCM.
///
/// Sealed form: version (1 byte), key id (4), nonce (12), ciphertext (as long as the secret), tag (16). Version, key id
/// and context are authenticated, so that bytes moved to another row don't open there.
public struct Vault: Sendable {
  private struct Key: Sendable {
    let id: [UInt8]
    let bytes: [UInt8]
  }

  private static let version: UInt8 = 1
  private static let keyIDBytes = 4
  private static let headerBytes = 1 + keyIDBytes + AESGCM.nonceBytes

  private let keys: [Key]

  /// - Parameter keys: base64 of 32 bytes; several for rotation, separated by commas: the first seals, all open.
  /// - Throws: ``VaultError`` that says which key is wrong and how to make one.
  public init(keys: String) throws(VaultError) {
    let texts = keys.split(separator: ",", omittingEmptySubsequences: false)
    var parsed: [Key] = []
    for (index, text) in texts.enumerated() {
      let trimmed = String(text.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
      guard let bytes = Base64.decode(trimmed) else {
        throw .keyNotBase64(position: index + 1, count: texts.count)
      }
      guard bytes.count == AESGCM.keyBytes else {
        throw .keyLength(bytes: bytes.count, position: index + 1, count: texts.count)
      }
      parsed.append(Key(id: Array(Digest.sha256(bytes).prefix(Self.keyIDBytes)), bytes: bytes))
    }
    self.keys = parsed
  }

  /// Id of the key that seals now, in hexadecimal.
  public var currentKeyID: String { Hexadecimal.encode(keys[0].id) }

  /// Locks `plain` up. It opens only with the same `context`, such as the id of the row it is for.
  public func seal(_ plain: [UInt8], context: String) -> [UInt8] {
    // Random nonces: safe for 2^32 secrets a key, which is more than one ever seals.
    let nonce = RandomBytes.make(AESGCM.nonceBytes)
    let header = [Self.version] + keys[0].id
    let sealed = AESGCM.seal(plain, key: keys[0].bytes, nonce: nonce, aad: header + Array(context.utf8))
    return header + nonce + sealed
  }

  /// A keyed hash, 32 bytes: the same for the same secret and purpose, and nothing to who lacks the key. Only what was
  /// hashed under the same current key compares.
  public func fingerprint(of secret: [UInt8], purpose: String) -> [UInt8] {
    Digest.hmacSHA256(Array(purpose.utf8) + [0] + secret, key: keys[0].bytes)
  }

  /// ``fingerprint(of:purpose:)`` under each key, the current one first: what was hashed before a rotation is found as well.
  public func fingerprints(of secret: [UInt8], purpose: String) -> [[UInt8]] {
    keys.map { Digest.hmacSHA256(Array(purpose.utf8) + [0] + secret, key: $0.bytes) }
  }

  /// Reads what ``seal(_:context:)`` made.
  ///
  /// - Throws: ``VaultError``: an unknown key, an unknown format, or tampered bytes.
  public func open(_ sealed: [UInt8], context: String) throws(VaultError) -> [UInt8] {
    guard sealed.count >= Self.headerBytes + AESGCM.tagBytes else { throw .tampered }
    guard sealed[0] == Self.version else { throw .unknownVersion(sealed[0]) }
    let id = Array(sealed[1..<1 + Self.keyIDBytes])
    let candidates = keys.filter { $0.id == id }
    guard !candidates.isEmpty else { throw .unknownKey(id: Hexadecimal.encode(id)) }
    let nonce = Array(sealed[1 + Self.keyIDBytes..<Self.headerBytes])
    let aad = [Self.version] + id + Array(context.utf8)
    for key in candidates {
      if let plain = AESGCM.open(sealed[Self.headerBytes...], key: key.bytes, nonce: nonce, aad: aad) { return plain }
    }
    throw .tampered
  }
}
