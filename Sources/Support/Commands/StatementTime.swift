import Orders

/// Times as statements have them: RFC 3339, or without a zone `2026-11-29 13:22:01` and `29.11.2026 13:22`.
enum StatementTime {
  /// Milliseconds of Unix time; nil for what reads in no way, or in two.
  ///
  /// - Parameter offset: minutes that a time without its zone is ahead of UTC.
  static func milliseconds(_ text: String, offset: Int64) -> Int64? {
    if let exact = Timestamp.milliseconds(text) { return exact }
    let parts = text.split(whereSeparator: { $0 == " " || $0 == "T" }).map(String.init)
    guard (1...2).contains(parts.count), let day = day(parts[0]) else { return nil }
    guard let moment = Timestamp.milliseconds(ofDay: day) else { return nil }
    var time: Int64 = 0
    if parts.count == 2 {
      let clock = parts[1].utf8.count == 5 ? parts[1] + ":00" : parts[1]
      guard let whole = Timestamp.milliseconds("\(day)T\(clock)Z") else { return nil }
      time = whole - moment
    }
    return moment + time - offset * 60_000
  }

  /// `2026-11-29`; of days with points or slashes only the Turkish and European order, and never `11/29/2026`.
  private static func day(_ text: String) -> String? {
    if text.utf8.contains(UInt8(ascii: "-")) { return text }
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0].utf8.count == 2, parts[1].utf8.count == 2, parts[2].utf8.count == 4 else {
      return nil
    }
    return "\(parts[2])-\(parts[1])-\(parts[0])"
  }

  /// `+03:00`, `-05:30` or `Z` as minutes ahead of UTC; nil for anything else.
  static func offset(_ text: String) -> Int64? {
    guard let local = Timestamp.milliseconds("2000-01-01T12:00:00\(text)"),
      let utc = Timestamp.milliseconds("2000-01-01T12:00:00Z")
    else { return nil }
    return (utc - local) / 60_000
  }
}
