/// What follows for an order at a desk from what somebody says: a partner, the customer, the shop, or the clock. As
/// ``AfterReport`` for what a provider says by itself; but these words need no question to bear them out, since who speaks is
/// who does it.
///
/// Everything that is written for such an order while it is `sent` is decided here.
public enum AfterPartner {
  public static func decide(_ word: FulfilmentWord, _ now: Fulfilment) -> FulfilmentVerdict {
    switch word {
    case .partner(let partner, let word): partnerSays(word, partner, now)
    case .chosen(let partner, let asker): chosen(partner, by: asker, now)
    case .cancelWanted(let request): cancelWanted(request, now)
    case .clock: clock(now)
    }
  }

  /// What a partner may say of it now; empty where nothing.
  public static func allowed(_ partner: Int64, _ now: Fulfilment) -> [PartnerWord.Target] {
    guard now.status == .sent else { return [] }
    if now.holder == partner {
      var targets = now.flow.next(after: now.stage).compactMap { PartnerWord.Target(rawValue: $0.rawValue) }
      if now.flow.canComplete(at: now.stage) { targets.append(.completed) }
      if now.cancel != nil { targets.append(.declined) }
      return targets + [.cancelled]
    }
    guard now.offer(to: partner)?.state.isOpen ?? false else { return [] }
    return now.isRefundClaimed ? [.declined] : [.accepted, .declined]
  }

  // MARK: Partners

  private static func partnerSays(_ word: PartnerWord, _ partner: Int64, _ now: Fulfilment) -> FulfilmentVerdict {
    let isHolder = now.holder == partner
    // Those who were never asked, and those who are out of it, learn nothing about it.
    guard let offer = now.offer(to: partner), isHolder || offer.state.isOpen || word.to == .accepted else {
      return .notFound
    }
    guard now.status == .sent else {
      return now.status == .completed && isHolder && word.to == .completed
        ? .asItIs : .refused("the order is \(now.status.rawValue)", allowed: [])
    }
    if isHolder { return holderSays(word, now) }
    guard offer.state.isOpen else {
      return .refused(now.holder == nil ? "it is not offered to you any more" : "it is already taken", allowed: [])
    }
    if now.isRefundClaimed, word.to == .accepted {
      return .refused("it is being cancelled: the shop claimed its refund", allowed: [.declined])
    }
    switch word.to {
    case .accepted where now.rule == .choose:
      var response = offer
      (response.state, response.price, response.note) = (.responded, word.price, word.note)
      response.hasResponded = true
      if response == offer { return .asItIs }
      var change = FulfilmentChange(now, Reason(.inProgress, "\(now.name(partner)) would do it\(price(word.price))"))
      change.offers = [response]
      return .change(change)
    case .accepted: return .change(taken(by: partner, price: word.price, note: word.note, now))
    case .declined:
      var declined = offer
      (declined.state, declined.price, declined.note) = (.declined, nil, word.note)
      declined.hasResponded = false
      return .change(passedOn([declined], now, "\(now.name(partner)) does not take it"))
    case .preparing, .ready, .delivering, .started, .completed, .cancelled:
      return .refused("you have to accept it first", allowed: allowed(partner, now))
    }
  }

