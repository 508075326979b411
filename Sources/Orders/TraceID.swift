/// The id of a distributed trace (W3C Trace Context): 128 bits, not all of them 0.
public struct TraceID: Hashable, Sendable, CustomStringConvertible {
  let high: UInt64
  let low: UInt64

  init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// The trace of an order that came without one: the order's own id, so that nothing has to be stored or carried for it.
  /// Its last 62 bits are random, more than the 56 that W3C asks for.
  public init(_ order: OrderID) { (high, low) = order.words }

  /// The 56 bits that samplers decide by; W3C wants these to be random.
  public var randomness: UInt64 { low & 0x00FF_FFFF_FFFF_FFFF }

  /// 32 hexadecimal digits.
  public var description: String {
    String(unsafeUninitializedCapacity: 32) { buffer in
      Hexadecimal.write(high, to: buffer, at: 0)
      Hexadecimal.write(low, to: buffer, at: 16)
      return 32
    }
  }
}

/// Lower-case hexadecimal digits, as W3C Trace Context has them.
enum Hexadecimal {
  /// Writes 16 digits.
  static func write(_ word: UInt64, to buffer: UnsafeMutableBufferPointer<UInt8>, at start: Int) {
    for position in 0..<16 {
      let digit = UInt8(truncatingIfNeeded: (word >> UInt64(60 - 4 * position)) & 15)
      buffer[start + position] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") - 10 + digit
    }
  }

  /// The number that `range` spells; nil unless each byte of it is one of `0`–`9` and `a`–`f`.
  static func read(_ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> UInt64? {
    var word: UInt64 = 0
    for position in range {
      let byte = text[position]
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): word = word << 4 | UInt64(byte - UInt8(ascii: "0"))
      case UInt8(ascii: "a")...UInt8(ascii: "f"): word = word << 4 | UInt64(byte - UInt8(ascii: "a") + 10)
      default: return nil
      }
    }
    return word
  }
}
