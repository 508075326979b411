/// Our name for one send at a provider, made and committed before the first byte goes out.
public enum SendReference {
  /// A new reference of `digits` decimal digits, never starting with 0.
  ///
  /// Random rather than counted: a counter restored from an old backup would hand out a reference that the provider
  /// already knows. The database holds each unique per provider account, so a collision is caught before the send.
  public static func make(digits: Int, using generator: inout some RandomNumberGenerator) -> String {
    precondition(digits >= 10 && digits <= 18, "a reference has 10 to 18 digits")
    let least = (1..<digits).reduce(UInt64(1)) { power, _ in power * 10 }
    return String(UInt64.random(in: least..<least * 10, using: &generator))
  }
}
