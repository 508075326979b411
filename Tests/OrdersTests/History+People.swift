import Orders
import Seeded

/// What shops and people do to the order while processes work on it, and once they no longer do.
extension History {
  /// Nobody works on it, and time passes.
  mutating func liveOn() {
    let end = now + .seconds(.random(in: 0...6000, using: &random))
    while violation == nil, !isOpen, let next = later.map(\.at).min(), next <= end, let event = popLater() {
      perform(event)
    }
    // A person may have it worked on again.
    guard !isOpen else { return }
    pass(to: end)
    disturb(oneOf: 3)
    check()
  }

  /// What shops and people do at any time.
  mutating func disturb(oneOf whole: Int) {
    if chance(1, of: whole) {
      // It may meet whatever happens in the next seconds.
      later.append((now + .milliseconds(.random(in: 0...4000, using: &random)), .claim))
    }
    if chance(1, of: whole) { askNow() }
    if notices != .none, chance(1, of: whole) { forge() }
    guard status.row.person != .waits, chance(1, of: whole) else { return }
    later.append(
      (
        now + .seconds(.random(in: 0...300, using: &random)),
        .person(status, version: version, sends: sends, isClaimed: isRefundClaimed)
      ))
  }

  /// As ask_now.sql does.
  mutating func askNow() {
    guard now >= askedAt + CheckSchedule.askPauseMin else { return }
    if status.work == .check {
      askedAt = now
      if dueAt > now { (asks, dueAt) = (asks + 1, now) }
    } else if status.canBecome(.contested), attempt > 0 {
      askedAt = now
      later.append((now, .look(version: version, said: nil, tries: 0)))
    }
  }

  // MARK: As PersonDecision and person_move.sql do

  /// - Parameter shown: the status, as the next three, as the person was shown it.
  mutating func decide(_ shown: Status, _ seen: Int, _ sends: [SendState], _ isClaimed: Bool) {
    guard let choice = choice(shown),
      case .move(let next, let sendState) = choice.decide(
        shown, sends: sends, isRefundClaimed: isClaimed && mistake != .forgetTheClaim)
    else { return }
    guard seen == version || mistake == .forgetTheFence || mistake == .forgetEveryFence else { return }
    guard next != .pending || !isRefundClaimed || mistake == .forgetTheClaim else { return }
    // Its send is being repeated.
    if shown == .unresolved, let sentAt, sentAt > now { return }
    if next == .completed, case .completes(let pin)? = provider.orders[reference]?.end(at: now) { self.pin = pin }
    // From now on it is not a send's age that counts.
    if next == .sent || next == .pending { sentAt = next == .sent ? now : nil }
    become(next, dueIn: .seconds(1), sendState: sendState)
  }

  /// What the panel shows for sure; nil: the person waits.
  private func choice(_ shown: Status) -> PersonChoice? {
    guard provider.travelling.isEmpty else { return nil }
    guard let order = provider.orders[reference] else {
      guard provider.orders.isEmpty else { return nil }
      return shown == .pending ? .cancel : .notReceived
    }
    switch order.end(at: now) {
    case .completes: return .completed
    case .cancels: return .failed
    case .neverEnds, nil: return .received
    }
  }

  // MARK: As SecondLooker does

  mutating func look(_ seen: Int, _ said: (print: String, at: Duration)?, _ tries: Int) {
    guard seen == version, status.canBecome(.contested), canAsk else { return }
    let answer = answer()
    var isSamePin = true
    if case .completed(let other?, _) = answer, let pin { isSamePin = other == pin }
    switch SecondLookRule.judge(answer, status, isSamePin: isSamePin) {
    case .agrees: break
    case .silent:
      guard tries + 1 < SecondLookRule.triesMax else { return }
      let next = now + SecondLookRule.pause(afterTries: tries)
      later.append((next, .look(version: seen, said: nil, tries: tries + 1)))
    case .contradicts(let contradiction):
      let print = "\(contradiction.kind)/\(answer.substance)"
      if let said, said.print == print, now - said.at >= schedule.confirmation / 2 {
        later.append((now + .milliseconds(.random(in: 0...3000, using: &random)), .contest(version: seen)))
      } else {
        later.append((now + schedule.confirmation, .look(version: seen, said: (print, now), tries: tries)))
      }
    }
  }
}

extension History.Later {
  /// Whether a shop, a person or a second look does it, and no process that works on the order.
  var isOfPeople: Bool {
    switch self {
    case .intend, .send, .noteSend, .noteCheck, .repeatSend, .noteRepeated: false
    case .person, .look, .contest, .claim, .notice: true
    }
  }
}
