import HTTPServer
import Orders

/// A ZDK store on the panel's books: the same products, prices and money, in JSON. A repeated `order_uuid` is answered with
/// the original order, as its documents say.
extension PanelServer {
  func orderAtStore(_ request: HTTPRequest) -> HTTPResponse {
    let query = request.query
    let reference = query["order_uuid"] ?? ""
    let nth = count("e", reference)
    panel.countSend()
    if let refusal = turnAwayAtTheDoor(query) { return refusal }
    if let refusal = refuseAtStore(request) { return refusal }
    for (fault, answer) in [
      (Fault.dropRequest, HTTPResponse.abort(.reset)), (.forbidden, page(403)), (.tooMany, page(429)),
    ]
    where faults.strikes(fault, reference, nth: nth) { return answer }
    if faults.strikes(.loginFails, reference, nth: nth) { return store(error: 121) }
    if faults.strikes(.turnAway, reference, nth: nth) {
      return finish(
        pick(["108", "122", "123", "130", "100"].map(Self.error), "turn-away", reference, nth), reference, nth)
    }
    let spoilt = [Fault.serverError, .html, .empty].first { faults.strikes($0, reference, nth: nth) }
    if let spoilt, Chance(options.seed, "accepted", reference, nth).share < 0.5 { return spoil(spoilt) }
    guard !reference.isEmpty, query["playerId"]?.isEmpty == false else { return store(error: 114) }

    let row = request.path.dropFirst(Self.newOrder.count).prefix { $0 != "/" }
    guard let product = Product.byRow[String(row)] else { return spoilt.map(spoil) ?? store(error: 109) }
    let twists = Set(
      [Fault.doubleDebit, .lateCancel, .cancelByHand, .neverEnds, .samePin].filter {
        faults.strikes($0, reference, nth: nth)
      })
    let wanted = OrderRequest(
      reference: reference, player: query["playerId"] ?? "", phone: "", oyun: "\(product.oyun)", kupur: product.kupur,
      dealer: options.kod, product: product, isOnce: true, receivedMicroseconds: monotonicMicroseconds)
    let order: PanelOrder
    switch panel.accept(wanted, twists: twists, now: now) {
    case .noSuchProduct: return spoilt.map(spoil) ?? store(error: 109)
    case .balanceTooLow: return spoilt.map(spoil) ?? finish(Self.error("100"), reference, nth)
    case .known(let found): order = found
    case .accepted:
      guard let found = panel.order(reference) else { return spoil(.serverError) }
      order = found
    }
    if let spoilt { return spoil(spoilt) }
    if faults.strikes(.loseAnswer, reference, nth: nth) { return .abort(.reset) }
    if faults.strikes(.stall, reference, nth: nth) { return .abort(.stall) }
    if faults.strikes(.refuseBooked, reference, nth: nth) {
      return finish(
        pick(["111", "100", "110", "500", "114"].map(Self.error), "refuse", reference, nth), reference, nth)
    }
    var price = order.price
    if faults.strikes(.wrongCost, reference, nth: nth) {
      price = price + price
      panel.noteToldCost(price, of: reference)
    }
    let replay =
      order.state == .completed && order.pin != nil ? "[{\"replay\":[\((order.pin ?? "").jsonQuoted)]}]" : "null"
    return finish(
      "{\"status\":\"OK\",\"data\":{\"order_id\":\(id(of: order)),\"status\":\"\(Self.word(order))\",\"price\":\(price),"
        + "\"data\":{\"playerId\":\(order.player.jsonQuoted)},\"replay_api\":\(replay)}}", reference, nth)
  }

  func checkAtStore(_ request: HTTPRequest) -> HTTPResponse {
    let asked = (request.query["orders"] ?? "").filter { $0 != "[" && $0 != "]" }
    let nth = count("k", asked)
    let references = asked.split(separator: ",").map(String.init)
    panel.countQuery(references)
    if let refusal = refuseAtStore(request) { return refusal }
    panel.advance(to: now)
    if !faults.rates.isEmpty {
      if faults.strikes(.queryFails, asked, nth: nth) { return store(error: 500) }
      if faults.strikes(.queryEmpty, asked, nth: nth) { return line("") }
      if faults.strikes(.queryStall, asked, nth: nth) { return .abort(.stall) }
      if let answer = anyFaultOfStore(asked, nth) { return answer }
    }
    let orders = references.compactMap { panel.order($0) }
    guard let order = orders.first, references.count == 1 else {
      let orders = orders.filter { faults.rates.isEmpty || !faults.strikes(.deny, $0.reference, nth: nth) }
      // What it does not know it leaves out.
      return finish(Self.list(orders.map { row($0) }), asked, nth)
    }
    if faults.strikes(.deny, asked, nth: nth) { return finish(Self.list([]), asked, nth) }
    if faults.strikes(.unknownStatus, asked, nth: nth) {
      return finish(Self.list([row(order, as: "processing")]), asked, nth)
    }
    if order.state == .completed, order.pin != nil, faults.strikes(.pinVanishes, asked, nth: nth) {
      return finish(Self.list([row(order, hidesPin: true)]), asked, nth)
    }
    let text = Self.list([row(order)])
    return finish(faults.rates.isEmpty ? text : twistedAtStore(text, order, nth) ?? text, asked, nth)
  }

