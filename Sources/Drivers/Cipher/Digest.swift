internal import COpenSSL

/// Hashing and comparing.
public enum Digest {
  /// SHA-256, 32 bytes.
  public static func sha256(_ bytes: some Collection<UInt8>) -> [UInt8] {
    let bytes = Array(bytes)
    return [UInt8](unsafeUninitializedCapacity: 32) { hash, count in
      var length: UInt32 = 0
      let done = EVP_Digest(bytes, bytes.count, hash.baseAddress, &length, EVP_sha256(), nil)
      precondition(done == 1 && length == 32, "OpenSSL has no SHA-256")
      count = 32
    }
  }

  /// HMAC with SHA-256 (RFC 2104), 32 bytes.
  ///
  /// - Precondition: the key has at most 64 bytes, the block of SHA-256.
  public static func hmacSHA256(_ bytes: some Collection<UInt8>, key: [UInt8]) -> [UInt8] {
    precondition(key.count <= 64, "a longer key would have to be hashed first")
    let padded = key + [UInt8](repeating: 0, count: 64 - key.count)
    return sha256(padded.map { $0 ^ 0x5C } + sha256(padded.map { $0 ^ 0x36 } + Array(bytes)))
  }

  /// Compares without telling by its duration where the first difference is.
  public static func constantTimeEquals(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    left.count == right.count && CRYPTO_memcmp(left, right, left.count) == 0
  }
}