  private static func holderSays(_ word: PartnerWord, _ now: Fulfilment) -> FulfilmentVerdict {
    guard let holder = now.holder else { return .notFound }
    let may = allowed(holder, now)
    switch word.to {
    case .accepted where now.stage == .accepted: return .asItIs
    case .accepted: return .refused("you have it already, and it is \(now.stage.rawValue)", allowed: may)
    case .declined:
      guard let request = now.cancel else {
        return .refused("you have it; cancelled gives it up", allowed: may)
      }
      var change = FulfilmentChange(
        now,
        Reason(
          .inProgress,
          "\(now.name(holder)) goes on with it, though the \(request.by.rawValue) wants it cancelled\(said(word.note))")
      )
      change.cancel = nil
      return .change(change)
    case .preparing, .ready, .delivering, .started:
      guard let stage = word.to.stage else { return .refused("it is no stage", allowed: may) }
      if stage == now.stage { return .asItIs }
      guard now.flow.next(after: now.stage).contains(stage) else {
        return .refused("it is \(now.stage.rawValue), from where it can't become \(stage.rawValue)", allowed: may)
      }
      var change = FulfilmentChange(
        now, Reason(.inProgress, word.note.isEmpty ? nil : "\(now.name(holder)): \(word.note)"))
      change.stage = stage
      return .change(change)
    case .completed: return completed(word, holder, now, may)
    case .cancelled:
      guard let request = now.cancel else { return .change(givenUp(by: holder, word.note, now)) }
      return .change(
        agreed(
          now, Reason(.cancelAgreed, "the \(request.by.rawValue) wanted it cancelled, and \(now.name(holder)) agreed")))
    }
  }

  private static func completed(
    _ word: PartnerWord, _ holder: Int64, _ now: Fulfilment, _ may: [PartnerWord.Target]
  ) -> FulfilmentVerdict {
    guard now.flow.canComplete(at: now.stage) else {
      return .refused("it is \(now.stage.rawValue), from where it can't become completed", allowed: may)
    }
    switch now.handOver == .code ? word.code : .right {
    case .missing: return .refused("the hand-over code that the customer has is missing", allowed: may)
    case .wrong:
      var change = FulfilmentChange(now)
      let left = HandOver.triesMax - now.tries - 1
      guard left <= 0 else {
        change.tries = now.tries + 1
        change.isTold = false
        return .wrongCode(change, triesLeft: left, allowed: may)
      }
      change.to = .held
      // A person who gives it back gives the tries back as well.
      change.tries = 0
      change.deadline = .none
      change.reason = Reason(
        .handoverLocked,
        "\(now.name(holder)) gave \(HandOver.triesMax) wrong hand-over codes: ask the customer whether it was handed over"
      )
      return .wrongCode(change, triesLeft: 0, allowed: [])
    case .right:
      var change = FulfilmentChange(
        now, Reason(.delivered, word.note.isEmpty ? nil : "\(now.name(holder)): \(word.note)"))
      (change.to, change.deadline, change.sendState, change.tries) = (.completed, .none, .accepted, 0)
      change.cancel = nil
      return .change(change)
    }
  }

  // MARK: Customer and shop

  private static func chosen(_ partner: Int64, by asker: CancelRequest.Asker, _ now: Fulfilment) -> FulfilmentVerdict {
    guard let offer = now.offer(to: partner) else { return .notFound }
    guard now.status == .sent else { return .refused("the order is \(now.status.rawValue)", allowed: []) }
    if now.holder == partner { return .asItIs }
    guard now.holder == nil else { return .refused("\(now.name(now.holder)) has it already", allowed: []) }
    guard now.rule == .choose else { return .refused("nobody chooses: who accepts first has it", allowed: []) }
    guard !now.isRefundClaimed else { return .refused("the shop claimed its refund", allowed: []) }
    guard offer.state == .responded else {
      return .refused("\(now.name(partner)) has not said that they would do it", allowed: [])
    }
    var change = taken(by: partner, price: offer.price, note: offer.note, now)
    change.reason = Reason(.inProgress, "the \(asker.rawValue) chose \(now.name(partner))\(price(offer.price))")
    return .change(change)
  }

  private static func cancelWanted(_ request: CancelRequest, _ now: Fulfilment) -> FulfilmentVerdict {
    guard now.status == .sent else {
      return now.status == .cancelled ? .asItIs : .refused("the order is \(now.status.rawValue)", allowed: [])
    }
    guard let holder = now.holder else {
      // Nobody has it, so there is nobody to ask.
      return .change(
        over(
          now, .cancelled,
          Reason(.withdrawn, "the \(request.by.rawValue) cancelled it before anybody took it\(said(request.note))")))
    }
    if now.cancel != nil { return .asItIs }
    var change = FulfilmentChange(
      now,
      Reason(
        .cancelRequested,
        "the \(request.by.rawValue) wants it cancelled\(said(request.note)); \(now.name(holder)), who has it, is asked")
    )
    change.cancel = request
    return .change(change)
  }

