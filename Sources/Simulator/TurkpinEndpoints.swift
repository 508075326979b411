import HTTPServer
import Orders

/// Turkpin on the panel's books: the same products, prices and money, in XML. It takes no reference: each order is a new one, and is known by
/// the number that it is given here. A product is `oyunKodu` and its row (`urunKodu`); the login is that of the panel.
extension PanelServer {
  func answerTurkpin(_ request: HTTPRequest) -> HTTPResponse {
    let asked = TurkpinRequest(request)
    guard asked.fields["username"] == options.kod, asked.fields["password"] == options.sifre else {
      if asked.command == "epinSiparisYarat" { panel.countSend() }
      return xml(Self.failure("001"))
    }
    return switch asked.command {
    case "epinSiparisYarat": orderAtTurkpin(asked)
    case "siparisDurumu": checkAtTurkpin(asked)
    case "balance": showTurkpinBalance()
    case "epinOyunListesi": listTurkpinGames()
    default: xml(Self.failure("010", tag: "error", words: "error_desc"))
    }
  }

  private func orderAtTurkpin(_ asked: TurkpinRequest) -> HTTPResponse {
    let player = asked.fields["character"] ?? ""
    // What one buyer's orders are told apart by, since they have no reference.
    let key = "turkpin-\(player)"
    let nth = count("e", key)
    panel.countSend()
    if let refusal = turnAwayAtTheDoor(asked.fields) { return refusal }
    for (fault, answer) in [
      (Fault.dropRequest, HTTPResponse.abort(.reset)), (.forbidden, page(403)), (.tooMany, page(429)),
    ]
    where faults.strikes(fault, key, nth: nth) { return answer }
    if faults.strikes(.loginFails, key, nth: nth) { return xml(Self.failure("001")) }
    if faults.strikes(.turnAway, key, nth: nth) {
      return finish(
        pick(["001", "002", "007", "023", "014"].map { Self.failure($0) }, "turn-away", key, nth), key, nth)
    }
    let spoilt = [Fault.serverError, .html, .empty].first { faults.strikes($0, key, nth: nth) }
    if let spoilt, Chance(options.seed, "accepted", key, nth).share < 0.5 { return spoil(spoilt) }
    guard let product = Product.byRow[asked.fields["urunKodu"] ?? ""], "\(product.oyun)" == asked.fields["oyunKodu"]
    else {
      return spoilt.map(spoil) ?? xml(Self.failure("011"))
    }
    guard asked.fields["adet"] == "1" else { return spoilt.map(spoil) ?? xml(Self.failure("013")) }
    let number = "\(Self.numbersFrom + Int64(panel.orders.count))"
    let twists = Set(
      [Fault.doubleDebit, .lateCancel, .cancelByHand, .neverEnds, .samePin].filter {
        faults.strikes($0, key, nth: nth)
      })
    let wanted = OrderRequest(
      reference: number, player: player, phone: "", oyun: "\(product.oyun)", kupur: product.kupur, dealer: options.kod,
      product: product, receivedMicroseconds: monotonicMicroseconds)
    guard case .accepted(let cost, _) = panel.accept(wanted, twists: twists, now: now),
      let order = panel.order(number)
    else { return spoilt.map(spoil) ?? finish(Self.failure("014"), key, nth) }
    if let spoilt { return spoil(spoilt) }
    if faults.strikes(.loseAnswer, key, nth: nth) { return .abort(.reset) }
    if faults.strikes(.stall, key, nth: nth) { return .abort(.stall) }
    if faults.strikes(.refuseBooked, key, nth: nth) {
      return finish(pick(["014", "012", "011", "023", "010"].map { Self.failure($0) }, "refuse", key, nth), key, nth)
    }
    var told = cost
    if faults.strikes(.wrongCost, key, nth: nth) {
      told = told + told
      panel.noteToldCost(told, of: number)
    }
    return finish(
      Self.document(
        "<HATA_NO>000</HATA_NO><HATA_ACIKLAMA>Islem Basarili</HATA_ACIKLAMA><siparisNo>\(number)</siparisNo>"
          + "<siparisTutari>\(told)</siparisTutari><siparisSonuc>\(order.state == .completed ? "Success" : "Pending")"
          + "</siparisSonuc>\(Self.codes(order))"), key, nth)
  }

