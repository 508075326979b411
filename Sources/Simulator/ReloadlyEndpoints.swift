import FoundationEssentials
import HTTPServer
import Orders

/// Reloadly on the panel's books: top-ups, gift cards and the tokens for both. Id and secret of the client are the dealer's login.
///
/// As in its sandbox, an identifier that was used is refused, but requests that are on their way together (`--send-takes`) all
/// find it free.
extension PanelServer {
  nonisolated static let topUps = "/topups-async"
  nonisolated static let orders = "/orders"

  /// Nil when the path is none of Reloadly's.
  func answerAtReloadly(_ request: HTTPRequest) -> HTTPResponse? {
    switch (request.method, request.path) {
    case ("POST", "/oauth/token"): return giveToken(request)
    case ("POST", Self.topUps), ("POST", Self.orders): return orderAtReloadly(request)
    case ("GET", "/topups/reports/transactions"): return report(request, giftCards: false)
    case ("GET", "/reports/transactions"): return report(request, giftCards: true)
    case ("GET", "/accounts/balance"): return showWallet(request)
    case ("GET", let path) where path.hasPrefix("/orders/transactions/") && path.hasSuffix("/cards"):
      return listCards(request, String(path.dropFirst("/orders/transactions/".count).dropLast("/cards".count)))
    default: return nil
    }
  }

  private struct Login: Decodable { var client_id, client_secret, grant_type, audience: String }

  private struct Wanted: Decodable {
    struct Phone: Decodable { var number: String }
    struct Needs: Decodable { var userId: String }
    var customIdentifier: String
    var operatorId, productId: Int?
    var recipientPhone: Phone?
    var recipientEmail: String?
    var productAdditionalRequirements: Needs?
  }