  func showProfile(_ request: HTTPRequest) -> HTTPResponse {
    if let refusal = refuseAtStore(request) { return refusal }
    let nth = count("b", "")
    panel.advance(to: now)
    let text = "{\"balance\":\"\(panel.balance(of: options.kod))\",\"email\":\"dealer@example.com\"}"
    return anyFaultOfStore("", nth) ?? finish(text, "", nth)
  }

  func listStock(_ request: HTTPRequest) -> HTTPResponse {
    if let refusal = refuseAtStore(request) { return refusal }
    let nth = count("l", "")
    return anyFaultOfStore("", nth) ?? finish(Product.stock { panel.price(of: $0) }, "", nth)
  }

  // MARK: Answers

  nonisolated private static let errorTexts = [
    "100": "Insufficient balance", "108": "2fa required", "109": "Product not found", "110": "Not available now",
    "111": "Try again after 1 minute", "114": "Unknown error", "120": "Token required", "121": "Token error",
    "122": "Not allowed to use API", "123": "IP not allowed", "130": "Site under maintenance", "500": "Unknown error",
  ]

  nonisolated private static func error(_ code: String) -> String {
    "{\"status\":\"ERROR\",\"code\":\(code),\"msg\":\((errorTexts[code] ?? "").jsonQuoted)}"
  }

  private func store(error code: Int) -> HTTPResponse {
    HTTPResponse(status: 200, headers: Self.json, body: Array(Self.error("\(code)").utf8))
  }

  private func refuseAtStore(_ request: HTTPRequest) -> HTTPResponse? {
    guard let token = request.headers.first(where: { $0.name.lowercased() == "api-token" })?.value else {
      return store(error: 120)
    }
    return token == options.token ? nil : store(error: 121)
  }

  private func anyFaultOfStore(_ reference: String, _ nth: Int) -> HTTPResponse? {
    guard !faults.rates.isEmpty else { return nil }
    if faults.strikes(.loginFails, reference, nth: nth) { return store(error: 121) }
    return anyFault(reference, nth)
  }

  nonisolated private static func word(_ order: PanelOrder) -> String {
    switch order.state {
    case .waiting: "wait"
    case .completed: "accept"
    case .cancelled: "reject"
    }
  }

  private func id(of order: PanelOrder) -> String {
    let digits = String(Chance(options.seed, "id", order.reference).bits, radix: 16)
    return "\"ID_\(String(repeating: "0", count: 16 - digits.count))\(digits)\""
  }

  private func row(_ order: PanelOrder, as status: String? = nil, hidesPin: Bool = false) -> String {
    let replay =
      order.state == .completed && !hidesPin ? order.pin.map { "[\($0.jsonQuoted)]" } ?? "[\"Done\"]" : "null"
    let uuid = options.namesUUIDs ? "\"order_uuid\":\(order.reference.jsonQuoted)," : ""
    return "{\"order_id\":\(id(of: order)),\(uuid)\"quantity\":1,\"status\":\"\(status ?? Self.word(order))\","
      + "\"price\":\"\(order.price)\",\"product_name\":\(order.product.name.jsonQuoted),\"replay_api\":\(replay)}"
  }

  nonisolated private static func list(_ rows: [String]) -> String {
    "{\"status\":\"OK\",\"data\":[\(rows.joined(separator: ","))]}"
  }

  /// The true answer, spoilt so that it says something else, or more than it should.
  private func twistedAtStore(_ text: String, _ order: PanelOrder, _ nth: Int) -> String? {
    let reference = order.reference
    if faults.strikes(.cancelCut, reference, nth: nth) {
      return pick(
        [
          #"{"status":"ERROR","code":110,"msg":"reject"}"#, #"{"status":"reject","data":[]}"#,
          #"{"status":"OK","data":[{"status":"reject""#, #"{"status":"OK","data":{"status":"reject"}}"#,
        ], "cancel-cut", reference, nth)
    }
    if faults.strikes(.notice, reference, nth: nth) {
      let isFirst = Chance(options.seed, "notice-first", reference, nth).share < 0.5
      return isFirst ? "\(Self.notice)\n\(text)" : "\(text)\n\(Self.notice)"
    }
    if faults.strikes(.secondLine, reference, nth: nth) {
      let stray =
        "{\"order_id\":\"ID_0\",\"status\":\"accept\",\"replay_api\":[\"\(Panel.pin(seed: options.seed, reference: "stray"))\"]}"
      return Self.list([row(order), stray])
    }
    if nth % 2 == 0, let other = panel.other(than: order, nth), faults.strikes(.stray, reference, nth: nth) {
      return Self.list([row(other)])
    }
    if let pin = order.pin, order.state == .completed, faults.strikes(.pinCut, reference, nth: 0),
      let place = text.ranges(of: pin).first
    {
      let share = Chance(options.seed, "pin-cut", reference).bits % 6
      return String(text[..<place.lowerBound]) + String(pin.prefix(4 + Int(share)))
    }
    return nil
  }
}
