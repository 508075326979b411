/// An amount in the provider account's currency, exact to a ten-thousandth.
public struct Money: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// Ten-thousandths of the unit: 12.5 is 125,000.
  public let tenThousandths: Int64

  public init(tenThousandths: Int64) { self.tenThousandths = tenThousandths }

  /// Reads a decimal number such as `12755.23`, `-5`, `1.234,50` or `1,234.50`; nil for anything else.
  ///
  /// The last `.` or `,` is taken for the decimal mark, unless it is a comma or dot that repeats, or a lone comma
  /// followed by exactly three digits (then the number is ambiguous, and refused: money is never guessed).
  public init?(parsing text: some StringProtocol) {
    let (space, minus, plus) = (UInt8(ascii: " "), UInt8(ascii: "-"), UInt8(ascii: "+"))
    let (dot, comma, zero) = (UInt8(ascii: "."), UInt8(ascii: ","), UInt8(ascii: "0"))
    // Bytes, not characters: whatever is not ASCII is refused below, and prices are read with every answer.
    var digits = Array(text.utf8)[...]
    while digits.first == space { digits.removeFirst() }
    while digits.last == space { digits.removeLast() }
    let isNegative = digits.first == minus
    if isNegative || digits.first == plus { digits.removeFirst() }
    let marks = digits.filter { $0 == dot || $0 == comma }
    var mark: UInt8?
    if let last = marks.last {
      let isRepeated = marks.count(where: { $0 == last }) > 1
      if isRepeated {
        // 1.234.567 has no decimals; a mix such as 1,2.3.4 is no number.
        guard Set(marks).count == 1 else { return nil }
      } else {
        mark = last
      }
    }
    var whole: Int64 = 0
    var fraction: Int64 = 0
    var fractionDigits = 0
    var groupDigits = 0
    var groups = 0
    var sawDigit = false
    var inFraction = false
    for byte in digits {
      if byte == mark {
        inFraction = true
        continue
      }
      if byte == dot || byte == comma {
        guard !inFraction, groups == 0 ? (1...3).contains(groupDigits) : groupDigits == 3 else { return nil }
        groups += 1
        groupDigits = 0
        continue
      }
      guard (zero...UInt8(ascii: "9")).contains(byte) else { return nil }
      let value = Int64(byte - zero)
      sawDigit = true
      if inFraction {
        fractionDigits += 1
        guard fractionDigits <= 4 || value == 0 else { return nil }
        if fractionDigits <= 4 { fraction = fraction * 10 + value }
      } else {
        groupDigits += 1
        let (product, overflow) = whole.multipliedReportingOverflow(by: 10)
        guard !overflow, product < 100_000_000_000_000 else { return nil }
        whole = product + value
      }
    }
    guard sawDigit, groups == 0 || groupDigits == 3 else { return nil }
    if mark == comma, fractionDigits == 3, groups == 0 { return nil }
    if mark != nil, fractionDigits == 0 { return nil }
    for _ in min(fractionDigits, 4)..<4 { fraction *= 10 }
    let amount = whole * 10_000 + fraction
    tenThousandths = isNegative ? -amount : amount
  }

  /// The amount without its sign.
  public var magnitude: Money { Money(tenThousandths: abs(tenThousandths)) }

  /// At least two decimals, more only where they are needed: `12.50`, `0.0125`.
  public var description: String {
    let sign = tenThousandths < 0 ? "-" : ""
    let amount = tenThousandths.magnitude
    var decimals = String(amount % 10_000)
    decimals = String(repeating: "0", count: 4 - decimals.count) + decimals
    while decimals.count > 2, decimals.last == "0" { decimals.removeLast() }
    return "\(sign)\(amount / 10_000).\(decimals)"
  }

  public static func < (a: Money, b: Money) -> Bool { a.tenThousandths < b.tenThousandths }
  public static func - (a: Money, b: Money) -> Money { Money(tenThousandths: a.tenThousandths - b.tenThousandths) }
  public static func + (a: Money, b: Money) -> Money { Money(tenThousandths: a.tenThousandths + b.tenThousandths) }
}
