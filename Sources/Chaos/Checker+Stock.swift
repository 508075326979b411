extension Checker {
  /// One code never goes to two orders, none is lost, and no order is completed with what was not in the stock.
  mutating func checkStock() {
    guard let stock = evidence.stock else { return }
    let added = Set(stock.added)
    checkCodes(stock, added)
    let last = Dictionary(
      evidence.attempts.map { ($0.order, $0) }, uniquingKeysWith: { $0.number > $1.number ? $0 : $1 })
    var holders: [String: [String]] = [:]
    for order in evidence.orders where order.status == "completed" {
      let pin = evidence.pins[order.id]
      if let pin, added.contains(pin) { holders[pin, default: []].append(order.id) }
      let isOfStock = last[order.id]?.isOfStock ?? false
      if isOfStock, !(pin.map(added.contains) ?? false) {
        blame(.stock, "order \(order.id) was completed with a code that was not in the stock")
      }
      if !isOfStock, let pin, added.contains(pin) {
        blame(.stock, "order \(order.id) of another provider was completed with a code of the stock")
      }
    }
    for (_, orders) in holders.sorted(by: { $0.value[0] < $1.value[0] }) where orders.count > 1 {
      blame(.stock, "one code went to the orders \(orders.joined(separator: ", "))")
    }
    for code in stock.codes {
      guard let text = code.code, let order = holders[text]?.first, order != code.order else { continue }
      blame(.stock, "order \(order) has a code that is \(code.state) for \(code.order ?? "nobody")")
    }
  }

  /// What was added is there once, and adds up.
  private mutating func checkCodes(_ stock: Evidence.Stock, _ added: Set<String>) {
    let there = stock.codes.compactMap(\.code)
    if there.count < stock.codes.count {
      blame(.stock, "the stock has \(stock.codes.count - there.count) codes that nobody added")
    }
    for code in added.subtracting(there) { blame(.stock, "a code that was added is gone, \(code.prefix(4))…") }
    if Set(there).count < there.count { blame(.stock, "a code is in the stock twice") }
    for (order, codes) in Dictionary(grouping: stock.codes.filter { $0.order != nil }, by: \.order)
    where codes.count > 1 {
      blame(.stock, "order \(order ?? "") was given \(codes.count) codes")
    }
    let sum = stock.levels.values.reduce(0, +)
    if sum != added.count { blame(.stock, "\(added.count) codes were added, and the stock counts \(sum)") }
    let given = stock.codes.count { $0.state == "given" || $0.state == "reserved" }
    let counted = (stock.levels["given"] ?? 0) + (stock.levels["reserved"] ?? 0)
    if given != counted { blame(.stock, "\(given) codes are at orders, and the stock counts \(counted)") }
  }
}
