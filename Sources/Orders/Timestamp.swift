/// A moment as people and JSON have it.
public enum Timestamp {
  /// RFC 3339 in UTC with milliseconds, from milliseconds of Unix time.
  public static func rfc3339(_ milliseconds: Int64) -> String {
    let days = milliseconds.flooredDivision(by: 86_400_000)
    let rest = milliseconds - days * 86_400_000
    let (year, month, day) = civil(days)
    if (0...9999).contains(year) { return text(year, month, day, rest) }
    return "\(pad(year, 4))-\(pad(month, 2))-\(pad(day, 2))T\(pad(rest / 3_600_000, 2)):\(pad(rest / 60_000 % 60, 2))"
      + ":\(pad(rest / 1000 % 60, 2)).\(pad(rest % 1000, 3))Z"
  }

  /// Written digit by digit: each answer and each line of a log has some.
  private static func text(_ year: Int64, _ month: Int64, _ day: Int64, _ rest: Int64) -> String {
    String(unsafeUninitializedCapacity: 24) { text in
      var position = 0
      func put(_ number: Int64, _ width: Int, _ mark: Unicode.Scalar) {
        var rest = number
        for index in (position..<position + width).reversed() {
          text[index] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
          rest /= 10
        }
        text[position + width] = UInt8(ascii: mark)
        position += width + 1
      }
      put(year, 4, "-")
      put(month, 2, "-")
      put(day, 2, "T")
      put(rest / 3_600_000, 2, ":")
      put(rest / 60_000 % 60, 2, ":")
      put(rest / 1000 % 60, 2, ".")
      put(rest % 1000, 3, "Z")
      return position
    }
  }

  /// Days since 1970-01-01 to a date of the Gregorian calendar: counted in eras of 400 years that begin in March, so
  /// that the leap day is a year's last.
  private static func civil(_ days: Int64) -> (Int64, Int64, Int64) {
    let shifted = days + 719_468
    let era = shifted.flooredDivision(by: 146_097)
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
  }

  private static func pad(_ number: Int64, _ width: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, width - text.count)) + text
  }
}

extension Int64 {
  fileprivate func flooredDivision(by divisor: Int64) -> Int64 {
    let quotient = self / divisor
    return self % divisor < 0 ? quotient - 1 : quotient
  }
}
