/// Reading amounts. Money is never guessed: what reads in two ways is refused.
extension Money {
  /// Which mark stands before the decimals, where the provider's settings say so.
  public enum DecimalMark: String, Sendable, CaseIterable { case point, comma }

  /// Most bytes of an amount; a float of PHP has some twenty.
  private static let bytesMax = 40
  /// A number of so many digits is a printed float (PHP prints 14 or 17).
  private static let floatDigitsMin = 14
  /// One of so many has its noise in the last two, wherever they stand: more digits a double does not hold.
  private static let longFloatDigitsMin = 17
  /// The digits of a float after the fourth decimal that must all be 0 or all 9 to be rounded away.
  private static let noiseDigits = 4

  /// Reads a decimal number such as `12755.23`, `-5`, `1.234,50` or `1,234.50`; nil for anything else.
  ///
  /// - Parameter decimalMark: nil where nobody said which it is. Then the last `.` or `,` is taken for it unless that one
  ///   repeats. A lone mark before exactly three digits reads in two ways, `1.250` as 1.25 and as 1250, and is refused; not
  ///   so `0.250` and `12755.250`, which no one groups that way.
  ///
  /// What a float leaves behind the fourth decimal is rounded away where it is clearly that: `12755.230000000001`,
  /// `0.12999999999999`, `2.8421709430404E-14`. Amounts of ``readableMax`` and more are refused.
  public init?(parsing text: some StringProtocol, decimalMark: DecimalMark? = nil) {
    let (space, minus, plus) = (UInt8(ascii: " "), UInt8(ascii: "-"), UInt8(ascii: "+"))
    let (dot, comma) = (UInt8(ascii: "."), UInt8(ascii: ","))
    // Bytes, not characters: whatever is not ASCII is refused below, and prices are read with every answer.
    var bytes = Array(text.utf8.prefix(Self.bytesMax + 1))[...]
    guard bytes.count <= Self.bytesMax else { return nil }
    while bytes.first == space { bytes.removeFirst() }
    while bytes.last == space { bytes.removeLast() }
    let isNegative = bytes.first == minus
    if isNegative || bytes.first == plus { bytes.removeFirst() }
    if Self.isNearlyNothing(bytes) {
      self.init(tenThousandths: 0)
      return
    }
    let marks = bytes.filter { $0 == dot || $0 == comma }
    var mark: UInt8?
    if let decimalMark {
      mark = decimalMark == .point ? dot : comma
      // It stands once, and no thousands after it.
      guard marks.count(where: { $0 == mark }) <= 1 else { return nil }
      if !marks.contains(where: { $0 == mark }) { mark = nil }
    } else if let last = marks.last {
      if marks.count(where: { $0 == last }) > 1 {
        // 1.234.567 has no decimals; a mix such as 1,2.3.4 is no number.
        guard Set(marks).count == 1 else { return nil }
      } else {
        mark = last
      }
    }
    let parts = mark.map { bytes.split(separator: $0, maxSplits: 1, omittingEmptySubsequences: false) } ?? [bytes]
    guard let whole = Self.whole(parts[0]) else { return nil }
    guard parts.count == 2 else {
      guard !parts[0].isEmpty else { return nil }
      self.init(whole * 10_000, isNegative)
      return
    }
    let fraction = parts[1]
    guard !fraction.isEmpty, fraction.allSatisfy(Self.isDigit) else { return nil }
    if decimalMark == nil, fraction.count == 3, (1...3).contains(parts[0].count), parts[0].first != UInt8(ascii: "0") {
      return nil
    }
    guard let tenThousandths = Self.tenThousandths(fraction, digits: parts[0].count + fraction.count) else {
      return nil
    }
    self.init(whole * 10_000 + tenThousandths, isNegative)
  }

  private init?(_ amount: Int64, _ isNegative: Bool) {
    guard amount < Self.readableMax.tenThousandths else { return nil }
    self.init(tenThousandths: isNegative ? -amount : amount)
  }

  /// Digits, perhaps in groups of three; 0 for none, as in `.5`.
  private static func whole(_ bytes: ArraySlice<UInt8>) -> Int64? {
    let groups = bytes.split(omittingEmptySubsequences: false) { !isDigit($0) }
    if groups.count > 1 {
      guard (1...3).contains(groups[0].count), groups.dropFirst().allSatisfy({ $0.count == 3 }),
        bytes.allSatisfy({ isDigit($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: ",") })
      else { return nil }
    }
    var whole: Int64 = 0
    for byte in groups.joined() {
      whole = whole * 10 + Int64(byte - UInt8(ascii: "0"))
      guard whole < readableMax.tenThousandths / 10_000 else { return nil }
    }
    return whole
  }

  /// The digits after the mark, rounded where a float made them long; nil where that would be a guess.
  private static func tenThousandths(_ fraction: ArraySlice<UInt8>, digits: Int) -> Int64? {
    var amount: Int64 = 0
    for place in 0..<4 {
      let index = fraction.startIndex + place
      amount = amount * 10 + (index < fraction.endIndex ? Int64(fraction[index] - UInt8(ascii: "0")) : 0)
    }
    let rest = fraction.dropFirst(4)
    guard rest.contains(where: { $0 != UInt8(ascii: "0") }) else { return amount }
    guard digits >= floatDigitsMin else { return nil }
    let looked = digits >= longFloatDigitsMin ? min(noiseDigits, max(rest.count - 1, 1)) : noiseDigits
    guard rest.count > looked || digits >= longFloatDigitsMin else { return nil }
    if rest.prefix(looked).allSatisfy({ $0 == UInt8(ascii: "0") }) { return amount }
    if rest.prefix(looked).allSatisfy({ $0 == UInt8(ascii: "9") }) { return amount + 1 }
    return nil
  }

  /// `2.8421709430404E-14`: what PHP prints where floats should have come to nothing.
  private static func isNearlyNothing(_ bytes: ArraySlice<UInt8>) -> Bool {
    guard let mark = bytes.firstIndex(where: { $0 == UInt8(ascii: "E") || $0 == UInt8(ascii: "e") }) else {
      return false
    }
    let exponent = bytes[(mark + 1)...]
    let mantissa = bytes[..<mark]
    guard exponent.first == UInt8(ascii: "-"), (1...3).contains(exponent.count - 1),
      exponent.dropFirst().allSatisfy(isDigit), let size = Int(String(decoding: exponent.dropFirst(), as: UTF8.self)),
      size >= 9, let first = mantissa.first, isDigit(first)
    else { return false }
    let rest = mantissa.dropFirst()
    return rest.isEmpty || rest.count > 1 && rest.first == UInt8(ascii: ".") && rest.dropFirst().allSatisfy(isDigit)
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}
