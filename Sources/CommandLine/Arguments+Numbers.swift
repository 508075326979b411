extension Arguments {
  /// The whole number given for a flag; nil when it is not given.
  ///
  /// - Throws: ``UsageError`` that names the flag and the range.
  public func number(_ flag: String, _ range: ClosedRange<Int>) throws(UsageError) -> Int? {
    guard let text = value(flag) else { return nil }
    guard let number = Int(text), range.contains(number) else {
      throw UsageError("\(flag) must be a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }
}
