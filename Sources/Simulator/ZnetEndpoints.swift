import HTTPServer
import Orders

/// The panel's own endpoints, in the vendor's grammar.
extension PanelServer {
  func order(_ request: HTTPRequest) -> HTTPResponse {
    let query = request.query
    let reference = query["referans"] ?? ""
    let nth = count("e", reference)
    panel.countSend()
    guard isLoggedIn(query) else { return line("") }
    // Turned away at the door: nothing is recorded.
    for (fault, answer) in [
      (Fault.dropRequest, HTTPResponse.abort(.reset)), (.forbidden, page(403)), (.tooMany, page(429)),
    ]
    where faults.strikes(fault, reference, nth: nth) { return answer }
    if faults.strikes(.loginFails, reference, nth: nth) { return line(Self.loginError) }
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
    case .balanceTooLow: return spoilt.map(spoil) ?? finish("8|Bağlantı hatası veya yetersiz bakiye", reference, nth)
    case .accepted(let cost, let balance):
      if let spoilt { return spoil(spoilt) }
      if faults.strikes(.loseAnswer, reference, nth: nth) { return .abort(.reset) }
      if faults.strikes(.stall, reference, nth: nth) { return .abort(.stall) }
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
      return options.unknownReference == .empty ? line("") : finish("3|İşlem bulunamadı", reference, nth)
    }
    if faults.strikes(.unknownStatus, reference, nth: nth) { return finish("OK|7| |Beklemede", reference, nth) }
    switch order.state {
    case .waiting: return finish("OK|1| |İşlem sırada", reference, nth)
    case .completed:
      let vanishes = order.pin != nil && faults.strikes(.pinVanishes, reference, nth: nth)
      return finish("OK|2|\(vanishes ? " " : order.pin ?? "-")|Onaylandı", reference, nth)
    case .cancelled:
      if order.isByHand { return finish("OK|3| | ", reference, nth) }
      // Two ways that panels have been seen to say why.
      let inSlot = Chance(options.seed, "reason", reference).share < 0.5
      return finish(inSlot ? "OK|3|Stok yok|" : "OK|3| |İptal edildi", reference, nth)
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

  // MARK: Faults of any endpoint

  nonisolated private static let loginError = "OK|3|bayikodu yada şifre geçersiz|0.00"

  private func isLoggedIn(_ query: [String: String]) -> Bool {
    (query["kod"] == options.kod || options.dealers.contains(query["kod"] ?? "")) && query["sifre"] == options.sifre
  }

  /// A fault that takes the place of the answer.
  private func anyFault(_ reference: String, _ nth: Int) -> HTTPResponse? {
    guard !faults.rates.isEmpty else { return nil }
    if faults.strikes(.dropRequest, reference, nth: nth) { return .abort(.reset) }
    if faults.strikes(.loginFails, reference, nth: nth) { return line(Self.loginError) }
    return [Fault.serverError, .forbidden, .tooMany, .html, .empty]
      .first { faults.strikes($0, reference, nth: nth) }.map(spoil)
  }

  private func spoil(_ fault: Fault) -> HTTPResponse {
    switch fault {
    case .serverError: page(502)
    case .forbidden: page(403)
    case .tooMany: page(429)
    case .html: page(200)
    default: line("")
    }
  }

  private func page(_ status: Int) -> HTTPResponse {
    let text = "<!DOCTYPE html><html><head><title>\(status)</title></head><body>\(status)</body></html>\n"
    return HTTPResponse(status: status, headers: Self.plain, body: Array(text.utf8))
  }

  private func line(_ text: String) -> HTTPResponse {
    HTTPResponse(status: 200, headers: Self.plain, body: Array(text.utf8))
  }

  /// The answer, with the faults that change its bytes but not its words.
  private func finish(_ text: String, _ reference: String, _ nth: Int) -> HTTPResponse {
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
