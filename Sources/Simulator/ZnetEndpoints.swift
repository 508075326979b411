import HTTPServer
import Orders

/// The panel's own endpoints, in the vendor's grammar.
extension PanelServer {
  func order(_ request: HTTPRequest) -> HTTPResponse {
    let query = request.query
    let reference = query["referans"] ?? ""
    let nth = count("e", reference)
    panel.countSend()
    if let refusal = turnAwayAtTheDoor(query) { return refusal }
    guard isLoggedIn(query) else { return line("") }
    // Turned away at the door: nothing is recorded.
    for (fault, answer) in [
      (Fault.dropRequest, HTTPResponse.abort(.reset)), (.forbidden, page(403)), (.tooMany, page(429)),
    ]
    where faults.strikes(fault, reference, nth: nth) { return answer }
    if faults.strikes(.loginFails, reference, nth: nth) { return line(Self.loginError) }
    if faults.strikes(.turnAway, reference, nth: nth) {
      return finish(pick(Self.accountTroubles, "turn-away", reference, nth), reference, nth)
    }
    // With these it is open whether the panel got as far as the order: a hash decides.
    let spoilt = [Fault.serverError, .html, .empty].first { faults.strikes($0, reference, nth: nth) }
    if let spoilt, Chance(options.seed, "accepted", reference, nth).share < 0.5 { return spoil(spoilt) }

    let needed = ["oyun", "kupur", "referans", "musteri_tel", "oyuncu_bilgi"]
    guard needed.allSatisfy({ query[$0]?.isEmpty == false }) else { return line("3|Eksik Parametre") }
    let twists = Set(
      [Fault.doubleDebit, .lateCancel, .cancelByHand, .neverEnds, .samePin].filter {
        faults.strikes($0, reference, nth: nth)
      })
    let wanted = OrderRequest(
      reference: reference, player: query["oyuncu_bilgi"] ?? "", phone: query["musteri_tel"] ?? "",
      oyun: query["oyun"] ?? "", kupur: query["kupur"] ?? "", dealer: query["kod"] ?? "",
      receivedMicroseconds: monotonicMicroseconds)
    switch panel.accept(wanted, twists: twists, now: now) {
    case .noSuchProduct: return spoilt.map(spoil) ?? finish("3|Kupur Bilgisi Bulunamadı", reference, nth)
    case .balanceTooLow: return spoilt.map(spoil) ?? finish(pick(Self.poor, "poor", reference, nth), reference, nth)
    // Only where a repeated reference is no second order.
    case .known: return spoil(.serverError)
    case .accepted(let cost, let balance):
      if let spoilt { return spoil(spoilt) }
      if faults.strikes(.loseAnswer, reference, nth: nth) { return .abort(.reset) }
      if faults.strikes(.stall, reference, nth: nth) { return .abort(.stall) }
      if faults.strikes(.refuseBooked, reference, nth: nth) {
        return finish(pick(Self.refusals, "refuse", reference, nth), reference, nth)
      }
      guard faults.strikes(.wrongCost, reference, nth: nth) else {
        return finish("OK|\(cost)|\(balance)", reference, nth)
      }
      panel.noteToldCost(cost + cost, of: reference)
      return finish("OK|\(cost + cost)|\(balance)", reference, nth)
    }
  }

  func check(_ request: HTTPRequest) -> HTTPResponse {
    let reference = request.query["tahsilat_api_islem_id"] ?? ""
    let nth = count("k", reference)
    panel.countQuery(reference)
    guard isLoggedIn(request.query) else { return line("") }
    panel.advance(to: now)
    if !faults.rates.isEmpty {
      if faults.strikes(.queryFails, reference, nth: nth) { return line("3|Sorgu yapılamadı") }
      if faults.strikes(.queryEmpty, reference, nth: nth) { return line("") }
      if faults.strikes(.queryStall, reference, nth: nth) { return .abort(.stall) }
      if let answer = anyFault(reference, nth) { return answer }
    }
    guard let order = panel.order(reference) else {
      switch options.unknownReference {
      case .bare3: return finish("3|İşlem bulunamadı", reference, nth)
      case .empty: return line("")
      // As some servers of the top-up dialect word it.
      case .cancelled: return finish("OK|3| |Kayıt yok", reference, nth)
      }
    }
    if faults.strikes(.unknownStatus, reference, nth: nth) { return finish("OK|7| |Beklemede", reference, nth) }
    var text = truth(order)
    if order.state == .completed, order.pin != nil, faults.strikes(.pinVanishes, reference, nth: nth) {
      text = "OK|2| |Onaylandı"
    }
    return finish(faults.rates.isEmpty ? text : twisted(text, order, nth) ?? text, reference, nth)
  }

  /// What the panel has to say of an order.
  private func truth(_ order: PanelOrder) -> String {
    switch order.state {
    case .waiting: return "OK|1| |İşlem sırada"
    case .completed: return "OK|2|\(order.pin ?? "-")|Onaylandı"
    case .cancelled:
      if order.isByHand { return "OK|3| | " }
      // Two ways that panels have been seen to say why.
      return Chance(options.seed, "reason", order.reference).share < 0.5 ? "OK|3|Stok yok|" : "OK|3| |İptal edildi"
    }
  }

  func showBalance(_ request: HTTPRequest) -> HTTPResponse {
    guard isLoggedIn(request.query) else { return line("") }
    let nth = count("b", "")
    panel.advance(to: now)
    return anyFault("", nth) ?? finish("OK|\(panel.balance(of: request.query["kod"] ?? ""))|0.00", "", nth)
  }

