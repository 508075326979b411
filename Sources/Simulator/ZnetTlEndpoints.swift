import HTTPServer
import Orders

/// Top-ups and bills, in the vendor's grammar: the same digits, with other meanings. A repeated reference is refused, as the
/// documents say of both.
extension PanelServer {
  func topUp(_ request: HTTPRequest) -> HTTPResponse {
    let query = request.query
    let needed = ["operator", "tip", "kontor", "gsmno", "tekilnumara"]
    guard needed.allSatisfy({ query[$0]?.isEmpty == false }) else { return line("OK|3|Eksik Parametre|0.00") }
    return send(
      request, login: "bayi_kodu", reference: query["tekilnumara"] ?? "",
      product: Product.topUps[query["kontor"] ?? ""],
      player: query["gsmno"] ?? "", words: Self.topUpWords
    ) { cost, _ in "OK|1|Talebiniz İşleme Alınmıştır.|\(cost)" }
  }

  func payBill(_ request: HTTPRequest) -> HTTPResponse {
    let query = request.query
    let needed = ["abone_adi", "son_odeme_tarihi", "tesisat_no", "fatura_no", "tahsilat_api_islem_id"]
    guard needed.allSatisfy({ query[$0]?.isEmpty == false }), let amount = Money(parsing: query["fatura_tutari"] ?? "")
    else { return line("") }
    return send(
      request, login: "kod", reference: query["tahsilat_api_islem_id"] ?? "",
      product: query["kurum_id"] == "12" ? Product.bill(amount) : nil, player: query["tesisat_no"] ?? "",
      words: Self.billWords
    ) { cost, balance in "OK|0.00|\(balance)|\(cost)" }
  }

  func checkTopUp(_ request: HTTPRequest) -> HTTPResponse {
    check(request, login: "bayi_kodu", reference: request.query["tekilnumara"] ?? "", words: Self.topUpWords)
  }

  func checkBill(_ request: HTTPRequest) -> HTTPResponse {
    check(request, login: "kod", reference: request.query["tahsilat_api_islem_id"] ?? "", words: Self.billWords)
  }

  // MARK: Words

  /// What one family of endpoints answers.
  private struct Words: Sendable {
    let login: String
    let noProduct: String
    let poor: [String]
    /// To a reference that is there; empty: as the first time.
    let known: [String]
    let accountTroubles: [String]
    let refusals: [String]
    let waiting: String
    let done: String
    let cancelled: [String]
    let unknown: String
    /// Errors that are cut, or worded, so that they read as a cancellation.
    let cutErrors: [String]
    let unfamiliar: String
  }

  nonisolated private static let topUpWords = Words(
    login: loginError, noProduct: "OK|3|Aktif Kontor Miktarı Bulunamadı.|0.00|", poor: ["OK|3|Bakiye Yetersiz|0.00"],
    known: ["OK|8|Bu İşlem Daha Önce Gönderildi|0.00", "OK|3|Tekil numara çakışması.|0.00"],
    accountTroubles: [
      loginError, "OK|3|ip geçersiz|0.00", "OK|3|Yetki Yetersiz! Yukleme|0.00", "OK|3|Bakiye Yetersiz|0.00",
    ],
    refusals: [
      "OK|3|Bakiye Yetersiz|0.00", "OK|3|Sistemsel hata. Tekrar deneyiniz.|0.00", "OK|3|Tekil numara çakışması.|0.00",
      "OK|3|Aynı Numaraya Aynı Miktarda 10 Dakika İçinde İşlem Gerçekleşti|0.00",
    ], waiting: "2:islemde:", done: "1:Yüklendi:97.00",
    cancelled: ["3:Operatör kabul etmedi", "3:Numara%20hatal%C4%B1:0"],
    unknown: "3:Bu referansla işlem yok:0",
    cutErrors: ["3:Hatalı bayi", "3:Bu ref", "3:reason2:islemde:", "3:", "3:Sistem hatası"], unfamiliar: "7:x:0.00")

  nonisolated private static let billWords = Words(
    login: loginError, noProduct: "4|Aktif Kurum Bulunamadı.|0.00", poor: ["4|Bakiye Yetersiz|0.00"],
    known: ["4|Daha Önce Gönderilmiş (166189)"],
    accountTroubles: ["OK|3|Yetki Yetersiz! Yukleme|0.00", loginError, "4|Bakiye Yetersiz|0.00"],
    refusals: ["4|Daha Önce Gönderilmiş (166189)", "OK|Sistemsel hata Tekrar Deneyin|0.00", "4|Bakiye Yetersiz|0.00"],
    waiting: "1:Onay sırasında", done: "2:Onay", cancelled: ["3:iptal edildi", "3|iptal"],
    unknown: "3:Bu referansla işlem yok",
    cutErrors: ["3:Hatalı bayi", "3:Bu ref", "3:", "3|Sistem hatası", "2:isl"], unfamiliar: "7:x")

