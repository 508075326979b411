import CommandLine
import Orders

/// `--second-look` and `--second-look-share` of `provider add` and `provider set`.
enum ProviderSecondLook {
  static let flags = ["--second-look", "--second-look-share"]
  private static let off = "off"
  private static let usual = "default"

  /// What was given; outer nil: nothing.
  static func read(_ arguments: Arguments) throws(UsageError) -> (delays: [Duration]??, share: Double??) {
    (try delays(arguments), try share(arguments))
  }

  private static func delays(_ arguments: Arguments) throws(UsageError) -> [Duration]?? {
    guard let text = arguments.value(flags[0]) else { return nil }
    if text == usual { return .some(nil) }
    if text == off { return .some([]) }
    var delays: [Duration] = []
    for word in text.split(separator: ",", omittingEmptySubsequences: false) {
      guard let delay = Duration(words: String(word)), delay >= .seconds(1), !delays.contains(delay) else {
        throw UsageError("\(flags[0]) is \"\(text)\", but must be off, default, or durations such as 1h,24h")
      }
      delays.append(delay)
    }
    guard delays.count <= SecondLookRule.delaysMax else {
      throw UsageError("\(flags[0]) has more than \(SecondLookRule.delaysMax) durations")
    }
    return delays
  }

  private static func share(_ arguments: Arguments) throws(UsageError) -> Double?? {
    guard let text = arguments.value(flags[1]) else { return nil }
    if text == usual { return .some(nil) }
    guard let share = Double(text), share > 0, share <= 1 else {
      throw UsageError(
        "\(flags[1]) is \"\(text)\", but must be above 0 and at most 1, such as 0.1 for one order of ten")
    }
    return .some(share)
  }
}