  private func checkAtTurkpin(_ asked: TurkpinRequest) -> HTTPResponse {
    let number = asked.fields["siparisNo"] ?? ""
    let nth = count("k", number)
    panel.countQuery(number)
    panel.advance(to: now)
    if !faults.rates.isEmpty {
      if faults.strikes(.queryFails, number, nth: nth) { return xml(Self.failure("023")) }
      if faults.strikes(.queryEmpty, number, nth: nth) { return line("") }
      if faults.strikes(.queryStall, number, nth: nth) { return .abort(.stall) }
      if let answer = anyFaultOfTurkpin(number, nth) { return answer }
    }
    guard let order = panel.order(number) else { return finish(Self.failure("099"), number, nth) }
    if faults.strikes(.unknownStatus, number, nth: nth) {
      return finish(Self.state(order, digit: "7", words: "Beklemede"), number, nth)
    }
    if order.state == .completed, order.pin != nil, faults.strikes(.pinVanishes, number, nth: nth) {
      return finish(Self.state(order, hidesPin: true), number, nth)
    }
    let text = Self.state(order)
    return finish(faults.rates.isEmpty ? text : twistedAtTurkpin(text, order, nth) ?? text, number, nth)
  }

  private func showTurkpinBalance() -> HTTPResponse {
    let nth = count("b", "")
    panel.advance(to: now)
    return anyFaultOfTurkpin("", nth)
      ?? finish(
        Self.document(
          "<HATA_NO>000</HATA_NO><HATA_ACIKLAMA>Islem Basarili</HATA_ACIKLAMA><balanceInformation><balance>"
            + "\(panel.balance(of: options.kod))</balance><credit>0.00</credit><bonus>0.00</bonus></balanceInformation>"
        ),
        "", nth)
  }

  private func listTurkpinGames() -> HTTPResponse {
    let games = Product.all.reduce(into: [(String, String)]()) { games, product in
      if games.last?.0 != "\(product.oyun)" { games.append(("\(product.oyun)", product.game)) }
    }
    let nth = count("l", "")
    return anyFaultOfTurkpin("", nth)
      ?? finish(
        Self.document(
          "<error>000</error><error_desc>Islem Basarili</error_desc><oyunListesi>"
            + games.map { "<oyun><name>\($1)</name><id>\($0)</id></oyun>" }.joined() + "</oyunListesi>"), "", nth)
  }

  // MARK: Answers

  /// The first number; as long as the seller's.
  nonisolated private static let numbersFrom: Int64 = 26_112_900_000_001

  nonisolated private static let failures = [
    "001": "Kullanıcı adı veya şifre hatalı.", "002": "IP adresinizden erişim izni yok.",
    "007": "Bu hesap API için aktif değil.", "010": "Hatalı sipariş formatı.", "011": "Ürün bulunamadı.",
    "012": "Ürün stokta yok.", "013": "Minimum sipariş adedi hatası.", "014": "Bayi bakiyesi yetersiz.",
    "023": "Sistem bakımda, lütfen daha sonra tekrar deneyin.", "099": "Sipariş bulunamadı.",
  ]

  nonisolated private static func failure(
    _ code: String, tag: String = "HATA_NO", words: String = "HATA_ACIKLAMA"
  ) -> String {
    document("<\(tag)>\(code)</\(tag)><\(words)>\(failures[code] ?? "")</\(words)>")
  }

  nonisolated private static func document(_ inner: String) -> String {
    "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<APIResponse><params>\(inner)</params></APIResponse>"
  }

  nonisolated private static func codes(_ order: PanelOrder, hidesPin: Bool = false) -> String {
    guard order.state == .completed, !hidesPin, let pin = order.pin else { return "<epin_list></epin_list>" }
    return "<epin_list><epin><id>5081</id><code>\(pin)</code><desc>\(order.product.name)</desc></epin></epin_list>"
  }

