import Jobs
import Orders

/// The promises to those who ask wrongly, change their mind, or are lied to by the provider.
extension Checker {
  /// One PIN goes to one customer, whatever the panel says.
  mutating func checkSharedPins() {
    let completed = evidence.orders.filter { $0.status == "completed" }.compactMap { evidence.pins[$0.id] }
    let counts = Dictionary(completed.map { ($0, 1) }, uniquingKeysWith: +)
    for count in counts.values.filter({ $0 > 1 }).sorted() {
      blame(.sharedPin, "\(count) orders were completed with one PIN")
    }
    remarks.sharedPins = sharedPins.count
    // The simulator does that where it is told to, and never by itself: else two orders are one somewhere.
    if !sharedPins.isEmpty, !evidence.faultsOfPanel.isEmpty, evidence.faultsOfPanel["same-pin"] ?? 0 == 0 {
      blame(.sharedPin, "the panel gave \(sharedPins.count) PINs to several orders, though nobody told it to")
    }
  }

  /// Only what the shop asked for is cancelled, and its answer is true.
  mutating func checkCancels() {
    // What proves that no provider has it withdraws an order whose refund is claimed.
    let claimed = Set(evidence.posts.filter { !$0.claims.isEmpty }.map(\.key))
      .union(evidence.orders.filter { $0.claimedAtVersion != nil }.map(\.key))
    let cancels = Dictionary(evidence.posts.map { ($0.key, $0.cancel) }, uniquingKeysWith: { first, _ in first })
    for order in evidence.orders {
      let isCancelled = order.status == "cancelled"
      switch cancels[order.key] ?? nil {
      case .confirmed:
        remarks.cancelsConfirmed += 1
        if !isCancelled {
          blame(.falselyCancelled, "the shop was told that order \(order.id) is cancelled; it is \(order.status)")
        }
      case .refused:
        remarks.cancelsRefused += 1
        if isCancelled, !claimed.contains(order.key) {
          blame(.falselyCancelled, "the shop was told that order \(order.id) can't be cancelled, and it is")
        }
      case .asked: break
      case nil:
        if isCancelled, !claimed.contains(order.key) {
          blame(.falselyCancelled, "order \(order.id) was cancelled, and nobody asked for that")
        }
      }
    }
  }

  /// Who was told that a refund is safe has given the money back: the order stays without a delivery, unless the provider
  /// contradicts itself, and that is said. And from a claim on nothing is sent.
  mutating func checkClaims() {
    let posts = Dictionary(evidence.posts.map { ($0.key, $0.claims) }, uniquingKeysWith: { first, _ in first })
    var sendings: [String: Int] = [:]
    for event in evidence.events where event.type == nil {
      sendings[event.order] = max(sendings[event.order] ?? 0, event.version)
    }
    for order in evidence.orders {
      let claims = posts[order.key] ?? []
      remarks.claims += claims.isEmpty ? 0 : 1
      if claims.contains("yes") {
        remarks.claimsConfirmed += 1
        if !["failed", "cancelled", "contested"].contains(order.status) {
          blame(.refund, "the shop was told that a refund of order \(order.id) is safe; it is \(order.status)")
        }
      }
      if let claimed = order.claimedAtVersion, let sent = sendings[order.id], sent > claimed {
        blame(.sentAfterClaim, "order \(order.id) was sent in version \(sent), its refund was claimed in \(claimed)")
      }
    }
  }

  /// A double debit must ring, unless something hid it: money that came back raises the balance, a lost answer and lost
  /// sums leave open what was to be expected. And what rings is worth no more than what was booked twice.
  mutating func checkAlarms() {
    remarks.alarms = evidence.alarms.reduce(into: Remarks.Sum()) { $0.add($1) }
    remarks.withdrawals = evidence.withdrawals.reduce(into: Remarks.Sum()) { $0.add($1) }
    checkAmountOfAlarms()
    let cameBack = evidence.panel.reduce(Int64(0)) { $0.addingSaturated($1.amount.timesSaturated($1.credits)) }
    let isHidden =
      evidence.sumsWereLost || cameBack >= remarks.bookedTwice.amount
      || evidence.attempts.contains { !["accepted", "refused", "not_sent"].contains($0.state) }
    if remarks.bookedTwice.count > 0, evidence.alarms.isEmpty, !isHidden {
      blame(.silentDebit, "the panel booked \(remarks.bookedTwice.count) orders twice, and no alarm rang")
    }
  }

