import FoundationEssentials
import Orders

/// The figures of one run.
struct Report: Codable, Sendable {
  var seed: UInt64
  var command: String
  var seconds: Double
  var orders = 0
  var statuses: [String: Int] = [:]
  /// How often the shop had to repeat a POST.
  var repeats = 0
  var faults: [String: Int] = [:]
  /// How many requests the panel spoilt.
  var panelFaults: [String: Int] = [:]
  var faultsNotDone: [String] = []
  var endings: [String: Int] = [:]
  /// What providers, and others in their name, posted by themselves: by what it was and how it was answered.
  var notices: [String: Int] = [:]
  /// What became of codes of our own.
  var stock: [String: Int] = [:]
  var lost = 0
  var doubled = 0
  var wrongPins = 0
  /// Held, or unresolved with a next check, with the reasons.
  var needAPerson: [Checker.Open] = []
  var remarks = Remarks()
  /// What else the shop did.
  var tally: [String: Int] = [:]
  /// What shops were told, by endpoints and by position.
  var outside: [String: Int] = [:]
  /// Endpoints that a person had to look after, and what they were.
  var replayed: [String] = []
  /// Jobs put into Redis by hand, by where they ended.
  var garbage: [String: Int] = [:]
  var eventsDelivered = 0
  /// Most orders that the panel accepted within a second.
  var busiestSecond = 0
  var sends = 0
  /// From the end of a fault until no order was overdue and another was delivered, the longest, in milliseconds.
  var worstRecoveryMilliseconds: [String: Int] = [:]
  /// The same, of recoveries that met no other fault and no open breaker.
  var worstUndisturbedRecoveryMilliseconds: [String: Int] = [:]
  var settledAfterSeconds: Double?
  var violations: [Checker.Violation] = []

  private static let shownMax = 40

  var text: String {
    var lines = [
      "orders        \(orders) in \(Int(seconds)) s: \(Self.list(statuses)); \(repeats) posts repeated",
      "faults        \(faults.values.reduce(0, +)): \(Self.list(faults))",
      "panel spoilt  \(panelFaults.values.reduce(0, +)): \(Self.list(panelFaults))",
      "ended         \(Self.list(endings))",
      "lost          \(lost)", "doubled       \(doubled)", "wrong PINs    \(wrongPins)",
      "sent          \(sends) accepted by the panel (\(busiestSecond) in the busiest second), "
        + "\(eventsDelivered) events delivered",
      "settled       "
        + (settledAfterSeconds.map { "\(Int($0)) s after the last fault" } ?? "not all, in the time given"),
      "worst recovery (ms)  undisturbed: " + Self.list(worstUndisturbedRecoveryMilliseconds),
      "                     with other faults: " + Self.list(worstRecoveryMilliseconds),
      "shop          \(Self.list(tally)); cancels: \(remarks.cancelsConfirmed) in time, "
        + "\(remarks.cancelsRefused) too late; refunds claimed of \(remarks.claims), safe: \(remarks.claimsConfirmed); "
        + "\(remarks.contested) contested",
      "told          \(told)",
      "notices       \(Self.list(notices))", "own codes     \(Self.list(stock))",
      "garbage jobs  \(Self.list(garbage))",
      "cancelled after delivery  \(Self.words(remarks.cancelledAfterDelivery)) back from the panel; "
        + "what a second look finds of it is contested",
      "booked twice by the panel  \(Self.words(remarks.bookedTwice)); alarms: \(Self.words(remarks.alarms)); "
        + "larger drops: \(Self.words(remarks.withdrawals))",
      "told another cost  \(Self.words(remarks.toldAnotherCost)) more than debited; Sevk keeps what the panel said",
      "held for a PIN that another order got  \(remarks.heldForSharedPin), of \(remarks.sharedPins) that the panel gave twice",
      "held for two answers that contradict each other  \(remarks.heldForContradiction)",
      "held at a provider that can't be asked  \(remarks.heldUnaskable); settled by statements \(remarks.settledByStatement)",
      "need a person \(statuses["held", default: 0]), and \(statuses["unresolved", default: 0]) are still asked about",
    ]
    for (reason, orders) in reasons.prefix(Self.shownMax) { lines.append("  \(orders) × \(reason)") }
    for failure in faultsNotDone { lines.append("could not do: \(failure)") }
    lines.append(violations.isEmpty ? "every promise held" : "VIOLATIONS    \(violations.count)")
    for violation in violations.prefix(Self.shownMax) {
      lines.append("  \(violation.kind.rawValue): \(violation.text)")
    }
    lines.append("seed \(seed)  to repeat: \(command)")
    return lines.joined(separator: "\n")
  }

  private var told: String {
    let asked = replayed.isEmpty ? "nothing" : replayed.joined(separator: ", ")
    return "\(Self.list(outside)); endpoints that a person had to look after: \(asked)"
  }

  /// Why orders are open, the commonest first; reasons that differ in what they quote or count are one.
  var reasons: [(reason: String, orders: Int)] {
    let alike = needAPerson.map { open in
      var reason = "\(open.status): "
      var isQuoted = false
      // The id of an order is as good as any other's.
      let words = open.reason.split(separator: " ", omittingEmptySubsequences: false)
        .map { OrderID($0.prefix(36)) == nil ? $0 : "…" + $0.dropFirst(36) }
      for character in words.joined(separator: " ") {
        if character == "”" { isQuoted = false }
        if !isQuoted { reason.append(character.isWholeNumber ? "0" : character) }
        if character == "“" {
          isQuoted = true
          reason.append("…")
        }
      }
      return reason.split(omittingEmptySubsequences: false) { $0 == "0" }
        .filter { !$0.isEmpty && $0 != "." && $0 != ":" }.joined(separator: "N")
    }
    return Dictionary(alike.map { ($0, 1) }, uniquingKeysWith: +)
      .map { ($0.key, $0.value) }.sorted { ($1.1, $0.0) < ($0.1, $1.0) }
  }

  var json: [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    return Array((try? encoder.encode(self)) ?? Data()) + [UInt8(ascii: "\n")]
  }

  private static func words(_ sum: Remarks.Sum) -> String {
    "\(sum.count) (\(Money(tenThousandths: sum.amount)))"
  }

  private static func list(_ counts: [String: Int]) -> String {
    counts.isEmpty ? "none" : counts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
  }
}
