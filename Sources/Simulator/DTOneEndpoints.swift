import FoundationEssentials
import HTTPServer
import Orders

/// DT One on the panel's books: a transaction is created and booked when it is confirmed. Key and secret are the dealer's login.
extension PanelServer {
  nonisolated static let transactions = "/v1/async/transactions"

  /// Nil when the path is none of DT One's.
  func answerAtDTOne(_ request: HTTPRequest) -> HTTPResponse? {
    switch (request.method, request.path) {
    case ("POST", Self.transactions): return createTransaction(request)
    case ("GET", "/v1/transactions"): return listTransactions(request)
    case ("GET", "/v1/balances"): return showBalances(request)
    case ("POST", let path) where path.hasPrefix("\(Self.transactions)/") && path.hasSuffix("/confirm"):
      return confirmTransaction(request, String(path.dropFirst(Self.transactions.count + 1).dropLast("/confirm".count)))
    default: return nil
    }
  }

  private struct Wanted: Decodable {
    struct Receiver: Decodable { var mobile_number, account_number: String? }
    var external_id: String
    var product_id: Int
    var auto_confirm: Bool?
    var credit_party_identifier: Receiver?
  }

  private func createTransaction(_ request: HTTPRequest) -> HTTPResponse {
    let wanted = try? JSONDecoder().decode(Wanted.self, from: Data(request.body))
    let reference = wanted?.external_id ?? ""
    let nth = count("e", reference)
    panel.countSend()
    if let refusal = refuseAtDTOne(request) { return refusal }
    if let fault = faultAtDoor(reference, nth) { return fault }
    if faults.strikes(.loginFails, reference, nth: nth) { return dtone(error: 1_000_401, status: 401) }
    if faults.strikes(.turnAway, reference, nth: nth) {
      return dtone(
        error: [1_006_001, 1_006_009, 1_000_429][Int(Chance(options.seed, "away", reference, nth).bits % 3)])
    }
    guard let wanted, wanted.auto_confirm != true, (1...40).contains(reference.utf8.count),
      !reference.contains(where: \.isWhitespace)
    else { return dtone(error: 1_000_400) }
    let spoilt = spoiltSend(reference, nth)
    if let spoilt, !spoilt.isBooked { return spoil(spoilt.fault) }
    let isTaken = apiBooks.created[reference] != nil || panel.order(reference) != nil
    guard
      let product = Product.byRow["\(wanted.product_id)"]
        ?? Product.topUps.values.first(where: { $0.row == wanted.product_id })
    else { return dtone(error: 1_003_001) }
    if isTaken { return finishAPI(Self.error(1_007_001), status: 400, reference, nth) }
    guard panel.balance(of: options.kod) >= panel.price(of: product) else { return dtone(error: 1_006_001) }
    let player = wanted.credit_party_identifier?.mobile_number ?? wanted.credit_party_identifier?.account_number
    apiBooks.created[reference] = .init(
      request: OrderRequest(
        reference: reference, player: player ?? reference, phone: "", oyun: "\(product.oyun)", kupur: product.kupur,
        dealer: options.kod, product: product, isOnce: true, receivedMicroseconds: monotonicMicroseconds),
      twists: twists(reference, nth), atMilliseconds: now)
    if let spoilt { return spoil(spoilt.fault) }
    if faults.strikes(.loseCreated, reference, nth: nth) { return .abort(.reset) }
    return finishAPI(transaction(reference), status: 201, reference, nth)
  }

