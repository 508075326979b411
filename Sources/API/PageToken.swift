public import Cipher
public import Orders

/// What the address of an order's page ends with: the order's id and a keyed hash of it, as base64 for URLs.
///
/// So nothing is stored, and who does not have the secret key makes none. It works while a process has the key that it was
/// made with, and no longer.
public enum PageToken {
  /// Of the hash, which is cut: 2^128 are as many as nobody tries.
  static let hashBytes = 16
  private static let purpose = "order page"

  /// The token of an order, under the key that seals now.
  public static func make(_ id: OrderID, _ vault: Vault) -> String {
    Base64.encodeURLSafe(id.bytes + vault.fingerprint(of: id.bytes, purpose: purpose).prefix(hashBytes))
  }

  /// The order of a token; nil for whatever was not made with one of the keys.
  public static func read(_ text: String, _ vault: Vault) -> OrderID? {
    // Whoever sends a long text has it decoded by nobody.
    guard text.utf8.count == length, let bytes = Base64.decodeURLSafe(text),
      let id = OrderID(bytes: bytes.prefix(OrderID.bytesCount))
    else { return nil }
    let given = Array(bytes.dropFirst(OrderID.bytesCount))
    var isRight = false
    for print in vault.fingerprints(of: id.bytes, purpose: purpose) {
      // Every key is tried, whichever it is.
      if Digest.constantTimeEquals(Array(print.prefix(hashBytes)), given) { isRight = true }
    }
    return isRight ? id : nil
  }

  /// Characters of 32 bytes in base64 without padding.
  public static let length = 43
}
