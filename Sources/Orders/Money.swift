/// An amount in the provider account's currency, exact to a ten-thousandth.
///
/// Sums, differences and multiples stay at the largest or smallest amount there is rather than end the process: what
/// comes from outside is limited by ``readableMax``, but what is kept elsewhere (Redis) may say anything.
public struct Money: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// Ten-thousandths of the unit: 12.5 is 125,000.
  public let tenThousandths: Int64

  public init(tenThousandths: Int64) { self.tenThousandths = tenThousandths }

  /// Amounts from here on are no amounts, whatever the currency: 1,000,000,000,000 units.
  public static let readableMax = Money(tenThousandths: 1_000_000_000_000 * 10_000)

  /// The amount without its sign.
  public var magnitude: Money { tenThousandths < 0 ? Money(tenThousandths: 0) - self : self }

  /// Two decimals, or four where two are not enough: `12.50`, `0.0125`. Never three, which could be read as thousands.
  public var description: String {
    let sign = tenThousandths < 0 ? "-" : ""
    let amount = tenThousandths.magnitude
    let fraction = String(amount % 10_000)
    let decimals = String(repeating: "0", count: 4 - fraction.count) + fraction
    return "\(sign)\(amount / 10_000).\(decimals.hasSuffix("00") ? String(decimals.prefix(2)) : decimals)"
  }

  public static func < (a: Money, b: Money) -> Bool { a.tenThousandths < b.tenThousandths }

  public static func - (a: Money, b: Money) -> Money {
    let (difference, isOver) = a.tenThousandths.subtractingReportingOverflow(b.tenThousandths)
    return Money(tenThousandths: isOver ? (a.tenThousandths < 0 ? .min : .max) : difference)
  }

  public static func + (a: Money, b: Money) -> Money {
    let (sum, isOver) = a.tenThousandths.addingReportingOverflow(b.tenThousandths)
    return Money(tenThousandths: isOver ? (a.tenThousandths < 0 ? .min : .max) : sum)
  }

  public static func * (amount: Money, count: Int) -> Money {
    let (product, isOver) = amount.tenThousandths.multipliedReportingOverflow(by: Int64(count))
    return Money(tenThousandths: isOver ? ((amount.tenThousandths < 0) == (count < 0) ? .max : .min) : product)
  }
}