  private func confirmTransaction(_ request: HTTPRequest, _ number: String) -> HTTPResponse {
    guard let reference = apiBooks.references[number], let created = apiBooks.created[reference] else {
      return refuseAtDTOne(request) ?? dtone(error: 1_008_004, status: 404)
    }
    let nth = count("c", reference)
    if let refusal = refuseAtDTOne(request) { return refusal }
    if let fault = faultAtDoor("\(reference)/confirm", nth) { return fault }
    let spoilt = spoiltSend("\(reference)/confirm", nth)
    if let spoilt, !spoilt.isBooked { return spoil(spoilt.fault) }
    if panel.order(reference) != nil { return finishAPI(Self.error(1_007_002), status: 400, reference, nth) }
    switch panel.accept(created.request, twists: created.twists, now: now) {
    case .noSuchProduct: return dtone(error: 1_003_001)
    case .balanceTooLow: return finishAPI(Self.error(1_006_001), status: 400, reference, nth)
    case .known, .accepted: break
    }
    if let spoilt { return spoil(spoilt.fault) }
    if faults.strikes(.loseAnswer, reference, nth: nth) { return .abort(.reset) }
    if faults.strikes(.stall, reference, nth: nth) { return .abort(.stall) }
    if faults.strikes(.refuseBooked, reference, nth: nth) {
      let code = [1_007_002, 1_007_004, 1_006_001, 1_000_400, 1_009_001]
      return dtone(error: code[Int(Chance(options.seed, "refuse", reference, nth).bits % 5)])
    }
    guard let order = panel.order(reference), faults.strikes(.wrongCost, reference, nth: nth) else {
      return finishAPI(transaction(reference), reference, nth)
    }
    panel.noteToldCost(order.price + order.price, of: reference)
    return finishAPI(transaction(reference, cost: order.price + order.price), reference, nth)
  }

  private func listTransactions(_ request: HTTPRequest) -> HTTPResponse {
    guard let asked = request.query["external_id"] else { return listAtDTOne(request) }
    let nth = count("k", asked)
    panel.countQuery(asked)
    if let refusal = refuseAtDTOne(request) { return refusal }
    panel.advance(to: now)
    let fault = faultOfQuestion(asked, nth, error: Self.error(1_009_001)) { dtone(error: 1_000_401, status: 401) }
    if let fault { return fault }
    guard let order = panel.order(asked) else {
      return finishAPI(apiBooks.created[asked] == nil ? "[]" : "[\(transaction(asked))]", asked, nth)
    }
    if faults.strikes(.unknownStatus, asked, nth: nth) {
      return finishAPI("[\(transaction(asked, status: (6, "SUSPENDED")))]", asked, nth)
    }
    if order.state == .completed, order.pin != nil, faults.strikes(.pinVanishes, asked, nth: nth) {
      return finishAPI("[\(transaction(asked, hidesPin: true))]", asked, nth)
    }
    let text = "[\(transaction(asked))]"
    guard !faults.rates.isEmpty else { return api(text) }
    let twisted = twistedAPI(
      text, order, nth, other: { "[\(transaction($0.reference))]" },
      both: { "[\(transaction(order.reference)),\(transaction($0.reference))]" },
      cancelled: [
        Self.error(1_007_005), #"[{"status":{"class":{"id":9,"message":"DECLINED"}}"#,
        #"[{"status":{"id":90000,"message":"DECLINED","class":{"id":9,"message":"DECLINED"}}}]"#, "[{}]",
      ])
    return finishAPI(twisted ?? text, asked, nth)
  }

  private func listAtDTOne(_ request: HTTPRequest) -> HTTPResponse {
    let query = request.query
    let key = "list/\(query["page"] ?? "")"
    let nth = count("p", key)
    if let refusal = refuseAtDTOne(request) { return refusal }
    panel.advance(to: now)
    let fault = faultOfQuestion(key, nth, error: Self.error(1_009_001)) { dtone(error: 1_000_401, status: 401) }
    if let fault { return fault }
    let bounds = ["from_date", "to_date"].map { name in query[name].map { Timestamp.milliseconds($0) } }
    let size = Int(query["per_page"] ?? "50") ?? 0
    guard !bounds.contains(.some(nil)), size <= 100 else { return dtone(error: 1_000_400) }
    let rows = listed(since: (bounds[0] ?? nil) ?? .min, until: (bounds[1] ?? nil) ?? .max, withCreated: true) { _ in
      true
    }
    guard let page = page(Int(query["page"] ?? "1") ?? 0, of: rows, size: size, key, nth) else {
      return dtone(error: 1_000_400)
    }
    let texts = page.rows.map { transaction($0.reference, id: number(of: $0), at: $0.at) }
    var response = finishAPI("[\(texts.joined(separator: ","))]", key, nth)
    // A proxy that mixes two answers up may mix up their heads as well, or not.
    let isHeadTrue = Chance(options.seed, "head", key, nth).share < 0.5
    response.headers += [
      ("X-Total", "\(page.total)"), ("X-Total-Pages", "\(page.pages)"), ("X-Per-Page", "\(size)"),
      ("X-Page", isHeadTrue ? query["page"] ?? "1" : "\(page.number)"),
    ]
    return response
  }

