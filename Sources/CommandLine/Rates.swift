extension Setting {
  public static let rateLimit = Setting(
    "SEVK_RATE_LIMIT",
    "requests a second of each token without a --rate of its own, in each dispatcher, such as 100/s; off: no limit",
    default: "off")
}

extension Settings {
  /// The largest rate, per second.
  private static let ratePerSecondMax = 1_000_000

  /// Reads `100/s`; `off` is 0. Nil for anything else.
  public static func rate(_ text: String) -> Int? {
    if text == "off" { return 0 }
    guard text.hasSuffix("/s"), let rate = Int(text.dropLast(2)), (1...ratePerSecondMax).contains(rate) else {
      return nil
    }
    return rate
  }

  /// A rate per second, or nil for `off`.
  public func rateOrOff(_ setting: Setting) throws(UsageError) -> Int? {
    let text = try string(setting)
    guard let rate = Self.rate(text) else { throw wrong(setting, text, "such as 100/s, or off") }
    return rate == 0 ? nil : rate
  }
}
