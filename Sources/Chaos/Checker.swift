import Orders

/// Judges what a run left behind. Pure: the same evidence gives the same verdict.
struct Checker {
  /// A broken promise.
  struct Violation: Codable, Sendable, Equatable {
    enum Kind: String, Codable, Sendable, CaseIterable {
      case lost, unexpected, refused, unsettled, doubled, unknownToUs = "unknown-to-us", falselyFailed =
        "falsely-failed"
      case falselyCompleted = "falsely-completed", wrongPin = "wrong-pin", money, needlesslyHeld = "needlessly-held"
      case events, order = "event-order", crash, leak
      case sharedPin = "shared-pin", falselyCancelled = "falsely-cancelled", sentThoughCancelled =
        "sent-though-cancelled"
      case refund = "refund-broken", sentAfterClaim = "sent-after-claim"
      case silentDebit = "silent-debit", falseAlarm = "false-alarm", tenancy, badRequest = "bad-request", garbage
      case webhookLost = "webhook-lost", webhookOrder = "webhook-order", webhookRefused = "webhook-refused"
      case webhookIdentity = "webhook-identity", webhookUnwanted = "webhook-unwanted", webhookLate = "webhook-late"
      case liveGap = "live-gap", liveOrder = "live-order", liveRefused = "live-refused"
      case needlessWait = "needless-wait"
      case statement, stock, notice
      case toldOtherwise = "told-otherwise", refundContradicted = "refund-contradicted"
    }
    let kind: Kind
    let text: String
  }

  /// An order that a person, or time, has to settle.
  struct Open: Codable, Sendable {
    let order: String
    let status: String
    let reason: String
  }

  let evidence: Evidence
  let panel: [String: Evidence.PanelOrder]
  let references: [String: [String]]
  /// PINs that the panel gave to more than one order.
  let sharedPins: Set<String>
  private(set) var violations: [Violation] = []
  private(set) var open: [Open] = []
  var remarks = Remarks()

  init(_ evidence: Evidence) {
    self.evidence = evidence
    panel = Dictionary(evidence.panel.map { ($0.reference, $0) }, uniquingKeysWith: { first, _ in first })
    references = Dictionary(
      evidence.attempts.sorted { $0.number < $1.number }.map { ($0.order, [$0.reference]) }, uniquingKeysWith: +)
    sharedPins = Set(
      Dictionary(evidence.panel.compactMap(\.pin).map { ($0, 1) }, uniquingKeysWith: +).filter { $1 > 1 }.keys)
    checkPosts()
    checkDebits()
    for order in evidence.orders { check(order) }
    checkSharedPins()
    checkCancels()
    checkClaims()
    checkMoney()
    checkAlarms()
    checkStatements()
    checkStock()
    checkNotices()
    checkEvents()
    checkDeliveries()
    checkOutside()
    for ending in evidence.endings {
      if let problem = ending.problem { blame(.crash, "\(ending.process) ended with \(ending.how): \(problem)") }
    }
    for leak in evidence.leaks { blame(.leak, leak) }
    for wait in evidence.needlessWaits { blame(.needlessWait, wait) }
    checkStrangers()
  }

  func count(_ kind: Violation.Kind) -> Int { violations.count { $0.kind == kind } }

  mutating func blame(_ kind: Violation.Kind, _ text: String) {
    violations.append(Violation(kind: kind, text: text))
  }

  // MARK: Every order is accounted for