  nonisolated private static func state(
    _ order: PanelOrder, digit: String? = nil, words: String? = nil, hidesPin: Bool = false
  ) -> String {
    let (known, said) =
      switch order.state {
      case .waiting: ("1", "Siparişiniz İşleniyor")
      case .completed: ("2", "Siparişiniz Tamamlandı")
      case .cancelled: ("3", "Siparişiniz İptal Edildi")
      }
    return document(
      "<DURUM_KODU>000</DURUM_KODU><SIPARIS_NO>\(order.reference)</SIPARIS_NO><SIPARIS_DURUMU>\(digit ?? known)"
        + "</SIPARIS_DURUMU><KONTROL_TARIHI>29-11-2026 12:18:25</KONTROL_TARIHI><SIPARIS_DURUMU_ACIKLAMA>\(words ?? said)"
        + "</SIPARIS_DURUMU_ACIKLAMA><SIPARIS_TUTARI>\(order.price)</SIPARIS_TUTARI>\(codes(order, hidesPin: hidesPin))"
    )
  }

  private func anyFaultOfTurkpin(_ reference: String, _ nth: Int) -> HTTPResponse? {
    guard !faults.rates.isEmpty else { return nil }
    if faults.strikes(.loginFails, reference, nth: nth) { return xml(Self.failure("001")) }
    return anyFault(reference, nth)
  }

  private func xml(_ text: String) -> HTTPResponse { line(text) }

  /// The true answer, spoilt so that it says something else, or more than it should.
  private func twistedAtTurkpin(_ text: String, _ order: PanelOrder, _ nth: Int) -> String? {
    let reference = order.reference
    let state = "<SIPARIS_NO>\(reference)</SIPARIS_NO><SIPARIS_DURUMU>3</SIPARIS_DURUMU>"
    if faults.strikes(.cancelCut, reference, nth: nth) {
      return pick(
        [
          Self.document("<DURUM_KODU>999</DURUM_KODU>\(state)"), Self.document("<DURUM_KODU>000</DURUM_KODU>\(state)"),
          Self.document(state + "<SIPARIS_DURUMU_ACIKLAMA>iptal</SIPARIS_DURUMU_ACIKLAMA>"),
          Self.document("<DURUM_KODU>000</DURUM_KODU>\(state)<SIPARIS_DURUMU_ACIKLAMA>Siparişiniz İpt").replacing(
            "</params></APIResponse>", with: ""),
        ], "cancel-cut", reference, nth)
    }
    if faults.strikes(.notice, reference, nth: nth) {
      let isFirst = Chance(options.seed, "notice-first", reference, nth).share < 0.5
      return isFirst ? "\(Self.notice)\n\(text)" : "\(text)\n\(Self.notice)"
    }
    if faults.strikes(.secondLine, reference, nth: nth) {
      let stray = "<epin><id>1</id><code>\(Panel.pin(seed: options.seed, reference: "stray"))</code></epin>"
      return Chance(options.seed, "second", reference, nth).share < 0.5
        ? text.replacing("</epin_list>", with: "\(stray)</epin_list>") : text + text
    }
    if nth % 2 == 0, let other = panel.other(than: order, nth), faults.strikes(.stray, reference, nth: nth) {
      return Self.state(other)
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

/// The document in the form's field `DATA`, read no better than a panel needs: each element that holds a text.
struct TurkpinRequest {
  var fields: [String: String] = [:]
  var command: String { fields["cmd"] ?? "" }

  init(_ request: HTTPRequest) {
    let form = String(decoding: request.body, as: UTF8.self)
    guard let field = form.split(separator: "&").first(where: { $0.hasPrefix("DATA=") }) else { return }
    var rest = Self.decoded(field.dropFirst(5))[...]
    while let open = rest.firstIndex(of: "<"), let close = rest[open...].firstIndex(of: ">") {
      let name = String(rest[rest.index(after: open)..<close])
      rest = rest[rest.index(after: close)...]
      guard !name.hasPrefix("/"), !name.hasPrefix("?"), let end = rest.firstIndex(of: "<"),
        rest[end...].hasPrefix("</\(name)>")
      else { continue }
      fields[name] = Self.unescaped(String(rest[..<end]))
    }
  }

  private static func decoded(_ text: Substring) -> String {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%"), rest.count >= 2,
        let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
      else {
        bytes.append(byte == UInt8(ascii: "+") ? 0x20 : byte)
        continue
      }
      rest.removeFirst(2)
      bytes.append(value)
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func unescaped(_ text: String) -> String {
    [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&")]
      .reduce(text) { $0.replacing($1.0, with: $1.1) }
  }
}
