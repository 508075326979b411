import Glibc
import Orders

/// A moment in the time zone of who reads it, which is said with it.
public enum LocalTime {
  /// Set where the reader's zone is not this machine's: moments in sentences are then marked (``MarkedTime``), for a page
  /// in a browser to put them into its own.
  @TaskLocal public static var isMarking = false

  /// `14:32 +03`, from milliseconds of Unix time; with the date before it when that is not the day of `now`.
  public static func minute(_ milliseconds: Int64, now: Int64) -> String {
    if isMarking { return MarkedTime.mark(Timestamp.rfc3339(milliseconds)) }
    let then = fields(milliseconds)
    let today = fields(now)
    let isToday = then.tm_year == today.tm_year && then.tm_yday == today.tm_yday
    let date = isToday ? "" : "\(then.tm_year + 1900)-\(pad(then.tm_mon + 1))-\(pad(then.tm_mday)) "
    return "\(date)\(pad(then.tm_hour)):\(pad(then.tm_min)) \(zone(milliseconds))"
  }

  /// `11-21 14:32`, without the zone: for a column whose title has it.
  public static func column(_ milliseconds: Int64) -> String {
    let then = fields(milliseconds)
    return "\(pad(then.tm_mon + 1))-\(pad(then.tm_mday)) \(pad(then.tm_hour)):\(pad(then.tm_min))"
  }

  /// `14:32:07`.
  public static func clock(_ milliseconds: Int64) -> String {
    let then = fields(milliseconds)
    return "\(pad(then.tm_hour)):\(pad(then.tm_min)):\(pad(then.tm_sec))"
  }

  /// `11-21 14:32:07 +03`: for lines that stand below each other.
  public static func line(_ milliseconds: Int64) -> String {
    let date = column(milliseconds).prefix { $0 != " " }
    return "\(date) \(clock(milliseconds)) \(zone(milliseconds))"
  }

  /// Milliseconds of Unix time of what ``Timestamp/rfc3339(_:)`` or the database wrote; nil for anything else.
  public static func milliseconds(rfc3339 text: String) -> Int64? {
    let numbers = text.split { !$0.isASCII || !$0.isNumber }.compactMap { Int32($0) }
    guard numbers.count == 7, text.utf8.count == 24, text.hasSuffix("Z") else { return nil }
    var fields = tm()
    (fields.tm_year, fields.tm_mon, fields.tm_mday) = (numbers[0] - 1900, numbers[1] - 1, numbers[2])
    (fields.tm_hour, fields.tm_min, fields.tm_sec) = (numbers[3], numbers[4], numbers[5])
    return Int64(timegm(&fields)) * 1000 + Int64(numbers[6])
  }

  /// The zone's short name at that moment: `UTC`, `CET`, `+03`.
  public static func zone(_ milliseconds: Int64) -> String {
    let then = fields(milliseconds)
    return then.tm_zone.map { String(cString: $0) } ?? "UTC"
  }

  /// Now, by this machine's clock.
  public static var now: Int64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
  }

  private static func fields(_ milliseconds: Int64) -> tm {
    var seconds = time_t(milliseconds / 1000)
    var fields = tm()
    localtime_r(&seconds, &fields)
    return fields
  }

  private static func pad(_ number: some BinaryInteger) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
