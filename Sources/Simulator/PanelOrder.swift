import Orders

/// One reference at the panel, with every debit and credit made for it.
struct PanelOrder: Equatable {
  enum State: String { case waiting, completed, cancelled }

  let reference: String
  let player: String
  let phone: String
  let product: Product
  /// The dealer whose balance it is taken from.
  let dealer: String
  /// One unit, at the price of the moment.
  let price: Money
  let pin: String?
  let receivedMilliseconds: Int64
  /// The first send of it, on the machine's monotonic clock.
  let receivedMicroseconds: Int64
  /// What is to become of it by itself.
  let fate: Fate
  var state = State.waiting
  /// Cancelled by a person, who gave no reason.
  var isByHand = false
  /// How often pin_ekle accepted it: more than once is a double order by the sender.
  var sends = 1
  /// How often it was sent again where that is no second order.
  var repeats = 0
  /// One send was debited twice, by the panel's own fault.
  var wasBookedTwice = false
  /// Was completed at some time, whatever became of it afterwards.
  var wasCompleted = false
  /// The cost in the answer to the last send, where that was another than the debit.
  var costTold: Money?
  var debits = 0
  var credits = 0
  var queries = 0

  /// What an order becomes, and when (milliseconds on the panel's clock).
  struct Fate: Equatable {
    var state: State?
    var isByHand = false
    var dueMilliseconds: Int64 = 0
    /// Set when the completed order is cancelled later.
    var cancelMilliseconds: Int64?
  }
}

/// Things to happen, the earliest first: a binary heap.
struct Agenda {
  struct Item {
    let dueMilliseconds: Int64
    let reference: String
    let state: PanelOrder.State
    let isByHand: Bool
  }

  private var items: [Item] = []

  mutating func add(_ item: Item) {
    items.append(item)
    var child = items.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      guard items[child].dueMilliseconds < items[parent].dueMilliseconds else { break }
      items.swapAt(child, parent)
      child = parent
    }
  }

  /// The earliest item, removed, if it is due.
  mutating func next(due now: Int64) -> Item? {
    guard let first = items.first, first.dueMilliseconds <= now else { return nil }
    items.swapAt(0, items.count - 1)
    items.removeLast()
    var parent = 0
    while true {
      var least = parent
      for child in [2 * parent + 1, 2 * parent + 2] where child < items.count {
        if items[child].dueMilliseconds < items[least].dueMilliseconds { least = child }
      }
      guard least != parent else { return first }
      items.swapAt(parent, least)
      parent = least
    }
  }
}