  private func giveToken(_ request: HTTPRequest) -> HTTPResponse {
    apiBooks.tokensGiven += 1
    let nth = count("t", "")
    let login = try? JSONDecoder().decode(Login.self, from: Data(request.body))
    guard let login, login.client_id == options.kod, login.client_secret == options.sifre,
      login.audience.hasPrefix("http"), !faults.strikes(.loginFails, "token", nth: nth)
    else { return reloadly("INVALID_CREDENTIALS", status: 401) }
    let token =
      "rl-\(apiBooks.tokensGiven)-\(String(Chance(options.seed, "token", "", apiBooks.tokensGiven).bits, radix: 16))"
    apiBooks.tokens.insert(token)
    return api(#"{"access_token":"\#(token)","scope":"","expires_in":3600,"token_type":"Bearer"}"#)
  }

  private func orderAtReloadly(_ request: HTTPRequest) -> HTTPResponse {
    let wanted = try? JSONDecoder().decode(Wanted.self, from: Data(request.body))
    let reference = wanted?.customIdentifier ?? ""
    let nth = count("e", reference)
    panel.countSend()
    if let refusal = refuseAtReloadly(request, reference, nth) { return refusal }
    if let fault = faultAtDoor(reference, nth) { return fault }
    if faults.strikes(.loginFails, reference, nth: nth) { return reloadly("INVALID_TOKEN", status: 401) }
    if faults.strikes(.turnAway, reference, nth: nth) {
      return reloadly(pick(["INSUFFICIENT_BALANCE", "ACCOUNT_SUSPENDED"], "away", reference, nth), status: 403)
    }
    guard let wanted, !reference.isEmpty else { return reloadly("INVALID_INPUT_PROVIDED") }
    let spoilt = spoiltSend(reference, nth)
    if let spoilt, !spoilt.isBooked { return spoil(spoilt.fault) }
    let isGiftCard = request.path == Self.orders
    let product = isGiftCard ? Product.byRow["\(wanted.productId ?? 0)"] : Product.topUps["\(wanted.operatorId ?? 0)"]
    guard let product else { return reloadly(isGiftCard ? "PRODUCT_NOT_FOUND" : "OPERATOR_NOT_FOUND", status: 404) }
    let player = wanted.recipientPhone?.number ?? wanted.productAdditionalRequirements?.userId ?? wanted.recipientEmail
    let order = OrderRequest(
      reference: reference, player: player ?? reference, phone: wanted.recipientPhone?.number ?? "",
      oyun: "\(product.oyun)", kupur: product.kupur, dealer: options.kod, product: product, isOnce: !apiBooks.cameFree,
      receivedMicroseconds: monotonicMicroseconds)
    switch panel.accept(order, twists: twists(reference, nth), now: now) {
    case .noSuchProduct: return reloadly("PRODUCT_NOT_FOUND", status: 404)
    case .balanceTooLow: return spoilt.map { spoil($0.fault) } ?? reloadly("INSUFFICIENT_BALANCE")
    case .known: return finishAPI(Self.error("CUSTOM_IDENTIFIER_ALREADY_USED"), status: 400, reference, nth)
    case .accepted: break
    }
    if let spoilt { return spoil(spoilt.fault) }
    if faults.strikes(.loseAnswer, reference, nth: nth) { return .abort(.reset) }
    if faults.strikes(.stall, reference, nth: nth) { return .abort(.stall) }
    if faults.strikes(.refuseBooked, reference, nth: nth) {
      let code = pick(
        ["CUSTOM_IDENTIFIER_ALREADY_USED", "INSUFFICIENT_BALANCE", "PHONE_RECENTLY_RECHARGED"], "refuse", reference, nth
      )
      return finishAPI(Self.error(code), status: 400, reference, nth)
    }
    guard let booked = panel.order(reference) else { return spoil(.serverError) }
    let text =
      isGiftCard
      ? row(booked) : "{\"transactionId\":\(apiBooks.number(of: reference, seed: options.seed))}"
    return finishAPI(text, reference, nth)
  }

  private func report(_ request: HTTPRequest, giftCards: Bool) -> HTTPResponse {
    guard let asked = request.query["customIdentifier"] else { return list(request, giftCards: giftCards) }
    let nth = count("k", asked)
    panel.countQuery(asked)
    if let refusal = refuseAtReloadly(request, asked, nth) { return refusal }
    panel.advance(to: now)
    let fault = faultOfQuestion(asked, nth, error: Self.error("INTERNAL_SERVER_ERROR")) {
      reloadly("TOKEN_EXPIRED", status: 401)
    }
    if let fault { return fault }
    guard let order = panel.order(asked), Self.isGiftCard(order) == giftCards else {
      return finishAPI(Self.page([]), asked, nth)
    }
    if faults.strikes(.unknownStatus, asked, nth: nth) {
      return finishAPI(Self.page([row(order, status: "ON_HOLD")]), asked, nth)
    }
    let text = Self.page([row(order)])
    guard !faults.rates.isEmpty else { return api(text) }
    let twisted = twistedAPI(
      text, order, nth, other: { Self.page([row($0)]) }, both: { Self.page([row(order), row($0)]) },
      cancelled: [
        Self.error("TRANSACTION_CANNOT_BE_PROCESSED"), #"{"content":[{"status":"REFUNDED""#,
        #"{"content":[{"status":"FAILED"}],"totalElements":1}"#, #"{"status":"FAILED"}"#,
      ])
    return finishAPI(twisted ?? text, asked, nth)
  }

  private func list(_ request: HTTPRequest, giftCards: Bool) -> HTTPResponse {
    let query = request.query
    let key = "list/\(query["page"] ?? "")"
    let nth = count("p", key)
    if let refusal = refuseAtReloadly(request, key, nth) { return refusal }
    panel.advance(to: now)
    let fault = faultOfQuestion(key, nth, error: Self.error("INTERNAL_SERVER_ERROR")) {
      reloadly("TOKEN_EXPIRED", status: 401)
    }
    if let fault { return fault }
    // Dates are taken for times of some place four hours behind.
    let bounds = ["startDate", "endDate"].map { name in
      query[name].map { Timestamp.milliseconds("\($0.prefix(10))T\($0.dropFirst(11))-04:00") }
    }
    guard !bounds.contains(.some(nil)) else { return reloadly("INVALID_INPUT_PROVIDED") }
    let rows = listed(since: (bounds[0] ?? nil) ?? .min, until: (bounds[1] ?? nil) ?? .max, withCreated: false) {
      Self.isGiftCard($0) == giftCards
    }
    let (number, size) = (Int(query["page"] ?? "1") ?? 0, min(Int(query["size"] ?? "200") ?? 0, 200))
    // Behind the last page there is an empty one.
    let page =
      page(number, of: rows, size: size, key, nth) ?? ListPage(rows: [], number: number, total: rows.count, pages: 1)
    let texts = page.rows.compactMap { line in
      panel.order(line.reference).map { row($0, id: self.number(of: line), at: line.at) }
    }
    return finishAPI(
      "{\"content\":[\(texts.joined(separator: ","))],\"totalElements\":\(page.total),\"totalPages\":\(page.pages),"
        + "\"size\":\(size),\"number\":\(number)}", key, nth)
  }

  private func listCards(_ request: HTTPRequest, _ number: String) -> HTTPResponse {
    guard let reference = apiBooks.references[number], let order = panel.order(reference) else {
      return refuseAtReloadly(request, "", 0) ?? reloadly("TRANSACTION_NOT_FOUND", status: 404)
    }
    let nth = count("d", reference)
    if let refusal = refuseAtReloadly(request, reference, nth) { return refusal }
    let fault = anyFaultOfAPI("\(reference)/cards", nth) { reloadly("TOKEN_EXPIRED", status: 401) }
    if let fault { return fault }
    let hides = order.pin != nil && faults.strikes(.pinVanishes, reference, nth: nth)
    let pin = order.state == .completed && !hides ? order.pin : nil
    let text = pin.map { "[{\"cardNumber\":\($0.jsonQuoted),\"pinCode\":null}]" } ?? "[]"
    guard !faults.rates.isEmpty, pin != nil, let place = text.ranges(of: pin ?? "").first,
      faults.strikes(.pinCut, reference, nth: 0)
    else { return finishAPI(text, reference, nth) }
    return finishAPI(String(text[..<place.lowerBound]) + String((pin ?? "").prefix(6)), reference, nth)
  }

  private func showWallet(_ request: HTTPRequest) -> HTTPResponse {
    let nth = count("b", "")
    if let refusal = refuseAtReloadly(request, "", nth) { return refusal }
    panel.advance(to: now)
    let text = #"{"balance":\#(panel.balance(of: options.kod)),"currencyCode":"USD","updatedAt":"2026-11-29 10:00:00"}"#
    return anyFaultOfAPI("", nth) { reloadly("TOKEN_EXPIRED", status: 401) } ?? finishAPI(text, "", nth)
  }

  // MARK: Answers

  /// With what a request to Reloadly calls its order.
  nonisolated static func identifier(in request: HTTPRequest) -> String? {
    (try? JSONDecoder().decode(Wanted.self, from: Data(request.body)))?.customIdentifier
  }

  nonisolated private static func error(_ code: String) -> String {
    let words = code.split(separator: "_").joined(separator: " ").lowercased()
    return
      "{\"timeStamp\":\"2026-11-29 10:00:00\",\"message\":\"\(words)\",\"path\":\"/\",\"errorCode\":\"\(code)\",\"details\":[]}"
  }

  private func reloadly(_ code: String, status: Int = 400) -> HTTPResponse { api(Self.error(code), status: status) }

  private func refuseAtReloadly(_ request: HTTPRequest, _ reference: String, _ nth: Int) -> HTTPResponse? {
    let found = request.headers.first { $0.name.lowercased() == "authorization" }?.value ?? ""
    guard found.hasPrefix("Bearer "), apiBooks.tokens.contains(String(found.dropFirst(7))) else {
      return reloadly("INVALID_TOKEN", status: 401)
    }
    guard faults.strikes(.tokenRefused, reference, nth: nth) else { return nil }
    apiBooks.tokens.remove(String(found.dropFirst(7)))
    return reloadly("TOKEN_EXPIRED", status: 401)
  }

  nonisolated private static func isGiftCard(_ order: PanelOrder) -> Bool {
    !Product.topUps.values.contains(order.product)
  }

  nonisolated private static func page(_ rows: [String]) -> String {
    "{\"content\":[\(rows.joined(separator: ","))],\"totalElements\":\(rows.count),\"totalPages\":1,\"size\":20}"
  }

  /// - Parameter at: of a row of a list: what it says of time and money.
  private func row(_ order: PanelOrder, status: String? = nil, id: String? = nil, at: Int64? = nil) -> String {
    let name = status ?? Self.status(order)
    let head =
      "{\"transactionId\":\(id ?? apiBooks.number(of: order.reference, seed: options.seed)),\"status\":\"\(name)\","
      + "\"customIdentifier\":\(order.reference.jsonQuoted),"
    let text = at.map { Timestamp.rfc3339($0) } ?? ""
    let time = "\"\(text.prefix(10)) \(text.dropFirst(11).prefix(8))\""
    let money = "\"balanceInfo\":{\"cost\":\(order.price),\"currencyCode\":\"USD\"}"
    guard Self.isGiftCard(order) else {
      return head
        + "\"operatorId\":\(order.product.kupur),\"countryCode\":\"TR\",\"recipientPhone\":\(order.player.jsonQuoted),"
        + (at == nil ? "" : "\"transactionDate\":\(time),") + "\"pinDetail\":null,\(money)}"
    }
    return head + "\"amount\":\(order.price),\"currencyCode\":\"USD\","
      + (at == nil ? "" : "\"transactionCreatedTime\":\(time),\(money),")
      + "\"product\":{\"productId\":\(order.product.row),\"productName\":\(order.product.name.jsonQuoted),\"quantity\":1}}"
  }

  /// What it posts of an order in that state.
  func reloadlyNotice(_ order: PanelOrder, _ state: PanelOrder.State) -> String {
    let status =
      switch state {
      case .waiting: "PROCESSING"
      case .completed: "SUCCESSFUL"
      case .cancelled: "FAILED"
      }
    let kind = Self.isGiftCard(order) ? "giftcard_transaction.status" : "airtime_transaction.status"
    return "{\"type\":\"\(kind)\",\"data\":\(row(order, status: status))}"
  }

  nonisolated private static func status(_ order: PanelOrder) -> String {
    switch order.state {
    case .waiting: "PROCESSING"
    case .completed: "SUCCESSFUL"
    case .cancelled: order.wasCompleted ? "REFUNDED" : "FAILED"
    }
  }
}
