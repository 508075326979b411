extension Duration {
  /// Whole milliseconds rounded up, so that nothing is due early; never negative.
  public var millisecondsRoundedUp: Int64 {
    let (seconds, attoseconds) = components
    guard seconds >= 0, attoseconds >= 0 else { return 0 }
    // A century is as good as forever, and nothing overflows.
    return min(seconds, 3_155_760_000) * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
  }
}
