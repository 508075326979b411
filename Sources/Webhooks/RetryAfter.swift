/// The header `Retry-After`: seconds, or a date.
public enum RetryAfter {
  /// A receiver can't ask for more.
  public static let max = Duration.seconds(86_400)
  /// For so long at most it holds up all that its endpoint is to be told. One event alone is held up as long as was asked.
  public static let holdMax = Duration.seconds(3600)

  private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

  /// - Parameter now: seconds of Unix time.
  /// - Returns: how long to wait; nil when it can't be read.
  public static func read(_ text: String, now: Int64) -> Duration? {
    if text.utf8.allSatisfy({ (48...57).contains($0) }), !text.isEmpty {
      return Swift.min(.seconds(Int64(text.prefix(9)) ?? 0), max)
    }
    // Sun, 06 Nov 1994 08:49:37 GMT
    let words = text.split(separator: " ")
    guard words.count == 6, words[5] == "GMT", let day = Int64(words[1]), let year = Int64(words[3]),
      let month = months.firstIndex(of: String(words[2])), (1...31).contains(day), (1970...9999).contains(year)
    else { return nil }
    let clock = words[4].split(separator: ":").compactMap { Int64($0) }
    guard clock.count == 3, (0...23).contains(clock[0]), (0...59).contains(clock[1]), (0...60).contains(clock[2]) else {
      return nil
    }
    let seconds = days(year, Int64(month + 1), day) * 86_400 + clock[0] * 3600 + clock[1] * 60 + clock[2]
    return Swift.min(.seconds(Swift.max(seconds - now, 0)), max)
  }

  /// Since 1970, in the calendar of today: a year begins in March here, so that its leap day is the last.
  private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
    let (year, month) = month > 2 ? (year, month - 3) : (year - 1, month + 9)
    return 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1 - 719_468
  }
}