  private mutating func checkPosts() {
    let byID = Dictionary(evidence.orders.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    for post in evidence.posts {
      if let refusal = post.refusal { blame(.refused, "the order with key \(post.key) was refused: \(refusal)") }
      if Set(post.ids).count > 1 {
        blame(.doubled, "the key \(post.key) was answered with several orders: \(post.ids)")
      }
      for id in Set(post.ids) where byID[id]?.key != post.key {
        blame(.lost, "order \(id) (key \(post.key)) was accepted and is not there")
      }
      if post.ids.isEmpty, post.refusal == nil { blame(.lost, "the key \(post.key) was never answered") }
    }
    let keys = Set(evidence.posts.map(\.key))
    for order in evidence.orders where !keys.contains(order.key) {
      blame(.unexpected, "order \(order.id) has the key \(order.key), which nobody posted")
    }
  }

  private mutating func check(_ order: Evidence.Order) {
    let sent = references[order.id, default: []]
    let received = sent.compactMap { panel[$0] }
    let states = received.map { "\($0.reference) \($0.state)" }.joined(separator: ", ")
    switch order.status {
    case "completed":
      guard
        let delivered = received.first(where: { $0.state == "completed" })
          ?? received.first(where: { $0.wasCompleted })
      else {
        return blame(.falselyCompleted, "order \(order.id) is completed, but the panel did not deliver it: \(states)")
      }
      // Sevk does not ask about a completed order again, so it can't know.
      if delivered.state == "cancelled" { remarks.cancelledAfterDelivery.add(delivered.amount) }
      let pin = evidence.pins[order.id]
      // The PINs themselves are no reading for a report.
      if pin != delivered.pin {
        blame(.wrongPin, "order \(order.id): \(pin == nil ? "no PIN" : "another PIN") than the panel's")
      }
    case "failed", "cancelled":
      if order.status == "cancelled", !received.isEmpty {
        return blame(.sentThoughCancelled, "order \(order.id) was cancelled, and the panel has it: \(states)")
      }
      if received.contains(where: { $0.state != "cancelled" }) {
        blame(.falselyFailed, "order \(order.id) is \(order.status), but the panel has it: \(states)")
      }
    case "contested":
      // The panel contradicted itself after the end: that is a person's.
      open.append(Open(order: order.id, status: order.status, reason: order.reason ?? ""))
      remarks.contested += 1
      if evidence.panelWasHonest {
        blame(
          .falselyFailed, "order \(order.id) is contested, and the panel never said two things of an order: \(states)")
      }
      if order.reason?.isEmpty ?? true { blame(.unsettled, "order \(order.id) is contested without a reason") }
    case "held":
      settleLater(order, received, states)
      if order.reason?.isEmpty ?? true { blame(.unsettled, "order \(order.id) is held without a reason") }
    case "unresolved":
      settleLater(order, received, states)
      if !order.hasNextCheck { blame(.unsettled, "order \(order.id) is unresolved without a next check") }
    case "sent" where received.contains(where: \.wasBookedTwice) && order.hasNextCheck:
      // Some providers answer no question about what they booked twice: it ends with a person, by its deadline.
      open.append(Open(order: order.id, status: order.status, reason: order.reason ?? ""))
    default:
      blame(.unsettled, "order \(order.id) is still \(order.status) (panel: \(states.isEmpty ? "nothing" : states))")
    }
  }

  /// Only a reference that the panel does not know, or has not settled, is a reason to ask a person.
  private mutating func settleLater(_ order: Evidence.Order, _ received: [Evidence.PanelOrder], _ states: String) {
    open.append(Open(order: order.id, status: order.status, reason: order.reason ?? ""))
    if order.reasonCode == ReasonCode.sharedPin.rawValue,
      !received.contains(where: { $0.pin.map(sharedPins.contains) ?? false })
    {
      return blame(.sharedPin, "order \(order.id) is held for a PIN of another order, which the panel gave to one only")
    }
    if received.contains(where: { $0.pin.map(sharedPins.contains) ?? false }) {
      return remarks.heldForSharedPin += 1
    }
    // Two lines of the panel that can't both be true: Sevk must not choose.
    if order.status == "held", order.reasonCode == ReasonCode.contradicted.rawValue {
      return remarks.heldForContradiction += 1
    }
    if order.status == "held", order.reasonCode == ReasonCode.cannotBeAsked.rawValue {
      return remarks.heldUnaskable += 1
    }
    // Some providers answer no question about what they booked twice.
    if received.contains(where: \.wasBookedTwice) { return }
    if received.contains(where: { $0.state != "waiting" }) {
      let reason = order.reason ?? "no reason"
      blame(.needlesslyHeld, "order \(order.id) is \(order.status) (\(reason)), but the panel knows: \(states)")
    }
  }

  // MARK: Money

  private mutating func checkDebits() {
    var byPlayer: [String: Int] = [:]
    for order in evidence.panel {
      byPlayer[order.player, default: 0] += order.sends
      if order.sends > 1 { blame(.doubled, "the reference \(order.reference) was accepted \(order.sends) times") }
    }
    for (player, sends) in byPlayer.sorted(by: { $0.key < $1.key }) where sends > 1 {
      blame(.doubled, "the player \(player) was debited \(sends) times")
    }
    let ours = Set(evidence.attempts.map(\.reference))
    for order in evidence.panel where !ours.contains(order.reference) {
      blame(.unknownToUs, "the panel has the reference \(order.reference), and no attempt has it")
    }
  }

  /// Our costs, for the orders that the panel holds as completed or waiting, against what left its balance.
  private mutating func checkMoney() {
    var ours: Int64 = 0
    for order in evidence.panel where order.wasBookedTwice && order.state != "cancelled" {
      // The panel's own doing: it left the balance, and is no cost of an order.
      let extra = order.amount.timesSaturated(max(order.debits - order.credits - order.sends, 0))
      remarks.bookedTwice.add(extra)
      ours = ours.addingSaturated(extra)
    }
    for order in evidence.orders {
      let received = references[order.id, default: []].compactMap { panel[$0] }.first { $0.state != "cancelled" }
      guard let received else { continue }
      // An order is worth one cost, however often it was debited; a lost answer took the cost with it.
      if let told = received.costTold, order.cost == told {
        // Sevk has what the panel said, and nothing to tell it otherwise.
        remarks.toldAnotherCost.add(told.addingSaturated(received.amount.timesSaturated(-1)))
        ours = ours.addingSaturated(received.amount)
        continue
      }
      if let cost = order.cost, cost != received.amount {
        blame(.money, "order \(order.id) says it cost \(cost), the panel \(received.amount)")
      }
      ours = ours.addingSaturated(order.cost ?? received.amount)
    }
    if ours != evidence.panelSpent {
      blame(.money, "our orders cost \(ours), the panel's balance fell by \(evidence.panelSpent) ten-thousandths")
    }
  }

  // MARK: Events

  private mutating func checkEvents() {
    var stories: [String: [Evidence.Event]] = [:]
    let resends = Dictionary(evidence.attempts.map { ($0.order, $0.resends) }, uniquingKeysWith: +)
    for event in evidence.events { stories[event.order, default: []].append(event) }
    let delivered = Dictionary(grouping: evidence.deliveries, by: \.subscriber)
      .mapValues { Set($0.map { "\($0.order)/\($0.sequence)" }) }
    for order in evidence.orders {
      let story = stories[order.id, default: []].sorted { $0.version < $1.version }
      let versions = story.map(\.version)
      // A repetition of a send is a version without an event.
      let gaps = (versions.last ?? 0) - versions.count
      if story.isEmpty || versions.first != 1 || Set(versions).count != versions.count
        || gaps > resends[order.id, default: 0]
      {
        blame(.events, "order \(order.id) has events of the versions \(story.map(\.version))")
      }
      for event in story where event.type != nil {
        if !event.isPublished { blame(.events, "event \(order.id)/\(event.version) was never published") }
        for name in evidence.subscribers
        where !evidence.streamWasLost && delivered[name]?.contains("\(order.id)/\(event.version)") != true {
          blame(.events, "event \(order.id)/\(event.version) is marked published; the \(name) subscriber never got it")
        }
      }
    }
  }

  private mutating func checkDeliveries() {
    var newest: [String: Int] = [:]
    var seen: Set<String> = []
    for delivery in evidence.deliveries {
      // A stream that was rewound may give the ids of what it lost to other events, if the clock of Redis was ahead before. Who
      // had read the former misses the latter, and finds them when he begins again: each reading is in order by itself.
      let reading = evidence.streamWasLost ? "/\(delivery.reading)" : ""
      let key = "\(delivery.subscriber)\(reading)/\(delivery.order)"
      guard seen.insert("\(key)/\(delivery.sequence)").inserted else { continue }
      if let last = newest[key], delivery.sequence < last {
        blame(.order, "event \(delivery.order)/\(delivery.sequence) came first after \(last)")
      }
      newest[key] = max(newest[key] ?? 0, delivery.sequence)
    }
  }
}
