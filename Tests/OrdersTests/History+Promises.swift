import Orders

extension History {
  /// What must always hold.
  mutating func check() {
    if isRefundClaimed, attempt > sendsWhenClaimed { fail("it was sent after its refund was claimed") }
    if let toldSafeAt, !status.isRefundSafe, !story[toldSafeAt...].contains(.contested) {
      fail("a refund was told to be safe, and it became \(status)")
    }
    guard !isDeceived else { return }
    if provider.doubles > 0 { fail("the provider booked one reference twice") }
    if provider.orders.count > 1 { fail("the provider holds \(provider.orders.count) orders") }
    let current = provider.orders[reference]
    switch status {
    case .pending, .cancelled:
      if !provider.orders.isEmpty || !provider.travelling.isEmpty { fail("\(status), but the provider got a request") }
    case .failed:
      if provider.orders.values.contains(where: { !$0.hasEnded(.cancels, by: now) }) {
        fail("failed, but the provider has the order")
      }
      if !provider.travelling.isEmpty { fail("failed, but a request is on its way") }
    case .completed:
      if current?.hasEnded(.completes(pin), by: now) != true { fail("completed, but not delivered") }
    case .sent:
      if current == nil { fail("sent, but the provider does not have the order") }
    case .sending, .unresolved, .held, .contested: break
    }
    // Each send is settled, or given to a person, by its deadline and the longest pauses after it.
    let slack = Self.stallMax + schedule.backoffMax * 1.2 + Self.abandonedAfter + .seconds(60)
    // In a world an order waits for crashed and frozen processes again and again, and is only held to end at all.
    if isAlone, isOpen, let sentAt, now - sentAt > schedule.deadline + slack { fail("open long after the deadline") }
  }
}

extension QueryOutcome {
  /// What a second answer must repeat.
  var substance: String {
    switch self {
    case .completed(let pin, let note): pin?.secret ?? note
    case .cancelled(let text): text
    default: ""
    }
  }
}
