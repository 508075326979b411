/// The identity of an order: a UUID of version 7, so ids sort by the time they were made.
public struct OrderID: Hashable, Sendable, Comparable, CustomStringConvertible {
  private let high: UInt64
  private let low: UInt64

  /// A new id. `milliseconds` is the Unix time that the id begins with; it orders ids and is never used as a fact.
  public init(milliseconds: UInt64, using generator: inout some RandomNumberGenerator) {
    high = (milliseconds << 16) | 0x7000 | (generator.next() & 0x0FFF)
    low = 0x8000_0000_0000_0000 | (generator.next() >> 2)
  }

  /// Below every id.
  public static let least = OrderID(high: 0, low: 0)

  /// Below every id that was made at this time of Unix, in milliseconds, or later.
  public static func first(at milliseconds: UInt64) -> OrderID { OrderID(high: milliseconds << 16, low: 0) }

  private init(high: UInt64, low: UInt64) { (self.high, self.low) = (high, low) }

  /// Reads the usual form, `0198c0de-…`; nil for anything else.
  public init?(_ text: String) {
    var text = text
    guard let words = text.withUTF8({ Self.parse($0) }) else { return nil }
    (high, low) = words
  }

  /// Reads its 16 bytes; nil for another number of them.
  public init?(bytes: some Collection<UInt8>) {
    guard bytes.count == Self.bytesCount else { return nil }
    var words: (UInt64, UInt64) = (0, 0)
    for (position, byte) in bytes.enumerated() {
      if position < 8 { words.0 = words.0 << 8 | UInt64(byte) } else { words.1 = words.1 << 8 | UInt64(byte) }
    }
    (high, low) = words
  }

  public static let bytesCount = 16

  /// Its 16 bytes.
  public var bytes: [UInt8] {
    [high, low].flatMap { word in (0..<8).reversed().map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) } }
  }

  /// Reads the usual form from a part of a text.
  public init?(_ text: Substring) { self.init(String(text)) }

  private static func parse(_ text: UnsafeBufferPointer<UInt8>) -> (UInt64, UInt64)? {
    guard text.count == 36 else { return nil }
    var words: (UInt64, UInt64) = (0, 0)
    for position in 0..<36 {
      if isDash(position) {
        guard text[position] == UInt8(ascii: "-") else { return nil }
        continue
      }
      guard let value = value(ofHexDigit: text[position]) else { return nil }
      if position < 18 { words.0 = words.0 << 4 | value } else { words.1 = words.1 << 4 | value }
    }
    return words
  }

  public var description: String {
    String(unsafeUninitializedCapacity: 36) { buffer in
      var (first, second) = (high, low)
      for position in 0..<36 {
        if Self.isDash(position) {
          buffer[position] = UInt8(ascii: "-")
          continue
        }
        let digit = UInt8(truncatingIfNeeded: (position < 18 ? first : second) >> 60)
        if position < 18 { first <<= 4 } else { second <<= 4 }
        buffer[position] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") - 10 + digit
      }
      return 36
    }
  }

  private static func isDash(_ position: Int) -> Bool {
    position == 8 || position == 13 || position == 18 || position == 23
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

extension OrderID {
  /// Its 128 bits; see ``TraceID``.
  var words: (high: UInt64, low: UInt64) { (high, low) }
}
