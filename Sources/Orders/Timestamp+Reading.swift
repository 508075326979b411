/// Reading what others write as a moment.
extension Timestamp {
  /// Milliseconds of Unix time of a moment as RFC 3339 has it, such as `2026-11-29T13:22:01Z` or
  /// `2026-11-29T16:22:01.5+03:00`; nil for anything else, such as one without its zone. What is finer than a millisecond
  /// is cut off.
  public static func milliseconds(_ text: String) -> Int64? {
    var bytes = Array(text.utf8)[...]
    guard let days = takeDay(&bytes), let mark = bytes.popFirst(), mark | 0x20 == UInt8(ascii: "t"),
      let hour = take(2, &bytes, UInt8(ascii: ":")), let minute = take(2, &bytes, UInt8(ascii: ":")),
      // A leap second is counted as the one after it.
      let second = take(2, &bytes), hour < 24, minute < 60, second <= 60, let fraction = takeFraction(&bytes),
      let offset = takeOffset(&bytes), bytes.isEmpty
    else { return nil }
    return days * 86_400_000 + ((hour * 60 + minute - offset) * 60 + second) * 1000 + fraction
  }

  /// Milliseconds of Unix time at which a day begins in UTC, such as `2026-11-29`; nil for anything else.
  public static func milliseconds(ofDay text: String) -> Int64? {
    var bytes = Array(text.utf8)[...]
    guard let days = takeDay(&bytes), bytes.isEmpty else { return nil }
    return days * 86_400_000
  }

  /// Days since 1970-01-01.
  private static func takeDay(_ bytes: inout ArraySlice<UInt8>) -> Int64? {
    guard let year = take(4, &bytes, UInt8(ascii: "-")), let month = take(2, &bytes, UInt8(ascii: "-")),
      let day = take(2, &bytes), (1...12).contains(month), day >= 1
    else { return nil }
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    guard day <= [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][Int(month) - 1] else { return nil }
    // Years that begin in March, as in `civil`.
    let (shifted, monthFromMarch) = month > 2 ? (year, month - 3) : (year - 1, month + 9)
    let era = shifted >= 0 ? shifted / 400 : -1
    let yearOfEra = shifted - era * 400
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + (153 * monthFromMarch + 2) / 5 + day - 1
    return era * 146_097 + dayOfEra - 719_468
  }

  private static func takeFraction(_ bytes: inout ArraySlice<UInt8>) -> Int64? {
    guard bytes.first == UInt8(ascii: ".") else { return 0 }
    bytes.removeFirst()
    var (value, scale, count) = (Int64(0), Int64(100), 0)
    while let byte = bytes.first, isDigit(byte) {
      value += Int64(byte - UInt8(ascii: "0")) * scale
      scale /= 10
      count += 1
      bytes.removeFirst()
    }
    return count > 0 ? value : nil
  }

  /// Minutes before UTC.
  private static func takeOffset(_ bytes: inout ArraySlice<UInt8>) -> Int64? {
    switch bytes.popFirst() {
    case UInt8(ascii: "Z"), UInt8(ascii: "z"): return 0
    case let sign? where sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-"):
      guard let hours = take(2, &bytes, UInt8(ascii: ":")), let minutes = take(2, &bytes), hours < 24, minutes < 60
      else { return nil }
      return (hours * 60 + minutes) * (sign == UInt8(ascii: "-") ? -1 : 1)
    default: return nil
    }
  }

  /// Exactly so many digits, and the mark behind them.
  private static func take(_ count: Int, _ bytes: inout ArraySlice<UInt8>, _ mark: UInt8? = nil) -> Int64? {
    let digits = bytes.prefix(count)
    guard digits.count == count, digits.allSatisfy(isDigit) else { return nil }
    bytes.removeFirst(count)
    if let mark { guard bytes.popFirst() == mark else { return nil } }
    return digits.reduce(0) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) }
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}
