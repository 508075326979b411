internal import COpenSSL

/// Unpredictable bytes, fit for keys and tokens.
public enum RandomBytes {
  /// Traps when the system has no randomness: going on with guessable keys would be worse.
  public static func make(_ count: Int) -> [UInt8] {
    guard count > 0 else { return [] }
    return [UInt8](unsafeUninitializedCapacity: count) { bytes, made in
      precondition(RAND_bytes(bytes.baseAddress, Int32(count)) == 1, "the system has no randomness")
      made = count
    }
  }
}
