import CommandLine
import Orders
import Store

/// What people do with an order, or leave undone.
extension OrderWhy {
  /// `ali accepted it 12 minutes ago and has not moved it since; it was offered to veli too.`
  func atDesk(_ desk: FulfilmentStore.Loaded) -> String {
    let now = desk.now
    let since = Duration.milliseconds(max(0, self.now - desk.changedAt)).inRoughWords
    let holder = now.holder.map { ShownText.visible(now.name($0)) }
    let others = names(now.offers.filter { $0.partner != now.holder && !$0.hasGivenUp }.map(\.partner), now)
    var text: String
    switch (holder, now.stage) {
    case (let holder?, .accepted): text = "\(holder) accepted it \(since) ago and has not moved it since"
    case (let holder?, let stage): text = "\(holder) has it, and said \(since) ago that it is \(stage.rawValue)"
    case (nil, _):
      let responded = now.offers.filter { $0.state == .responded }.map(\.partner)
      let asked = now.offers.filter { $0.state == .offered }.map(\.partner)
      text =
        asked.isEmpty ? "Nobody is asked any more" : "It has been offered to \(names(asked, now) ?? "") for \(since)"
      if let names = names(responded, now) { text += "; \(names) would do it, and one of them has to be chosen" }
    }
    if now.holder != nil, let others { text += "; it was offered to \(others) too" }
    let gaveUp = now.offers.filter(\.hasGivenUp).map(\.partner)
    if let names = names(gaveUp, now) { text += "; \(names) gave it up" }
    text += "."
    if let cancel = now.cancel, let holder {
      text +=
        " The \(cancel.by.rawValue) wants it cancelled since \(moment(cancel.at ?? self.now)), and \(holder) has not"
        + " answered."
    }
    return text + next(now)
  }

  private func next(_ now: Fulfilment) -> String {
    guard let left = now.untilDeadline else { return "" }
    let at = left > .zero ? "At \(moment(self.now + left.milliseconds)) (\(left.untilWords))" : "Now"
    if now.holder != nil { return " \(at) a person is asked." }
    let then =
      switch now.whenNobody {
      case .next: "it goes to the next route, or fails where there is none"
      case .failed: "it fails, and a refund is safe"
      case .held: "it waits for a person"
      }
    let others = now.rule == .first ? "the next of the desk is asked; when nobody is left, \(then)" : then
    return " \(at) \(others)."
  }

  private func names(_ partners: [Int64], _ now: Fulfilment) -> String? {
    let names = partners.map { ShownText.visible(now.name($0)) }
    guard let last = names.last else { return nil }
    return names.count == 1 ? last : "\(names.dropLast().joined(separator: ", ")) and \(last)"
  }
}
