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

  /// Compares without telling by its duration where the first difference is.
  public static func constantTimeEquals(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    left.count == right.count && CRYPTO_memcmp(left, right, left.count) == 0
  }
}
