import Orders
import Testing

@testable import Adapters

/// The same digit means another thing on each endpoint of the panel.
@Suite struct ZnetTlTests {
  let topUps = ZnetTl()
  let bills = ZnetFatura()
  static let phone = ["operator": "Turkcell", "tip": "tam", "kontor": "100", "gsmno": "5321234567"]
  static let bill = [
    "kurum_id": "12", "abone_adi": "Ali Veli", "son_odeme_tarihi": "2026-12-31", "tesisat_no": "1234567890",
    "fatura_no": "77", "fatura_tutari": "149.90",
  ]

  @Test func buildsItsRequests() {
    var dealer = account
    dealer.credentials = ["bayi_kodu": "5559990001", "sifre": "s"]
    #expect(
      topUps.send(reference: "1", parameters: Self.phone, account: dealer).url
        == "http://bayi.example/servis/tl_servis.php?bayi_kodu=5559990001&sifre=s&operator=Turkcell&tip=tam&kontor=100"
        + "&gsmno=5321234567&tekilnumara=1")
    #expect(
      topUps.query(reference: "1", account: dealer).redacted
        == "GET /servis/tl_kontrol.php?bayi_kodu=•••&sifre=•••&tekilnumara=1")
    // The balance has another name for the login.
    #expect(
      topUps.probe(account: dealer).url == "http://bayi.example/servis/bakiye_kontrol.php?kod=5559990001&sifre=s")
    #expect(
      bills.send(reference: "1", parameters: Self.bill, account: account).redacted
        == "GET /servis/fatura_ekle.php?kod=•••&sifre=•••&kurum_id=12&abone_adi=Ali%20Veli&son_odeme_tarihi=2026-12-31"
        + "&tesisat_no=1234567890&fatura_no=77&fatura_tutari=149.90&tahsilat_api_islem_id=1")
  }

  @Test(
    arguments: [
      ([:], []), (["gsmno": "05321234567"], ["gsmno"]), (["gsmno": "4321234567"], ["gsmno"]),
      (["gsmno": "x"], ["gsmno"]),
      (["kontor": "a"], ["kontor"]), (["tip": ""], ["tip"]), (["x": "1"], ["x"]),
      (["tekilnumara": "1"], ["tekilnumara"]),
    ] as [([String: String], [String])])
  func validatesTopUps(_ changes: [String: String], _ named: [String]) {
    #expect(topUps.validate(parameters: Self.phone.merging(changes) { $1 }).map(\.parameter) == named)
  }

  @Test(
    arguments: [
      ([:], []), (["kurum_kodu": "01"], []), (["fatura_tutari": "149,90"], ["fatura_tutari"]),
      (["fatura_tutari": "0"], ["fatura_tutari"]), (["son_odeme_tarihi": "31.12.2026"], ["son_odeme_tarihi"]),
      (["kurum_id": "x"], ["kurum_id"]), (["adet": "1"], ["adet"]),
    ] as [([String: String], [String])])
  func validatesBills(_ changes: [String: String], _ named: [String]) {
    #expect(bills.validate(parameters: Self.bill.merging(changes) { $1 }).map(\.parameter) == named)
  }

  @Test(arguments: [
    ("OK|1|Talebiniz İşleme Alınmıştır.|5.50", Send.accepted("5.50", nil)), ("OK|1|Talebiniz İşleme Al", .unknown),
    // Cut in the amount: it is there, and what it cost is not known.
    ("OK|1|Talebiniz İşleme Alınmıştır.|5.5", .accepted(nil, nil)),
    ("OK|1|Talebiniz İşleme Alınmıştır.|9", .accepted(nil, nil)),
    ("OK|1|Talebiniz İşleme Alınmıştır.|97|", .accepted("97.00", nil)),
    ("OK|1|Talebiniz|", .unknown), ("OK|2|x|5.50", .unknown), ("1|x|5.50", .unknown), ("3|Bakiye Yetersiz", .unknown),
    // The amount shows that the text is whole.
    ("OK|3|Bakiye Yetersiz", .unknown), ("OK|3|Bakiye Yetersiz|0.00", .accountTrouble),
    ("OK|3|Aktif Kontor Miktarı Bulunamadı.|0.00|", .refused), ("OK|3|Tekil numara çakışması.|0.00", .unknown),
    ("OK|3|Nobody has described this|0.00", .unknown), ("OK|8|x|0.00", .unknown), ("", .unknown),
    ("OK|1|x|5.50\nOK|3|Eksik Parametre|0.00", .unknown),
  ])
  func readsTopUps(_ text: String, _ proof: Send) {
    #expect(topUps.readSend(reply(text)).proof == proof)
  }

  @Test(arguments: [
    ("1:Yüklendi:5.50", Query.completed(nil)), ("1:Y%C3%BCklendi:5.50", .completed(nil)),
    ("1:Yüklendi", .unintelligible),
    ("1::5.50", .unintelligible), ("1:-:5.50", .unintelligible),
    ("1:islemde:5.50", .queryFailed), ("1", .unintelligible), ("2:islemde:", .waiting), ("2:islemde:5.50", .waiting),
    ("2:Onay", .unintelligible), ("2:i", .unintelligible), ("3:Numara hatalı operatör", .cancelled),
    ("3:Numara: hatalı, 12:13", .cancelled), ("3:", .unintelligible), ("3:Nu", .unintelligible),
    ("3:Bu referansla işlem yok:0", .queryFailed), ("3:Bu+referansla+i%C5%9Flem+yok:0", .queryFailed),
    ("3:Bu ref", .queryFailed), ("3:reason2:islemde:", .queryFailed), ("3:Hatalı bayi kodu veya şifre:0", .queryFailed),
    ("3:Hata", .queryFailed), ("OK|2|AB12|x", .unintelligible), ("OK|1|x|5.50", .unintelligible),
    ("4:x", .unintelligible),
    ("1:a:1\n3:b", .unintelligible), ("", .queryFailed),
  ])
  func asksAboutTopUps(_ text: String, _ proof: Query) {
    #expect(topUps.readQuery(reply(text), account: account).proof == proof)
  }

  @Test(arguments: [
    ("OK|1.50|9850.00|150.00", Send.accepted("150.00", "9850.00")), ("OK|1.50|9850.00", .unknown),
    ("OK|1.50|9850.00|15", .accepted(nil, "9850.00")),
    ("OK|1.50|9850.00|150.00|x", .unknown), ("OK|Sistemsel hata Tekrar Deneyin|0.00", .unknown),
    ("4|Daha Önce Gönderilmiş (166189)", .unknown), ("4|Aktif Kurum Bulunamadı.|0.00", .refused),
    ("4|Aktif Kurum Bulunamadı.", .unknown), ("4|Bakiye Yetersiz|0.00", .accountTrouble), ("3|x", .unknown),
  ])
  func readsBills(_ text: String, _ proof: Send) {
    #expect(bills.readSend(reply(text)).proof == proof)
  }

  @Test(arguments: [
    ("1:Onay sırasında", Query.waiting), ("1|islemde", .waiting), ("2:Onay", .completed(nil)),
    ("2|Onay", .completed(nil)),
    ("2:islemde:", .waiting), ("2|isl", .waiting), ("2:On", .unintelligible), ("3:iptal", .cancelled),
    ("3|iptal", .cancelled),
    ("3:Bu referansla işlem yok", .queryFailed), ("2:Hatalı bayi kodu veya şifre", .queryFailed),
    ("1:", .unintelligible),
    ("OK|2|x|y", .unintelligible), ("", .queryFailed),
  ])
  func asksAboutBills(_ text: String, _ proof: Query) {
    #expect(bills.readQuery(reply(text), account: account).proof == proof)
  }

  @Test func notFoundOnlyWhereOpsTestedIt() {
    #expect(topUps.readQuery(reply("3:Bu referansla işlem yok:0"), account: testedAccount).proof == .notFound)
    #expect(topUps.readQuery(reply("3:Hatalı bayi kodu veya şifre:0"), account: testedAccount).proof == .queryFailed)
    #expect(topUps.readQuery(reply(""), account: testedAccount).proof == .queryFailed)
  }

  @Test func hidesNumbersOfCustomers() {
    for (adapter, line) in [(topUps as any Adapter, "3:5321234567 aranmaz"), (bills, "2|tesisat 1234567890")] {
      #expect(!String(decoding: adapter.redact(reply(line), kind: .query, pin: nil), as: UTF8.self).contains("12345"))
    }
    #expect(
      String(decoding: bills.redact(reply("OK|1.50|9850.00|150.00"), kind: .send, pin: nil), as: UTF8.self)
        == "OK|1.50|9850.00|150.00")
  }
}
