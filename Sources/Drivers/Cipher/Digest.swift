internal import COpenSSL

/// Hashing and comparing.
public enum Digest {
  /// Found once: OpenSSL 3 looks it up anew for each hash of `EVP_sha256()`. Never freed, and safe on all threads.
  nonisolated(unsafe) private static let algorithm = EVP_MD_fetch(nil, "SHA2-256", nil)
  private static let blockBytes = 64

  /// SHA-256, 32 bytes.
  public static func sha256(_ bytes: some Collection<UInt8>) -> [UInt8] {
    let bytes = Array(bytes)
    return [UInt8](unsafeUninitializedCapacity: 32) { hash, count in
      var length: UInt32 = 0
      let done = EVP_Digest(bytes, bytes.count, hash.baseAddress, &length, algorithm, nil)
      precondition(done == 1 && length == 32, "OpenSSL has no SHA-256")
      count = 32
    }
  }

  /// SHA-1, 20 bytes: for protocols that want it where nothing is to be kept secret.
  public static func sha1(_ bytes: some Collection<UInt8>) -> [UInt8] {
    let bytes = Array(bytes)
    return [UInt8](unsafeUninitializedCapacity: 20) { hash, count in
      var length: UInt32 = 0
      let done = EVP_Digest(bytes, bytes.count, hash.baseAddress, &length, EVP_sha1(), nil)
      precondition(done == 1 && length == 20, "OpenSSL has no SHA-1")
      count = 20
    }
  }

  /// HMAC with SHA-256 (RFC 2104), 32 bytes.
  ///
  /// - Precondition: the key has at most 64 bytes, the block of SHA-256.
  public static func hmacSHA256(_ bytes: some Collection<UInt8>, key: [UInt8]) -> [UInt8] {
    precondition(key.count <= blockBytes, "a longer key would have to be hashed first")
    func padded(_ pad: UInt8, _ more: Int) -> [UInt8] {
      var block: [UInt8] = []
      block.reserveCapacity(blockBytes + more)
      for byte in key { block.append(byte ^ pad) }
      for _ in key.count..<blockBytes { block.append(pad) }
      return block
    }
    var inner = padded(0x36, bytes.count)
    inner.append(contentsOf: bytes)
    var outer = padded(0x5C, 32)
    outer.append(contentsOf: sha256(inner))
    return sha256(outer)
  }

  /// Compares without telling by its duration where the first difference is.
  public static func constantTimeEquals(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    left.count == right.count && CRYPTO_memcmp(left, right, left.count) == 0
  }
}