  private func showBalances(_ request: HTTPRequest) -> HTTPResponse {
    if let refusal = refuseAtDTOne(request) { return refusal }
    let nth = count("b", "")
    panel.advance(to: now)
    let text =
      #"[{"id":1,"unit_type":"CURRENCY","unit":"USD","available":\#(panel.balance(of: options.kod)),"holding":0}]"#
    return anyFaultOfAPI("", nth) { dtone(error: 1_000_401, status: 401) } ?? finishAPI(text, "", nth)
  }

  // MARK: Answers

  nonisolated private static let errorTexts = [
    1_000_400: "Bad Request", 1_000_401: "Unauthorized", 1_000_429: "Too many requests",
    1_003_001: "Product is not available in your account", 1_006_001: "Insufficient balance",
    1_006_009: "Account balance not found", 1_007_001: "Transaction external ID has already been used",
    1_007_002: "Transaction has already been confirmed", 1_007_004: "Transaction can no longer be confirmed",
    1_007_005: "Transaction has already been cancelled", 1_008_004: "Transaction not found",
    1_009_001: "Unexpected error, please contact our support team",
  ]

  nonisolated private static func error(_ code: Int) -> String {
    "{\"errors\":[{\"code\":\(code),\"message\":\((errorTexts[code] ?? "").jsonQuoted)}]}"
  }

  private func dtone(error code: Int, status: Int = 400) -> HTTPResponse { api(Self.error(code), status: status) }

  private func refuseAtDTOne(_ request: HTTPRequest) -> HTTPResponse? {
    let found = request.headers.first { $0.name.lowercased() == "authorization" }?.value
    let login = Data("\(options.kod):\(options.sifre)".utf8).base64EncodedString()
    return found == "Basic \(login)" ? nil : dtone(error: 1_000_401, status: 401)
  }

  private func transaction(
    _ reference: String, cost: Money? = nil, status: (Int, String)? = nil, hidesPin: Bool = false, id: String? = nil,
    at: Int64? = nil
  ) -> String {
    let order = panel.order(reference)
    let (number, name) = status ?? Self.status(order)
    let pin = order?.state == .completed && !hidesPin ? order?.pin : nil
    let price = cost ?? order?.price ?? apiBooks.created[reference]?.request.product.map { panel.price(of: $0) }
    let date = at.map { Timestamp.rfc3339($0).prefix(19) } ?? "2026-11-29T10:00:00"
    return
      "{\"id\":\(id ?? apiBooks.number(of: reference, seed: options.seed)),\"external_id\":\(reference.jsonQuoted),"
      + "\"creation_date\":\"\(date).000000000Z\","
      + "\"status\":{\"id\":\(number)0000,\"message\":\"\(name)\",\"class\":{\"id\":\(number),\"message\":\"\(name)\"}},"
      + "\"pin\":\(pin.map { "{\"code\":\($0.jsonQuoted),\"serial\":null}" } ?? "null"),"
      + "\"prices\":{\"wholesale\":{\"amount\":\(price?.description ?? "0"),\"fee\":0,\"unit\":\"USD\",\"unit_type\":\"CURRENCY\"}}}"
  }

  /// What it posts of an order in that state. The PIN is not in it: callbacks have been seen to leave it out.
  func dtoneNotice(_ order: PanelOrder, _ state: PanelOrder.State) -> String {
    let status =
      switch state {
      case .waiting: (2, "CONFIRMED")
      case .completed: (7, "COMPLETED")
      case .cancelled: (9, "DECLINED")
      }
    return transaction(order.reference, status: status, hidesPin: true)
  }

  nonisolated private static func status(_ order: PanelOrder?) -> (Int, String) {
    switch order?.state {
    case nil: (1, "CREATED")
    case .waiting?: (2, "CONFIRMED")
    case .completed?: (7, "COMPLETED")
    case .cancelled?: order?.wasCompleted == true ? (8, "REVERSED") : (9, "DECLINED")
    }
  }
}
