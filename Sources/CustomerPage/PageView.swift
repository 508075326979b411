import Orders
import Store

/// All that an order's page shows, without how.
struct PageView: Sendable {
  /// What is to be said of the PIN.
  enum PinState: String {
    /// There is none.
    case none
    /// It is shown on demand.
    case hidden
    /// The shop shows none here.
    case off
    /// Not while the order is contested.
    case contested
  }

  let order: Order
  let shop: TenantPage
  let isSandbox: Bool
  let story: [PageStep]
  let rating: OrderRating?
  let fulfilment: OrderFulfilment?

  var pin: PinState {
    guard order.hasPin else { return .none }
    switch order.status {
    case .completed: return shop.showsPin ? .hidden : .off
    case .contested: return .contested
    case .pending, .sending, .sent, .unresolved, .held, .failed, .cancelled: return .none
    }
  }

  /// Whether it makes sense to claim the money back.
  var mayCancel: Bool { !order.status.isFinal && order.status != .contested && !order.isRefundClaimed }
  var mayRate: Bool { order.status == .completed && rating == nil }

  /// What people call the order.
  var number: String { order.shopReference ?? order.id.description }

  /// The key of the sentence that says what comes next; nil where the status says it all.
  var next: String? {
    switch order.status {
    case .completed: pin == .hidden ? "n.completed_pin" : "n.completed"
    case .failed: order.refundSafety.answer == .yes ? "n.failed" : nil
    case .cancelled: order.refundSafety.answer == .yes ? "n.cancelled" : "n.cancelled_doubt"
    case .contested: "n.contested"
    case .sent where !order.isRefundClaimed && fulfilment?.stage == Stage.offered.rawValue: "n.offered"
    case .pending, .sending, .sent, .unresolved, .held:
      order.isRefundClaimed ? "n.claimed" : "n.\(order.status.rawValue)"
    }
  }

  /// The past in words, each step by its key: what customers can't tell apart is told once.
  var told: [(key: String, step: PageStep)] {
    var told: [(key: String, step: PageStep)] = []
    for step in story {
      let key = key(of: step)
      // One that is sent anew was received once.
      if key == "t.pending", !told.isEmpty { continue }
      if told.last?.key != key { told.append((key, step)) }
    }
    return told
  }

  /// What a step of the past is called.
  func key(of step: PageStep) -> String {
    switch step.kind {
    // People are offered it, and only they know when they began.
    case .status(.sent) where fulfilment != nil: "t.offered"
    case .status(let status): "t.\(status.rawValue)"
    case .pinShown: "t.pin_shown"
    case .rated: "t.rated"
    }
  }

  /// What a cancellation was answered, by its key.
  var cancellation: String {
    if order.status == .completed { return "cancel.done" }
    return switch order.refundSafety.answer {
    case .yes: "cancel.yes"
    case .no: isAsked ? "cancel.asked" : "cancel.no"
    case .unknown: "cancel.unknown"
    }
  }

  /// Whether who has it was asked to cancel it.
  var isAsked: Bool { order.status == .sent && fulfilment?.isCancelAsked == true }

  /// The stage in words, while it is one.
  func stage(_ words: PageWords) -> String? {
    guard order.status == .sent, let stage = fulfilment?.stage else { return nil }
    let key = "g.\(stage)"
    // A newer version's is better than nothing.
    return PageWords.table[key] == nil ? stage : words[key]
  }
}
