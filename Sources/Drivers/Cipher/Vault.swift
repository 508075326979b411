internal import Synchronization

/// Locks up secrets (PINs, credentials) for the database with AES-256-GCM.
///
/// Sealed form: version (1 byte), key id (4), nonce (12), ciphertext (as long as the secret), tag (16). Version, key id
/// and context are authenticated, so that bytes moved to another row don't open there.
///
/// All keys open; one of them seals. Which one that is can change while the process runs: see ``seal(with:)``.
public struct Vault: Sendable {
  private struct Key: Sendable {
    let id: [UInt8]
    let bytes: [UInt8]
    var name: String { Hexadecimal.encode(id) }
  }

  /// The place of the key that seals, shared by all copies of a vault.
  private final class Place: Sendable {
    let value = Atomic<Int>(0)
  }

  private static let version: UInt8 = 1
  private static let keyIDBytes = 4
  private static let headerBytes = 1 + keyIDBytes + AESGCM.nonceBytes

  private let keys: [Key]
  private let place = Place()
  private var sealing: Key { keys[place.value.load(ordering: .relaxed)] }

  /// - Parameter keys: base64 of 32 bytes; several for rotation, separated by commas: the first seals until
  ///   ``seal(with:)`` says otherwise, all open.
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
  public var currentKeyID: String { sealing.name }

  /// Ids of all keys in hexadecimal, as they were given.
  public var keyIDs: [String] { keys.map(\.name) }

  /// Lets another of the keys seal from now on, in every copy of this vault.
  ///
  /// - Returns: false when there is no key of that id; then nothing changes.
  @discardableResult
  public func seal(with id: String) -> Bool {
    guard let index = keys.firstIndex(where: { $0.name == id }) else { return false }
    place.value.store(index, ordering: .relaxed)
    return true
  }

  /// 32 bytes that follow from the key with this id and tell nothing of it; nil when there is none.
  public func proof(of id: String) -> [UInt8]? {
    keys.first { $0.name == id }.map { Digest.hmacSHA256(Array("proof of a key".utf8), key: $0.bytes) }
  }

  /// Id of the key that sealed something, in hexadecimal; nil for what is not sealed.
  public static func keyID(of sealed: [UInt8]) -> String? {
    guard sealed.count >= headerBytes + AESGCM.tagBytes, sealed[0] == version else { return nil }
    return Hexadecimal.encode(sealed[1..<1 + keyIDBytes])
  }

  /// Locks `plain` up. It opens only with the same `context`, such as the id of the row it is for.
  public func seal(_ plain: [UInt8], context: String) -> [UInt8] {
    // Random nonces: safe for 2^32 secrets a key, which is more than one ever seals.
    let nonce = RandomBytes.make(AESGCM.nonceBytes)
    let key = sealing
    let header = [Self.version] + key.id
    let sealed = AESGCM.seal(plain, key: key.bytes, nonce: nonce, aad: header + Array(context.utf8))
    return header + nonce + sealed
  }

  /// A keyed hash, 32 bytes: the same for the same secret and purpose, and nothing to who lacks the key. Only what was
  /// hashed under the same current key compares.
  public func fingerprint(of secret: [UInt8], purpose: String) -> [UInt8] {
    Digest.hmacSHA256(Array(purpose.utf8) + [0] + secret, key: sealing.bytes)
  }

  /// ``fingerprint(of:purpose:)`` under the key of an id; nil when there is none.
  public func fingerprint(of secret: [UInt8], purpose: String, keyID: String) -> [UInt8]? {
    keys.first { $0.name == keyID }.map { Digest.hmacSHA256(Array(purpose.utf8) + [0] + secret, key: $0.bytes) }
  }

  /// ``fingerprint(of:purpose:)`` under each key, the current one first: what was hashed before a rotation is found as well.
  public func fingerprints(of secret: [UInt8], purpose: String) -> [[UInt8]] {
    ([sealing] + keys.filter { $0.id != sealing.id }).map {
      Digest.hmacSHA256(Array(purpose.utf8) + [0] + secret, key: $0.bytes)
    }
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
