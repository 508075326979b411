import Orders

/// Drops of a balance that are told of in the log: the first at once, and what follows within a minute in one line. Two
/// providers that are one account explain nothing to each other, and each send would be a line. Pure.
struct DropTally {
  /// What a line says.
  struct Line: Equatable {
    var drops: Int
    var amount: Money
    /// The newest, where it is known.
    var balance: Money?
  }

  /// Between two lines about one provider.
  static let pause = Duration.seconds(60)

  private var isWaiting = false
  private var held: Line?

  /// - Returns: the line to write now; nil where it waits for ``pause`` to be over.
  mutating func note(_ amount: Money, balance: Money?) -> Line? {
    guard isWaiting else {
      isWaiting = true
      return Line(drops: 1, amount: amount, balance: balance)
    }
    held = Line(
      drops: (held?.drops ?? 0) + 1, amount: (held?.amount ?? Money(tenThousandths: 0)) + amount, balance: balance)
    return nil
  }

  /// The pause is over.
  ///
  /// - Returns: the line to write now, and then another pause begins; nil where nothing came.
  mutating func end() -> Line? {
    defer { held = nil }
    isWaiting = held != nil
    return held
  }
}
