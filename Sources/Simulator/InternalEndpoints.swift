import HTTPServer
import Orders

/// A shop of a platform like ours on the panel's books: a ZDK store's paths by POST, another JSON, and **no look for a repeated
/// `order_uuid`**: each POST is booked. Where two orders have one, a question ends with HTTP 500, as such a server's does.
extension PanelServer {
  /// What of the paths that it shares with a ZDK store is its own.
  nonisolated static func isInternal(_ request: HTTPRequest) -> Bool {
    switch request.path {
    case let path where path.hasPrefix(newOrder): request.method == "POST"
    case "/client/api/check": !(request.query["orders"] ?? "").hasPrefix("[")
    case "/api-dj/users/profile", "/api-dj/products": true
    default: false
    }
  }

  func answerInternal(_ request: HTTPRequest) -> HTTPResponse {
    let isSend = request.path.hasPrefix(Self.newOrder)
    guard request.header("api-token") == options.token else {
      if isSend { panel.countSend() }
      return shop(error: "UNAUTHORIZED", 401)
    }
    if isSend { return orderAtShop(request) }
    return switch request.path {
    case "/client/api/check": checkAtShop(request)
    case "/api-dj/users/profile": showShopProfile()
    default: listShop()
    }
  }

  private func orderAtShop(_ request: HTTPRequest) -> HTTPResponse {
    let query = request.query
    let reference = query["order_uuid"] ?? ""
    let nth = count("e", reference)
    panel.countSend()
    if let refusal = turnAwayAtTheDoor(query) { return refusal }
    for (fault, answer) in [
      (Fault.dropRequest, HTTPResponse.abort(.reset)), (.forbidden, page(403)), (.tooMany, page(429)),
    ]
    where faults.strikes(fault, reference, nth: nth) { return answer }
    if faults.strikes(.loginFails, reference, nth: nth) { return shop(error: "UNAUTHORIZED", 401) }
    if faults.strikes(.turnAway, reference, nth: nth) {
      let why = pick(["UNAUTHORIZED", "LEGACY_USER_NOT_FOUND", "INSUFFICIENT_FUNDS"], "turn-away", reference, nth)
      return shop(error: why, why == "UNAUTHORIZED" ? 401 : 422)
    }
    let spoilt = [Fault.serverError, .html, .empty].first { faults.strikes($0, reference, nth: nth) }
    if let spoilt, Chance(options.seed, "accepted", reference, nth).share < 0.5 { return spoil(spoilt) }
    let row = request.path.dropFirst(Self.newOrder.count).prefix { $0 != "/" }
    guard let product = Product.byRow[String(row)] else { return spoilt.map(spoil) ?? shop(error: "NOT_FOUND", 404) }
    let twists = Set(
      [Fault.doubleDebit, .lateCancel, .cancelByHand, .neverEnds, .samePin].filter {
        faults.strikes($0, reference, nth: nth)
      })
    let wanted = OrderRequest(
      reference: reference, player: query["user_identifier"] ?? "", phone: "", oyun: "\(product.oyun)",
      kupur: product.kupur, dealer: options.kod, product: product, receivedMicroseconds: monotonicMicroseconds)
    guard case .accepted(let cost, let balance) = panel.accept(wanted, twists: twists, now: now),
      let order = panel.order(reference)
    else { return spoilt.map(spoil) ?? shop(error: "INSUFFICIENT_FUNDS", 422) }
    if let spoilt { return spoil(spoilt) }
    if faults.strikes(.loseAnswer, reference, nth: nth) { return .abort(.reset) }
    if faults.strikes(.stall, reference, nth: nth) { return .abort(.stall) }
    if faults.strikes(.refuseBooked, reference, nth: nth) {
      let why = pick(
        ["NOT_FOUND", "PRICE_UNAVAILABLE", "INSUFFICIENT_FUNDS", "SERVER_ERROR"], "refuse", reference, nth)
      return shop(error: why, ["NOT_FOUND": 404, "SERVER_ERROR": 500][why] ?? 422)
    }
    var told = cost
    if faults.strikes(.wrongCost, reference, nth: nth) {
      told = told + told
      panel.noteToldCost(told, of: reference)
    }
    var answer = finish(
      "{\"orderId\":\(id(of: order)),\"status\":\"pending\",\"createdAt\":\"2026-11-29T12:00:00+00:00\","
        + "\"priceUSD\":\"\(told)\",\"totalPriceUSD\":\"\(told)\",\"walletBalance\":\"\(balance)\"}", reference, nth)
    answer.status = 201
    return answer
  }

  /// More references than this are not looked at.
  nonisolated private static let checkMax = 50

