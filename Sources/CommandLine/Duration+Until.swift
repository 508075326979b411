extension Duration {
  /// A wait as people say it: `now`, `in a second`, `in 44 s`.
  public var untilWords: String {
    if self <= .zero { return "now" }
    return self < .seconds(1) ? "in a second" : "in \(inRoughWords)"
  }
}
