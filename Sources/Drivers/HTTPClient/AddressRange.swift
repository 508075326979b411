/// Addresses that begin alike, as `10.0.0.0/8` or `fd00::/8` writes it.
public struct AddressRange: Sendable, Hashable {
  private let first: IPAddress
  /// How many of 128 bits are the same.
  private let bits: Int

  init(_ first: IPAddress, bits: Int) { (self.first, self.bits) = (first, bits) }

  /// Reads `10.0.0.0/8`, `fd00::/8` or a single address; nil for anything else.
  public init?(_ text: some StringProtocol) {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard let first = parts.first.flatMap({ IPAddress($0) }) else { return nil }
    let widest = first.isV4 ? 32 : 128
    guard parts.count == 2 else {
      self.init(first, bits: 128)
      return
    }
    guard let bits = Int(parts[1]), (0...widest).contains(bits) else { return nil }
    self.init(first, bits: bits + 128 - widest)
  }

  public func contains(_ address: IPAddress) -> Bool {
    let high = Self.mask(bits), low = Self.mask(bits - 64)
    return address.high & high == first.high & high && address.low & low == first.low & low
  }

  /// The first `bits` of 64 set; all or none of them beyond either end.
  private static func mask(_ bits: Int) -> UInt64 { bits <= 0 ? 0 : bits >= 64 ? .max : ~(.max >> UInt64(bits)) }
}