  // MARK: The clock

  private static func clock(_ now: Fulfilment) -> FulfilmentVerdict {
    guard now.status == .sent else { return .notYet(nil) }
    // A person gave it back: whoever has it goes on with it, and where nobody has it there is nothing to wait for.
    guard let left = now.untilDeadline ?? (now.holder == nil ? .zero : nil) else { return .notYet(nil) }
    guard left <= .zero else { return .notYet(left) }
    if let holder = now.holder {
      var change = FulfilmentChange(
        now,
        Reason(
          .noFinalAnswer,
          "\(now.name(holder)) has it, and it is only \(now.stage.rawValue) at its deadline: ask them what became of it"
        ))
      (change.to, change.deadline) = (.held, .none)
      return .change(change)
    }
    let late = now.offers.filter { $0.state == .offered }.map { $0.with(.expired) }
    return .change(passedOn(late, now, "nobody took it within \(now.acceptWithin.inWords)", isLate: true))
  }

  // MARK: What follows

  /// Some offers are closed: it goes on to whom it is still, or now, offered; or nobody is left.
  private static func passedOn(
    _ closed: [Fulfilment.Offer], _ now: Fulfilment, _ why: String, isLate: Bool = false
  ) -> FulfilmentChange {
    let open = now.offers.filter { offer in
      offer.state.isOpen && !closed.contains { $0.partner == offer.partner }
    }
    var change = FulfilmentChange(now, Reason(.inProgress, why))
    change.offers = closed
    // The shop wants it back, and nobody else is asked.
    if now.isRefundClaimed { return nobody(closed, now, why) }
    switch now.rule {
    case .all where !open.isEmpty:
      // The others see nothing of it.
      change.isTold = false
      return change
    case .choose where !open.isEmpty:
      // Who chooses has as long again for those who responded; after that it is too late for them, too.
      if isLate, closed.isEmpty { break }
      if isLate { change.deadline = .accept(now.acceptWithin) }
      change.isTold = isLate || closed.contains { now.offer(to: $0.partner)?.state == .responded }
      return change
    case .first:
      // Those who were not asked in this round.
      let next = now.candidates.first { candidate in
        now.offer(to: candidate).map { $0.state == .withdrawn && !$0.hasGivenUp } ?? true
      }
      guard let next else { break }
      change.offers.append((now.offer(to: next) ?? .init(next, .offered)).with(.offered))
      change.deadline = .accept(now.acceptWithin)
      change.reason = Reason(.inProgress, "\(why); now \(now.name(next)) is asked")
      return change
    case .all, .choose: break
    }
    return nobody(closed, now, why)
  }

  /// Nobody takes it, and nothing of it was done.
  private static func nobody(_ closed: [Fulfilment.Offer], _ now: Fulfilment, _ why: String) -> FulfilmentChange {
    if now.isRefundClaimed {
      return over(
        now, .cancelled, Reason(.refundClaimed, "the shop claimed its refund, and nobody has it: \(why)"), closed,
        .expired)
    }
    let said = "\(why), and nobody else is left"
    switch now.whenNobody {
    case .next: return over(now, .pending, Reason(.nobodyAccepted, said), closed, .expired)
    case .failed: return over(now, .failed, Reason(.nobodyAccepted, said), closed, .expired)
    case .held:
      return over(
        now, .held, Reason(.nobodyAccepted, "\(said): it can be sent again, or be given up; nothing of it was done"),
        closed,
        .expired)
    }
  }

