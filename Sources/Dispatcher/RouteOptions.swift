import CommandLine
import Orders
import Store

/// `--failover-after`, `--share`, `--cost-max` and `--order-by` of `route add` and `route set`: when an order takes a route rather
/// than another of its product.
enum RouteOptions {
  static let ofOne = ["--failover-after", "--share", "--cost-max"]
  static let orderBy = "--order-by"
  static let flags = ofOne + [orderBy]
  static let choices = [orderBy: ["position", "cost"]]
  private static let off = "off"
  private static let failoverMax = Duration.seconds(24 * 3600)

  /// What was given; nil of what was not.
  static func read(_ arguments: Arguments) throws(UsageError) -> RouteChange {
    RouteChange(
      failoverAfter: try failover(arguments), share: try share(arguments), costMax: try costMax(arguments),
      isByCost: try isByCost(arguments))
  }

  /// - Throws: `UsageError` for what is no duration that orders can wait.
  static func failover(_ arguments: Arguments) throws(UsageError) -> Duration?? {
    guard let text = arguments.value(ofOne[0]) else { return nil }
    if text == off { return .some(nil) }
    guard let duration = Duration(words: text), duration >= .seconds(1), duration <= failoverMax else {
      throw UsageError("\(ofOne[0]) is \"\(text)\", but must be off or a duration from 1s to 24h, such as 30s")
    }
    return .some(duration)
  }

  private static func share(_ arguments: Arguments) throws(UsageError) -> Int?? {
    guard let text = arguments.value(ofOne[1]) else { return nil }
    if text == off { return .some(nil) }
    guard let share = Int(text), RouteTerms.shares.contains(share), text == "\(share)" else {
      throw UsageError(
        "\(ofOne[1]) is \"\(text)\", but must be off or a number from \(RouteTerms.shares.lowerBound) to"
          + " \(RouteTerms.shares.upperBound), such as 30")
    }
    return .some(share)
  }

  private static func costMax(_ arguments: Arguments) throws(UsageError) -> Money?? {
    guard let text = arguments.value(ofOne[2]) else { return nil }
    if text == off { return .some(nil) }
    // What a person writes here is one notation: 1,50 may be meant for 150.
    guard text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || $0 == UInt8(ascii: ".") }),
      let money = Money(parsing: text, decimalMark: .point), money.tenThousandths > 0
    else {
      throw UsageError(
        "\(ofOne[2]) is \"\(text)\", but must be off or an amount above 0 as the provider's catalogue has it, such as 1.50"
      )
    }
    return .some(money)
  }

  private static func isByCost(_ arguments: Arguments) throws(UsageError) -> Bool? {
    guard let text = arguments.value(orderBy) else { return nil }
    guard choices[orderBy]?.contains(text) ?? false else {
      throw UsageError("\(orderBy) is \"\(text)\", but must be position or cost")
    }
    return text == "cost"
  }
}