  /// What the panel booked twice explains an alarm, and so does a send whose note was lost: that of a process that was
  /// killed, or while Redis was away. Nothing explains more than left the panel's balance.
  private mutating func checkAmountOfAlarms() {
    let settled = Dictionary(
      evidence.attempts.map { ($0.reference, $0.state) }, uniquingKeysWith: { first, _ in first })
    var explained: Int64 = 0
    for order in evidence.panel {
      if order.wasBookedTwice {
        explained = explained.addingSaturated(order.amount.timesSaturated(order.debits - order.sends))
      }
      let isNoted = ["accepted", "refused", "not_sent"].contains(settled[order.reference] ?? "")
      if evidence.sumsWereLost || !isNoted {
        explained = explained.addingSaturated(order.amount.timesSaturated(order.sends))
      }
    }
    guard remarks.alarms.amount > explained else { return }
    blame(
      .falseAlarm,
      "the alarms of double debits add up to \(Money(tenThousandths: remarks.alarms.amount)), and no more than"
        + " \(Money(tenThousandths: explained)) was booked twice or not noted")
  }

  mutating func checkStrangers() {
    for answer in evidence.foreignAnswers { blame(.tenancy, answer) }
    for bad in evidence.badRequests where bad.status != bad.expected {
      blame(.badRequest, "a request with \(bad.name) was answered \(bad.status), not \(bad.expected)")
    }
    for job in evidence.garbage {
      let name = "the job with \(job.name) in \(job.queue)"
      switch job.state {
      case "gone": break
      case "dead":
        if job.reason?.isEmpty ?? true { blame(.garbage, "\(name) is dead without a reason") }
        if job.reason?.hasPrefix(ListedJob.lostReason) ?? false,
          !evidence.deletedKeys.contains(JobGarbage.reasons(of: job.queue))
        {
          blame(.garbage, "\(name) is dead, and its reason is said to be lost, though nobody deleted it")
        }
      default: if !job.mayWait { blame(.garbage, "\(name) is still \(job.state)") }
      }
    }
  }
}

/// What is no broken promise, but whoever runs Sevk wants to know.
struct Remarks: Codable, Sendable, Equatable {
  /// So many, and what they come to in ten-thousandths.
  struct Sum: Codable, Sendable, Equatable {
    private(set) var count = 0
    private(set) var amount: Int64 = 0

    mutating func add(_ amount: Int64) {
      count += 1
      self.amount = self.amount.addingSaturated(amount)
    }
  }

  /// Completed here, cancelled at the panel afterwards, with the money it gave back.
  var cancelledAfterDelivery = Sum()
  /// The panel's double debits.
  var bookedTwice = Sum()
  /// The cost in the answer was not the debit; the difference.
  var toldAnotherCost = Sum()
  /// Drops of the balance that were reported as unexplained.
  var alarms = Sum()
  /// Drops that were reported as too large for orders booked twice.
  var withdrawals = Sum()
  /// Held because the panel gave a PIN to several orders.
  var heldForSharedPin = 0
  /// PINs that the panel gave to several orders, by its fault.
  var sharedPins = 0
  /// Two lines of the panel that can't both be true.
  var heldForContradiction = 0
  /// At a provider that can't be asked about what it did not name.
  var heldUnaskable = 0
  /// Orders that a statement settled.
  var settledByStatement = 0
  /// Ended, and the panel said otherwise since.
  var contested = 0
  /// Orders whose refund was claimed, and those of which the shop was told that it is safe.
  var claims = 0
  var claimsConfirmed = 0
  var cancelsConfirmed = 0
  var cancelsRefused = 0
}

extension Int64 {
  /// Amounts that can't be read are the smallest there is, which must not end the checker.
  func addingSaturated(_ other: Int64) -> Int64 {
    (Money(tenThousandths: self) + Money(tenThousandths: other)).tenThousandths
  }

  func timesSaturated(_ count: Int) -> Int64 { (Money(tenThousandths: self) * count).tenThousandths }
}
