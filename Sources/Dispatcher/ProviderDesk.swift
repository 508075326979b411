import Adapters
import CommandLine
import EventLoop
import OrderWork
import Orders
import Store

/// `--partner`, `--offer`, `--accept-within` and `--when-nobody` of `provider add` and `provider set`: whom a desk offers orders to, and
/// what becomes of one that nobody takes.
enum ProviderDesk {
  static let partner = "--partner"
  private static let offer = "--offer"
  private static let acceptWithin = "--accept-within"
  private static let whenNobody = "--when-nobody"
  static let flags = [partner, offer, acceptWithin, whenNobody]
  static let choices = [offer: OfferRule.allCases.map(\.rawValue), whenNobody: WhenNobody.allCases.map(\.rawValue)]

  /// - Parameters:
  ///   - old: what is there; nil for a new one.
  ///   - listed: the partners, where no flag says them.
  /// - Returns: nil where nothing of it was given, and nothing has to be.
  /// - Throws: `UsageError` for what can't be, or goes with another adapter.
  static func read(
    _ arguments: Arguments, adapter: String, over old: Setup.Desk? = nil, partners listed: [String]? = nil
  ) throws(UsageError) -> Setup.Desk? {
    let given = flags.filter { arguments.value($0) != nil }
    guard adapter == Desk.name else {
      if let flag = given.first { throw UsageError("\(flag) goes with --adapter \(Desk.name), not with \(adapter)") }
      return nil
    }
    if given.isEmpty, old != nil { return nil }
    var desk = old ?? Setup.Desk()
    if arguments.value(partner) != nil { desk.partners = arguments.all(partner) }
    if let listed { desk.partners = listed }
    guard !desk.partners.isEmpty else {
      throw UsageError(
        "\(partner) is missing: whom orders are offered to; add them with: dispatcher partner add NAME --tenant T --phone"
          + " +905551234567")
    }
    if let text = arguments.value(offer) {
      guard let rule = OfferRule(rawValue: text) else { throw wrong(offer, text) }
      desk.rule = rule
    }
    if let text = arguments.value(whenNobody) {
      guard let rule = WhenNobody(rawValue: text) else { throw wrong(whenNobody, text) }
      desk.whenNobody = rule
    }
    if let text = arguments.value(acceptWithin) {
      guard let duration = Duration(words: text), duration >= .seconds(1), duration <= Directory.acceptWithinMax else {
        throw UsageError(
          "\(acceptWithin) is \"\(text)\", but must be a duration from 1s to \(Directory.acceptWithinMax.inWords), such as"
            + " 15m")
      }
      desk.acceptWithin = duration
    }
    return desk
  }

  /// A line of `provider list`.
  static func words(_ desk: Setup.Desk) -> String {
    "offers to \(desk.rule.rawValue) of \(desk.partners.joined(separator: ", ")) for \(desk.acceptWithin.inWords), then"
      + " \(desk.whenNobody.rawValue)"
  }

  static func json(_ desk: Setup.Desk) -> String {
    JSONText.object([
      "offer": JSONText.quote(desk.rule.rawValue), "accept_within_ms": "\(desk.acceptWithin.milliseconds)",
      "when_nobody": JSONText.quote(desk.whenNobody.rawValue),
      "partners": JSONText.array(desk.partners.map { JSONText.quote($0) }),
    ])
  }

  private static func wrong(_ flag: String, _ text: String) -> UsageError {
    UsageError("\(flag) is \"\(text)\", but must be \(choices[flag, default: []].joined(separator: ", "))")
  }
}