  func list(_ request: HTTPRequest) -> HTTPResponse {
    guard isLoggedIn(request.query) else {
      return line(#"{"success":false,"result":[],"error":"Yetkisiz erişim"}"#)
    }
    let nth = count("l", "")
    return anyFault("", nth) ?? finish(Product.listing { panel.price(of: $0) }, "", nth)
  }

  // MARK: What panels say when they mean something else

  /// The account's trouble, in the words of a refusal.
  nonisolated private static let accountTroubles = [
    "3|bayikodu yada şifre geçersiz", "3|ip geçersiz", "3|Yetkisiz erisim", "3|Bakiye Yetersiz", loginError,
  ]
  /// Said to the second copy of a request.
  nonisolated private static let refusals = [
    "3|Bakiye Yetersiz", "3|Sistemsel hata, tekrar deneyin", "3|Bu referans zaten kayıtlı",
    "3|Kupur Bilgisi Bulunamadı", "8|Bağlantı hatası veya yetersiz bakiye",
  ]
  nonisolated private static let poor = ["8|Bağlantı hatası veya yetersiz bakiye", "3|Bakiye Yetersiz"]
  nonisolated private static let cutErrors = [
    "OK|3|bayi", "OK|3|", "OK|3|Eksik Parametre", "OK|3|bayikodu|", "OK|3| |Sistem hatası", "OK|3|Sorgu yapılamadı|",
  ]
  nonisolated static let notice = "<br />\n<b>Notice</b>: Undefined index: id in <b>/var/www/servis.php</b>"

  func pick(_ texts: [String], _ purpose: String, _ reference: String, _ nth: Int) -> String {
    texts[Int(Chance(options.seed, purpose, reference, nth).bits % UInt64(texts.count))]
  }

  /// As web servers and the walls before them do: by the length of the request, and by what stands in it.
  func turnAwayAtTheDoor(_ query: [String: String]) -> HTTPResponse? {
    if query.values.reduce(0, { $0 + $1.utf8.count }) > Self.queryBytesMax { return page(414) }
    return query.values.contains { $0.contains("<script") || $0.contains("../") } ? page(403) : nil
  }

  nonisolated private static let queryBytesMax = 4096

  /// The true line, spoilt so that it says something else, or more than it should.
  private func twisted(_ text: String, _ order: PanelOrder, _ nth: Int) -> String? {
    let reference = order.reference
    if faults.strikes(.cancelCut, reference, nth: nth) { return pick(Self.cutErrors, "cancel-cut", reference, nth) }
    if faults.strikes(.notice, reference, nth: nth) {
      let isFirst = Chance(options.seed, "notice-first", reference, nth).share < 0.5
      return isFirst ? "\(Self.notice)\n\(text)" : "\(text)\n\(Self.notice)"
    }
    if faults.strikes(.secondLine, reference, nth: nth) {
      return "\(text)\nOK|2|\(Panel.pin(seed: options.seed, reference: "stray"))|Onaylandı"
    }
    if nth % 2 == 0, let other = panel.other(than: order, nth), faults.strikes(.stray, reference, nth: nth) {
      return truth(other)
    }
    if order.pin != nil, text.hasPrefix("OK|2|"), faults.strikes(.pinCut, reference, nth: 0) {
      return String(text.prefix(10 + Int(Chance(options.seed, "pin-cut", reference).bits % 6)))
    }
    return nil
  }

  // MARK: Faults of any endpoint

  nonisolated static let loginError = "OK|3|bayikodu yada şifre geçersiz|0.00"

  func isLoggedIn(_ query: [String: String]) -> Bool {
    (query["kod"] == options.kod || options.dealers.contains(query["kod"] ?? "")) && query["sifre"] == options.sifre
  }

  /// A fault that takes the place of the answer.
  func anyFault(_ reference: String, _ nth: Int) -> HTTPResponse? {
    guard !faults.rates.isEmpty else { return nil }
    if faults.strikes(.dropRequest, reference, nth: nth) { return .abort(.reset) }
    if faults.strikes(.loginFails, reference, nth: nth) { return line(Self.loginError) }
    return [Fault.serverError, .forbidden, .tooMany, .html, .empty]
      .first { faults.strikes($0, reference, nth: nth) }.map(spoil)
  }

  func spoil(_ fault: Fault) -> HTTPResponse {
    switch fault {
    case .serverError: page(502)
    case .forbidden: page(403)
    case .tooMany: page(429)
    case .html: page(200)
    default: line("")
    }
  }

  func page(_ status: Int) -> HTTPResponse {
    let text = "<!DOCTYPE html><html><head><title>\(status)</title></head><body>\(status)</body></html>\n"
    return HTTPResponse(status: status, headers: Self.plain, body: Array(text.utf8))
  }

  func line(_ text: String) -> HTTPResponse {
    HTTPResponse(status: 200, headers: Self.plain, body: Array(text.utf8))
  }

  /// The answer, with the faults that change its bytes but not its words.
  func finish(_ text: String, _ reference: String, _ nth: Int) -> HTTPResponse {
    guard !faults.rates.isEmpty else { return line(text) }
    let isOld = faults.strikes(.windows1254, reference, nth: nth)
    var bytes = isOld ? Windows1254Writer.bytes(text) : Array(text.utf8)
    if faults.strikes(.byteOrderMark, reference, nth: nth) { bytes = [0xEF, 0xBB, 0xBF] + bytes }
    if faults.strikes(.truncated, reference, nth: nth) {
      let share = Chance(options.seed, "cut", reference, nth).share
      bytes = Array(bytes.prefix(Int(share * Double(bytes.count))))
    }
    var response = HTTPResponse(status: 200, headers: Self.plain, body: bytes)
    if faults.strikes(.slow, reference, nth: nth) {
      response.body = .trickle(bytes, every: .milliseconds(Self.trickleMilliseconds))
    }
    return response
  }

  nonisolated private static let trickleMilliseconds = 50
}
