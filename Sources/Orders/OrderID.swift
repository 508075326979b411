/// The identity of an order: a UUID of version 7, so ids sort by the time they were made.
public struct OrderID: Hashable, Sendable, Comparable, CustomStringConvertible {
  private let high: UInt64
  private let low: UInt64

  /// A new id. `milliseconds` is the Unix time that the id begins with; it orders ids and is never used as a fact.
  public init(milliseconds: UInt64, using generator: inout some RandomNumberGenerator) {
    high = (milliseconds << 16) | 0x7000 | (generator.next() & 0x0FFF)
    low = 0x8000_0000_0000_0000 | (generator.next() >> 2)
  }

  /// Reads the usual form, `0198c0de-…`; nil for anything else.
  public init?(_ text: some StringProtocol) {
    var digits: (UInt64, UInt64) = (0, 0)
    var count = 0
    for (position, byte) in text.utf8.enumerated() {
      if position == 8 || position == 13 || position == 18 || position == 23 {
        guard byte == UInt8(ascii: "-") else { return nil }
        continue
      }
      guard let value = Self.value(ofHexDigit: byte), count < 32 else { return nil }
      if count < 16 { digits.0 = digits.0 << 4 | value } else { digits.1 = digits.1 << 4 | value }
      count += 1
    }
    guard count == 32 else { return nil }
    (high, low) = digits
  }

  public var description: String {
    String(unsafeUninitializedCapacity: 36) { buffer in
      var position = 0
      for (word, dashes) in [(high, [8, 13]), (low, [18, 23])] {
        for shift in stride(from: 60, through: 0, by: -4) {
          if position == 18 || dashes.contains(position) {
            buffer[position] = UInt8(ascii: "-")
            position += 1
          }
          let digit = UInt8(truncatingIfNeeded: word >> UInt64(shift)) & 0xF
          buffer[position] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") - 10 + digit
          position += 1
        }
      }
      return position
    }
  }

  public static func < (a: OrderID, b: OrderID) -> Bool { (a.high, a.low) < (b.high, b.low) }

  private static func value(ofHexDigit byte: UInt8) -> UInt64? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt64(byte - UInt8(ascii: "a") + 10)
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt64(byte - UInt8(ascii: "A") + 10)
    default: nil
    }
  }
}
