internal import COpenSSL

/// Diffie-Hellman on Curve25519 (RFC 7748), over OpenSSL's EVP.
enum X25519 {
  static let keyBytes = 32

  /// - Precondition: `privateKey` has 32 bytes.
  static func publicKey(of privateKey: [UInt8]) -> [UInt8] {
    precondition(privateKey.count == keyBytes)
    guard let key = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, nil, privateKey, keyBytes) else {
      preconditionFailure("OpenSSL has no X25519")
    }
    defer { EVP_PKEY_free(key) }
    var (bytes, length) = ([UInt8](repeating: 0, count: keyBytes), keyBytes)
    precondition(EVP_PKEY_get_raw_public_key(key, &bytes, &length) == 1 && length == keyBytes, "OpenSSL has no X25519")
    return bytes
  }

  /// What both sides come to.
  ///
  /// - Precondition: both keys have 32 bytes.
  /// - Returns: nil for a public key of low order: everybody would come to the same.
  static func shared(_ privateKey: [UInt8], _ publicKey: [UInt8]) -> [UInt8]? {
    precondition(privateKey.count == keyBytes && publicKey.count == keyBytes)
    guard let mine = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, nil, privateKey, keyBytes) else { return nil }
    defer { EVP_PKEY_free(mine) }
    guard let theirs = EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, nil, publicKey, keyBytes) else { return nil }
    defer { EVP_PKEY_free(theirs) }
    guard let context = EVP_PKEY_CTX_new(mine, nil) else { return nil }
    defer { EVP_PKEY_CTX_free(context) }
    var (bytes, length) = ([UInt8](repeating: 0, count: keyBytes), keyBytes)
    guard EVP_PKEY_derive_init(context) == 1, EVP_PKEY_derive_set_peer(context, theirs) == 1,
      EVP_PKEY_derive(context, &bytes, &length) == 1, length == keyBytes
    else {
      ERR_clear_error()
      return nil
    }
    return bytes
  }
}
