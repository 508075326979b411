internal import COpenSSL

/// AES-256-GCM over OpenSSL's EVP.
enum AESGCM {
  static let keyBytes = 32
  static let nonceBytes = 12
  static let tagBytes = 16
  /// Found once, as in ``Digest``.
  nonisolated(unsafe) private static let algorithm = EVP_CIPHER_fetch(nil, "AES-256-GCM", nil)

  /// - Returns: the ciphertext, as long as `plain`, then the tag.
  static func seal(_ plain: [UInt8], key: [UInt8], nonce: [UInt8], aad: [UInt8]) -> [UInt8] {
    precondition(key.count == keyBytes && nonce.count == nonceBytes)
    guard let context = EVP_CIPHER_CTX_new() else { preconditionFailure("no memory for a cipher") }
    defer { EVP_CIPHER_CTX_free(context) }
    var sealed = [UInt8](repeating: 0, count: plain.count + tagBytes)
    var length: Int32 = 0
    let isDone = sealed.withUnsafeMutableBufferPointer { out in
      guard let base = out.baseAddress else { return false }
      return EVP_EncryptInit_ex(context, algorithm, nil, key, nonce) == 1
        && EVP_EncryptUpdate(context, nil, &length, aad, Int32(aad.count)) == 1
        && EVP_EncryptUpdate(context, base, &length, plain, Int32(plain.count)) == 1
        && EVP_EncryptFinal_ex(context, base + plain.count, &length) == 1
        && sevk_gcm_get_tag(context, base + plain.count, Int32(tagBytes)) == 1
    }
    // No input makes these fail, only a broken library; going on would store something unreadable.
    precondition(isDone, "OpenSSL has no AES-256-GCM")
    return sealed
  }

  /// - Returns: nil when the tag does not fit: another key, another context, or tampered bytes.
  static func open(_ sealed: ArraySlice<UInt8>, key: [UInt8], nonce: [UInt8], aad: [UInt8]) -> [UInt8]? {
    precondition(key.count == keyBytes && nonce.count == nonceBytes)
    guard sealed.count >= tagBytes, let context = EVP_CIPHER_CTX_new() else { return nil }
    defer { EVP_CIPHER_CTX_free(context) }
    let cipher = Array(sealed.dropLast(tagBytes))
    var tag = Array(sealed.suffix(tagBytes))
    // One more byte, so that there is an address for an empty text too.
    var plain = [UInt8](repeating: 0, count: cipher.count + 1)
    var length: Int32 = 0
    let isDone = plain.withUnsafeMutableBufferPointer { out in
      guard let base = out.baseAddress else { return false }
      return EVP_DecryptInit_ex(context, algorithm, nil, key, nonce) == 1
        && EVP_DecryptUpdate(context, nil, &length, aad, Int32(aad.count)) == 1
        && EVP_DecryptUpdate(context, base, &length, cipher, Int32(cipher.count)) == 1
        && sevk_gcm_set_tag(context, &tag, Int32(tagBytes)) == 1
        && EVP_DecryptFinal_ex(context, base + cipher.count, &length) == 1
    }
    guard isDone else { return nil }
    plain.removeLast()
    return plain
  }
}