  private static func givenUp(by holder: Int64, _ note: String, _ now: Fulfilment) -> FulfilmentChange {
    var given = now.offer(to: holder) ?? .init(holder, .accepted)
    (given.state, given.note, given.hasGivenUp) = (.declined, note, true)
    let why = "\(now.name(holder)) gave it up\(said(note))"
    // The shop wants it back, and nobody else is asked.
    if now.isRefundClaimed { return nobody([given], now, why) }
    let others = now.candidates.filter { candidate in
      candidate != holder && !(now.offer(to: candidate)?.hasGivenUp ?? false)
    }
    guard let first = others.first else { return nobody([given], now, why) }
    var change = FulfilmentChange(now, Reason(.offeredAgain, "\(why); it is offered to others"))
    change.stage = .offered
    change.holder = nil
    change.tries = 0
    change.deadline = .accept(now.acceptWithin)
    let asked = now.rule == .first ? [first] : others
    change.offers = [given]
    for candidate in asked {
      var offer = now.offer(to: candidate) ?? .init(candidate, .offered)
      // What they would do it for still holds.
      offer.state = now.rule == .choose && offer.hasResponded ? .responded : .offered
      if offer.state == .offered { (offer.price, offer.note) = (nil, "") }
      change.offers.append(offer)
    }
    // A new round: those who did not want it then may be asked later.
    for offer in now.offers where !offer.hasGivenUp && offer.partner != holder && !asked.contains(offer.partner) {
      if offer.state == .declined || offer.state == .expired { change.offers.append(offer.with(.withdrawn)) }
    }
    return change
  }

  private static func taken(by partner: Int64, price: Money?, note: String, _ now: Fulfilment) -> FulfilmentChange {
    var change = FulfilmentChange(now, Reason(.inProgress, "\(now.name(partner)) has it\(self.price(price))"))
    change.stage = .accepted
    change.holder = partner
    change.deadline = .done
    change.makesCode = now.handOver == .code
    var offer = now.offer(to: partner) ?? .init(partner, .offered)
    (offer.state, offer.price, offer.note) = (.accepted, price, note)
    change.offers = [offer] + withdrawn(now, except: [partner])
    return change
  }

  /// It leaves the desk, and nobody has done anything of it.
  private static func over(
    _ now: Fulfilment, _ status: Status, _ reason: Reason, _ closed: [Fulfilment.Offer] = [],
    _ open: OfferState = .withdrawn
  ) -> FulfilmentChange {
    var change = FulfilmentChange(now, reason)
    (change.to, change.deadline) = (status, .none)
    (change.stage, change.holder, change.cancel) = (.offered, nil, nil)
    // A person who sends it again may send it to the same desk.
    change.sendState = status == .held ? .notReceived : .refused
    let known = closed.map(\.partner)
    change.offers = closed + now.offers.filter { $0.state.isOpen && !known.contains($0.partner) }.map { $0.with(open) }
    return change
  }

  /// It is cancelled, and whoever had it agrees: it stays theirs, so that they find it among what is done.
  private static func agreed(_ now: Fulfilment, _ reason: Reason) -> FulfilmentChange {
    var change = FulfilmentChange(now, reason)
    (change.to, change.deadline, change.sendState) = (.cancelled, .none, .refused)
    if let holder = now.holder, let offer = now.offer(to: holder) { change.offers = [offer.with(.withdrawn)] }
    return change
  }

  private static func withdrawn(_ now: Fulfilment, except: [Int64]) -> [Fulfilment.Offer] {
    now.offers.filter { $0.state.isOpen && !except.contains($0.partner) }.map { $0.with(.withdrawn) }
  }

  private static func said(_ note: String) -> String { note.isEmpty ? "" : ": \(note)" }
  private static func price(_ price: Money?) -> String { price.map { " for \($0)" } ?? "" }
}

extension Fulfilment.Offer {
  fileprivate func with(_ state: OfferState) -> Self {
    var offer = self
    offer.state = state
    return offer
  }
}
