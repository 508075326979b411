import CommandLine
import Orders

/// `--second-person-above` of `provider add` and `provider set`: to send again what the provider may have takes two people,
/// where it is about more than that.
enum ProviderSecondPerson {
  static let flag = "--second-person-above"
  private static let off = "off"

  /// - Returns: nil when the flag was not given; `.some(nil)` when it is taken back.
  /// - Throws: `UsageError` for what is no sum.
  static func amount(_ arguments: Arguments) throws(UsageError) -> Money?? {
    guard let text = arguments.value(flag) else { return nil }
    if text == off { return .some(nil) }
    guard let amount = Money(parsing: text, decimalMark: .point), amount.tenThousandths >= 0, amount < Money.readableMax
    else {
      throw UsageError(
        "\(flag) is \"\(text)\", but must be off or a sum in the provider's currency such as 100 or 99.50; 0 is every sum"
      )
    }
    return .some(amount)
  }
}
