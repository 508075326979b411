import Orders
import Testing

@testable import Adapters

@Suite struct TurkpinTests {
  let turkpin = Turkpin()
  let seller = ProviderAccount(
    id: 9, name: "seller", adapter: "turkpin", baseURL: "https://seller.example/",
    credentials: ["username": "shop@example.com", "password": "ge<heim>&1"])

  @Test func buildsItsRequests() {
    let order = turkpin.send(
      reference: "123456789012345678",
      parameters: ["oyunKodu": "1", "urunKodu": "101", "character": "a<b>&\"c'"], account: seller)
    #expect(order.url == "https://seller.example/api.php" && order.method == "POST")
    #expect(order.headers.map(\.value) == ["application/x-www-form-urlencoded"])
    let body = String(decoding: order.body ?? [], as: UTF8.self)
    #expect(body.hasPrefix("DATA=%3C%3Fxml") && !body.contains("<") && !body.contains("&"))
    // No field for a reference of ours.
    #expect(!body.contains("123456789012345678"))
    #expect(
      order.redacted
        == "POST /api.php DATA=<APIRequest><params><cmd>epinSiparisYarat</cmd><username>•••</username>"
        + "<password>•••</password><oyunKodu>1</oyunKodu><urunKodu>101</urunKodu><adet>1</adet>"
        + "<character>a&lt;b&gt;&amp;&quot;c&apos;</character></params></APIRequest>")
    #expect(turkpin.query(reference: "2608", account: seller).redacted.contains("<siparisNo>2608</siparisNo>"))
    #expect(turkpin.probe(account: seller).redacted.contains("<cmd>balance</cmd>"))
    #expect(Turkpin.asked == .providerOrderID && turkpin.facts.resendSafe == .no)
    #expect(turkpin.facts.takes("character") && !turkpin.facts.takes("adet") && !turkpin.facts.takes("cmd"))
  }

  @Test(
    arguments: [
      (["oyunKodu": "1", "urunKodu": "2"], []), ([:], ["oyunKodu", "urunKodu"]),
      (["oyunKodu": "a", "urunKodu": "2"], ["oyunKodu"]),
      (["oyunKodu": "1", "urunKodu": "2", "character": " "], ["character"]),
      (["oyunKodu": "1", "urunKodu": "2", "adet": "2"], ["adet"]),
      (["oyunKodu": "1", "urunKodu": "2", "character": "a\nb"], ["character"]),
      (["oyunKodu": "1", "urunKodu": "2", "character": "a\u{FFFF}"], ["character"]),
      (["oyunKodu": "1", "urunKodu": "2", "character": String(repeating: "ş", count: 101)], ["character"]),
    ] as [([String: String], [String])])
  func validates(_ parameters: [String: String], _ named: [String]) {
    #expect(turkpin.validate(parameters: parameters).map(\.parameter) == named)
  }

  static func document(_ inner: String) -> String { "<APIResponse><params>\(inner)</params></APIResponse>" }

  static func sent(_ codes: String, error: String = "<HATA_NO>000</HATA_NO>", cost: String = "19.80") -> String {
    document("\(error)<siparisNo>26</siparisNo><siparisTutari>\(cost)</siparisTutari><epin_list>\(codes)</epin_list>")
  }

  static let code = "<epin><id>1</id><code>AB12-CD34-EF56</code><desc>x</desc></epin>"

  /// Only the text 000 is success, in one element, once.
  @Test(arguments: [
    (sent(code), Send.delivered("AB12-CD34-EF56")), (sent(""), .accepted("19.80", nil)),
    (sent(code, error: "<error>000</error>"), .delivered("AB12-CD34-EF56")),
    (sent(code + code), .accepted("19.80", nil)),
    (sent("<epin><code>Sistem bakımda</code></epin>"), .accepted("19.80", nil)),
    (sent(code, cost: "1.980,50"), .delivered("AB12-CD34-EF56")),
    (sent(code, error: "<HATA_NO>0</HATA_NO>"), .unknown), (sent(code, error: "<HATA_NO>00</HATA_NO>"), .unknown),
    (sent(code, error: "<HATA_NO> </HATA_NO>"), .unknown), (sent(code, error: ""), .unknown),
    (sent(code, error: "<HATA_NO>000</HATA_NO><error>000</error>"), .unknown),
    (sent(code, error: "<HATA_NO>000</HATA_NO><HATA_NO>014</HATA_NO>"), .unknown),
    (sent(code, error: "<HATA_NO>٠٠٠</HATA_NO>"), .unknown),
    (document("<HATA_NO>000</HATA_NO><epin_list>\(code)</epin_list>"), .unknown),
    (document("<HATA_NO>14</HATA_NO>"), .accountTrouble), (document("<error>014</error>"), .accountTrouble),
    (document("<HATA_NO>12</HATA_NO>"), .refused), (document("<HATA_NO>777</HATA_NO>"), .unknown),
    (sent(code) + sent(code), .unknown), (String(sent(code).dropLast(3)), .unknown), ("", .unknown),
    (sent(code).replacing("APIResponse", with: "Other"), .unknown),
    (
      "<APIResponse><params><HATA_NO>000</HATA_NO></params><params><HATA_NO>000</HATA_NO></params></APIResponse>",
      .unknown
    ),
  ])
  func readsASend(_ text: String, _ proof: Send) { #expect(turkpin.readSend(reply(text)).proof == proof, "\(text)") }

  @Test func keepsTheSellersNumberAndReadsAComma() {
    var answer = reply(Self.sent(Self.code, cost: "1.980,50"))
    answer.decimalMark = .comma
    let receipt = turkpin.readSend(answer).receipt
    #expect(receipt?.providerID == "26" && receipt?.cost?.description == "1980.50")
  }

  static func state(_ digit: String, _ words: String, _ codes: String = "", number: String = "26") -> String {
    document(
      "<DURUM_KODU>000</DURUM_KODU><SIPARIS_NO>\(number)</SIPARIS_NO><SIPARIS_DURUMU>\(digit)</SIPARIS_DURUMU>"
        + "<SIPARIS_DURUMU_ACIKLAMA>\(words)</SIPARIS_DURUMU_ACIKLAMA><epin_list>\(codes)</epin_list>")
  }

  /// What ends an order needs its digit, its words and, where it is asked about, its number.
  @Test(arguments: [
    (state("2", "Siparişiniz Tamamlandı", code), Query.completed("AB12-CD34-EF56")),
    (state("2", "SİPARİŞİNİZ TAMAMLANDI", code), .completed("AB12-CD34-EF56")),
    (state("2", "Siparişiniz Tamamlandı"), .completed(nil)), (state("3", "Siparişiniz İptal Edildi"), .cancelled),
    (state("1", ""), .waiting), (state("99", ""), .waiting), (state("199", ""), .waiting),
    (state("2", "Siparişiniz İptal Edildi", code), .unintelligible), (state("2", "", code), .unintelligible),
    (state("3", "Siparişiniz Tamamlandı"), .unintelligible), (state("3", "İptal edildi", code), .unintelligible),
    (state("2", "Tamamlandı", code + code), .unintelligible), (state("4", "İptal edildi"), .unintelligible),
    (state("2", "Tamamlandı", code, number: "27"), .unintelligible),
    (state("3", "İptal", number: "027"), .unintelligible),
    (state("3", "İptal", number: ""), .unintelligible), (sent(code), .unintelligible),
    (
      document("<DURUM_KODU>999</DURUM_KODU><SIPARIS_NO>26</SIPARIS_NO><SIPARIS_DURUMU>3</SIPARIS_DURUMU>"),
      .queryFailed
    ),
    (document("<HATA_NO>99</HATA_NO><HATA_ACIKLAMA>Sipariş bulunamadı.</HATA_ACIKLAMA>"), .queryFailed),
    (state("3", "İptal") + " ", .cancelled), (state("3", "İptal").replacing("000", with: "0"), .queryFailed),
  ])
  func readsAnAnswer(_ text: String, _ proof: Query) {
    #expect(turkpin.readQuery(reply(text), about: "26", account: seller).proof == proof, "\(text)")
  }

  /// A text that was cut says nothing but what was whole.
  @Test func whatIsCutSettlesNothing() {
    let texts = [
      Self.sent(Self.code), Self.state("2", "Siparişiniz Tamamlandı", Self.code), Self.state("3", "İptal"),
      Self.document("<HATA_NO>012</HATA_NO>"),
    ]
    for text in texts {
      let bytes = Array(text.utf8)
      for count in 0..<bytes.count {
        let cut = WireReply(status: 200, body: Array(bytes.prefix(count)))
        #expect(turkpin.readSend(cut).proof == .unknown)
        #expect(
          [Query.unintelligible, .queryFailed].contains(turkpin.readQuery(cut, about: "26", account: seller).proof))
      }
    }
  }

  @Test func showsNoCode() {
    for text in [
      Self.sent(Self.code), Self.sent(Self.code + Self.code), String(Self.sent(Self.code).dropLast(40)),
      Self.state("2", "Kodunuz AB12-CD34-EF56", "").replacing(
        "<epin_list>", with: "<EKSTRA>AB12-CD34-EF56</EKSTRA><epin_list>"),
      "<html>AB12-CD34-EF56</html>", Self.document("<code><b>AB12-CD34-EF56</b></code>"),
    ] {
      let shown = String(decoding: turkpin.redact(reply(text), kind: .send, pin: nil), as: UTF8.self)
      #expect(!shown.contains("CD34"), "\(shown)")
    }
    let shown = String(decoding: turkpin.redact(reply(Self.sent(Self.code)), kind: .send, pin: nil), as: UTF8.self)
    #expect(shown.contains("<siparisNo>26</siparisNo>") && shown.contains("19.80"))
  }

  @Test func readsTheBalanceAndTheGames() throws {
    let balance = Self.document(
      "<HATA_NO>000</HATA_NO><balanceInformation><balance>12.50</balance></balanceInformation>")
    #expect(turkpin.readProbe(reply(balance)) == .working(balance: Money(parsing: "12.50")))
    guard case .notWorking = turkpin.readProbe(reply(Self.document("<HATA_NO>001</HATA_NO>"))) else {
      Issue.record("a wrong login works")
      return
    }
    let games = Self.document("<error>000</error><oyunListesi><oyun><name>X</name><id>7</id></oyun></oyunListesi>")
    let items = try turkpin.readCatalog(reply(games))
    #expect(items.map(\.parameters) == [["oyunKodu": "7"]] && items.allSatisfy { !$0.isMappable })
    #expect(throws: CatalogError.self) { try turkpin.readCatalog(reply(Self.document("<error>001</error>"))) }
  }
}