  private func checkAtShop(_ request: HTTPRequest) -> HTTPResponse {
    let asked = request.query["orders"] ?? ""
    let nth = count("k", asked)
    let references = asked.split(separator: ",").map(String.init)
    panel.countQuery(references)
    panel.advance(to: now)
    if !faults.rates.isEmpty {
      if faults.strikes(.queryFails, asked, nth: nth) { return shop(error: "SERVER_ERROR", 500) }
      if faults.strikes(.queryEmpty, asked, nth: nth) { return line("") }
      if faults.strikes(.queryStall, asked, nth: nth) { return .abort(.stall) }
      if faults.strikes(.loginFails, asked, nth: nth) { return shop(error: "UNAUTHORIZED", 401) }
      if let answer = anyFault(asked, nth) { return answer }
    }
    let orders = references.prefix(Self.checkMax).compactMap { panel.order($0) }
    // "Multiple objects": nobody handles it there.
    guard orders.allSatisfy({ $0.debits < 2 }) else { return shop(error: "SERVER_ERROR", 500) }
    guard let order = orders.first, references.count == 1 else {
      let orders = orders.filter { faults.rates.isEmpty || !faults.strikes(.deny, $0.reference, nth: nth) }
      // What it does not know it leaves out.
      return finish("[\(orders.map { row($0) }.joined(separator: ","))]", asked, nth)
    }
    if faults.strikes(.unknownStatus, asked, nth: nth) { return finish("[\(row(order, as: "refunding"))]", asked, nth) }
    if order.state == .completed, order.pin != nil, faults.strikes(.pinVanishes, asked, nth: nth) {
      return finish("[\(row(order, hidesPin: true))]", asked, nth)
    }
    let text = "[\(row(order))]"
    return finish(faults.rates.isEmpty ? text : twistedAtShop(text, order, nth) ?? text, asked, nth)
  }

  private func showShopProfile() -> HTTPResponse {
    let nth = count("b", "")
    panel.advance(to: now)
    if faults.strikes(.loginFails, "", nth: nth) { return shop(error: "UNAUTHORIZED", 401) }
    return anyFault("", nth)
      ?? finish("{\"email\":\"dealer@example.com\",\"balance\":\"\(panel.balance(of: options.kod))\"}", "", nth)
  }

  private func listShop() -> HTTPResponse {
    let packages = Product.all.map {
      "{\"id\":\"\($0.row)\",\"name\":\($0.name.jsonQuoted),\"price\":\"\(panel.price(of: $0))\"}"
    }
    let nth = count("l", "")
    return anyFault("", nth)
      ?? finish("[{\"id\":\"1\",\"name\":\"Games\",\"packages\":[\(packages.joined(separator: ","))]}]", "", nth)
  }

  // MARK: Answers

  private func shop(error code: String, _ status: Int) -> HTTPResponse {
    HTTPResponse(
      status: status, headers: Self.json, body: Array("{\"error\":\"\(code)\",\"message\":\"see the log\"}".utf8))
  }

  /// The shop's own id of an order.
  private func id(of order: PanelOrder) -> String {
    let digits = String(Chance(options.seed, "shop-id", order.reference).bits, radix: 16)
    let padded = String(repeating: "0", count: 16 - digits.count) + digits
    return "\"\(padded.prefix(8))-\(padded.dropFirst(8).prefix(4))-4\(padded.suffix(3))-8000-000000000000\""
  }

  private func row(_ order: PanelOrder, as status: String? = nil, hidesPin: Bool = false) -> String {
    let (known, outside) =
      switch order.state {
      case .waiting: ("pending", "processing")
      case .completed: ("approved", "completed")
      case .cancelled: ("rejected", "failed")
      }
    let pin = order.state == .completed && !hidesPin ? order.pin ?? "" : ""
    return "{\"orderId\":\(id(of: order)),\"status\":\"\(status ?? known)\",\"quantity\":1,\"pin\":\(pin.jsonQuoted),"
      + "\"note\":\"\",\"externalStatus\":\"\(outside)\",\"externalOrderId\":\(order.reference.jsonQuoted),"
      + "\"providerReferans\":\"\",\"createdAt\":\"2026-11-29T12:00:00+00:00\"}"
  }

  /// The true answer, spoilt so that it says something else, or more than it should.
  private func twistedAtShop(_ text: String, _ order: PanelOrder, _ nth: Int) -> String? {
    let reference = order.reference
    if faults.strikes(.cancelCut, reference, nth: nth) {
      return pick(
        [
          #"{"error":"rejected"}"#, #"[{"status":"rejected"}]"#, #"[{"status":"rejected","externalOrderId":""#,
          #"{"status":"rejected","externalStatus":"failed"}"#,
        ], "cancel-cut", reference, nth)
    }
    if faults.strikes(.notice, reference, nth: nth) {
      let isFirst = Chance(options.seed, "notice-first", reference, nth).share < 0.5
      return isFirst ? "\(Self.notice)\n\(text)" : "\(text)\n\(Self.notice)"
    }
    if faults.strikes(.secondLine, reference, nth: nth) {
      let pin = Panel.pin(seed: options.seed, reference: "stray")
      return
        "[\(row(order)),{\"orderId\":\"0\",\"status\":\"approved\",\"externalStatus\":\"completed\",\"pin\":\"\(pin)\"}]"
    }
    if nth % 2 == 0, let other = panel.other(than: order, nth), faults.strikes(.stray, reference, nth: nth) {
      return "[\(row(other))]"
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