  // MARK: Inside

  private func isLoggedIn(_ request: HTTPRequest, _ login: String) -> Bool {
    var query = request.query
    query["kod"] = query[login]
    return isLoggedIn(query)
  }

  private func send(
    _ request: HTTPRequest, login: String, reference: String, product: Product?, player: String, words: Words,
    accepted: (Money, Money) -> String
  ) -> HTTPResponse {
    let nth = count("e", reference)
    panel.countSend()
    if let refusal = turnAwayAtTheDoor(request.query) { return refusal }
    guard isLoggedIn(request, login) else { return line(words.login) }
    for (fault, answer) in [
      (Fault.dropRequest, HTTPResponse.abort(.reset)), (.forbidden, page(403)), (.tooMany, page(429)),
    ]
    where faults.strikes(fault, reference, nth: nth) { return answer }
    if faults.strikes(.loginFails, reference, nth: nth) { return line(words.login) }
    if faults.strikes(.turnAway, reference, nth: nth) {
      return finish(pick(words.accountTroubles, "turn-away", reference, nth), reference, nth)
    }
    let spoilt = [Fault.serverError, .html, .empty].first { faults.strikes($0, reference, nth: nth) }
    if let spoilt, Chance(options.seed, "accepted", reference, nth).share < 0.5 { return spoil(spoilt) }
    guard let product else { return spoilt.map(spoil) ?? finish(words.noProduct, reference, nth) }
    let twists = Set(
      [Fault.doubleDebit, .lateCancel, .cancelByHand, .neverEnds].filter { faults.strikes($0, reference, nth: nth) })
    let wanted = OrderRequest(
      reference: reference, player: player, phone: player, oyun: "\(product.oyun)", kupur: product.kupur,
      dealer: request.query[login] ?? "", product: product, isOnce: true, receivedMicroseconds: monotonicMicroseconds)
    let text: String
    switch panel.accept(wanted, twists: twists, now: now) {
    case .noSuchProduct: text = words.noProduct
    case .balanceTooLow: return spoilt.map(spoil) ?? finish(pick(words.poor, "poor", reference, nth), reference, nth)
    case .known: text = pick(words.known, "known", reference, 0)
    case .accepted(let cost, let balance): text = accepted(cost, balance)
    }
    if let spoilt { return spoil(spoilt) }
    if faults.strikes(.loseAnswer, reference, nth: nth) { return .abort(.reset) }
    if faults.strikes(.stall, reference, nth: nth) { return .abort(.stall) }
    if faults.strikes(.refuseBooked, reference, nth: nth) {
      return finish(pick(words.refusals, "refuse", reference, nth), reference, nth)
    }
    return finish(text, reference, nth)
  }

  private func check(_ request: HTTPRequest, login: String, reference: String, words: Words) -> HTTPResponse {
    let nth = count("k", reference)
    panel.countQuery(reference)
    guard isLoggedIn(request, login) else { return line("") }
    panel.advance(to: now)
    if !faults.rates.isEmpty {
      if faults.strikes(.queryFails, reference, nth: nth) { return line("3:Sorgu yapılamadı") }
      if faults.strikes(.queryEmpty, reference, nth: nth) { return line("") }
      if faults.strikes(.queryStall, reference, nth: nth) { return .abort(.stall) }
      if let answer = anyFault(reference, nth) { return answer }
    }
    guard let order = panel.order(reference) else {
      switch options.unknownReference {
      case .bare3: return finish(words.unknown, reference, nth)
      case .empty: return line("")
      case .cancelled: return finish("3:Kayıt yok", reference, nth)
      }
    }
    if faults.strikes(.unknownStatus, reference, nth: nth) { return finish(words.unfamiliar, reference, nth) }
    let text = truth(order, words)
    if faults.strikes(.cancelCut, reference, nth: nth) {
      return finish(pick(words.cutErrors, "cancel-cut", reference, nth), reference, nth)
    }
    if faults.strikes(.notice, reference, nth: nth) { return finish("\(text)\n\(Self.notice)", reference, nth) }
    if faults.strikes(.secondLine, reference, nth: nth) { return finish("\(text)\n\(words.done)", reference, nth) }
    if nth % 2 == 0, let other = panel.other(than: order, nth), faults.strikes(.stray, reference, nth: nth) {
      return finish(truth(other, words), reference, nth)
    }
    return finish(text, reference, nth)
  }

  private func truth(_ order: PanelOrder, _ words: Words) -> String {
    switch order.state {
    case .waiting: words.waiting
    case .completed: words.done
    case .cancelled: pick(words.cancelled, "reason", order.reference, 0)
    }
  }
}
