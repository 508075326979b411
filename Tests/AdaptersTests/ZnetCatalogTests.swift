import Adapters
import Orders
import Testing

@Suite struct ZnetCatalogTests {
  let znet = Znet()

  @Test(arguments: [
    ("OK|12755.23", "12755.23"), ("OK|12755.23|0.00", "12755.23"), ("OK|500.1234|20.0000\r\n", "500.1234"),
    ("OK|12.755,23|", "12755.23"), ("OK|-4.00|0", "-4.00"), ("\u{FEFF}OK|0.00", "0.00"),
  ])
  func readsABalance(_ line: String, _ balance: String) {
    guard case .working(let money) = znet.readProbe(reply(line)) else {
      Issue.record("not read: \(line)")
      return
    }
    #expect(money?.description == balance)
  }

  /// A balance that can't be read still shows that the account works: it must not keep a provider shut.
  @Test(arguments: ["OK|1,234", "OK|1.250|0.00", "OK|100000000000000", "OK|99999999999999999999"])
  func worksWithABalanceThatReadsInTwoWays(_ line: String) {
    #expect(znet.readProbe(reply(line)) == .working(balance: nil))
  }

  /// What PHP makes of sums of floats, and a mark that ops have named.
  @Test func readsFloatsAndAMarkThatIsKnown() {
    #expect(
      znet.readProbe(reply("OK|12755.230000000001|0.00")) == .working(balance: Money(tenThousandths: 127_552_300)))
    #expect(znet.readProbe(reply("OK|2.8421709430404E-14|0")) == .working(balance: Money(tenThousandths: 0)))
    for (mark, amount) in [(Money.DecimalMark.point, Int64(12_500)), (.comma, 12_500_000)] {
      let answer = WireReply(status: 200, body: Array("OK|1.250|1.250".utf8), decimalMark: mark)
      #expect(znet.readProbe(answer) == .working(balance: Money(tenThousandths: amount)))
      let money = Money(tenThousandths: amount)
      #expect(znet.readSend(answer) == .accepted(Receipt(cost: money, balance: money)))
    }
    // An absurd cost is none; that the order was accepted is believed all the same.
    #expect(znet.readSend(reply("OK|100000000000000|5.00")) == .accepted(Receipt(balance: Money(parsing: "5.00"))))
  }

  @Test(arguments: [
    "OK|3|bayikodu yada şifre geçersiz|0.00", "OK|3|ip geçersiz|0.00", "OK|3|x", "OK|", "OK", "OK|abc",
    "ERROR|Invalid credentials", "3|Yetkisiz erisim", "", "<html>", "12755.23", "{\"balance\":5}",
  ])
  func isNoBalance(_ line: String) {
    guard case .notWorking(let words) = znet.readProbe(reply(line)) else {
      Issue.record("read as a balance: \(line)")
      return
    }
    #expect(!words.isEmpty)
  }

  @Test func readsACatalogue() throws {
    let items = try znet.readCatalog(
      reply(
        #"""
        {"success":true,"error":"","result":[
         {"id":"1","adi":"60 UC","aciklama":"anında","oyun_id":"9","oyun_adi":"PUBG","fiyat":"32.50","kupur":"60","oyun_bilgi_id":"1"},
         {"id":2,"adi":"325 UC","oyun_adi":"PUBG","fiyat":158.75,"kupur":325,"oyun_bilgi_id":1}]}
        """#))
    #expect(
      items == [
        CatalogItem(
          id: "1", name: "60 UC", details: "anında", game: "PUBG", cost: Money(parsing: "32.50"),
          parameters: ["oyun": "1", "kupur": "60"]),
        CatalogItem(
          id: "2", name: "325 UC", game: "PUBG", cost: Money(parsing: "158.75"),
          parameters: ["oyun": "1", "kupur": "325"]),
      ])
    let areMappable = items.map(\.isMappable)
    #expect(areMappable == [true, true])
  }

  @Test func refusesToMapWhatIsNotUnique() throws {
    // As the vendor's own sample has it: 325 UC and 60 UC with one kupur.
    let items = try znet.readCatalog(
      reply(
        #"""
        [{"id":"1","adi":"325 UC","fiyat":"150","kupur":"325","oyun_bilgi_id":"1"},
         {"id":"2","adi":"60 UC","fiyat":"30","kupur":"325","oyun_bilgi_id":"1"},
         {"id":"3","adi":"VP","fiyat":"30","kupur":"325","oyun_bilgi_id":"2"},
         {"id":"4","adi":"no kupur","fiyat":"30","kupur":null,"oyun_bilgi_id":"2"},
         {"id":"5","adi":"no price","fiyat":"bedava","kupur":"1","oyun_bilgi_id":"2"}]
        """#))
    let areAmbiguous = items.map(\.isAmbiguous)
    let areMappable = items.map(\.isMappable)
    #expect(areAmbiguous == [true, true, false, false, false])
    #expect(areMappable == [false, false, true, false, false])
    #expect(items[3].problem == "no kupur")
    #expect(items[4].problem == "no readable price")
  }

  @Test(arguments: [
    #"{"success":false,"result":[],"error":"Yetkisiz erişim"}"#, #"{"success":"false","error":"Yetkisiz erişim"}"#,
    #"{"success":0,"result":null,"error":"Yetkisiz erişim"}"#,
  ])
  func saysWhatTheProviderSaid(_ body: String) {
    #expect(throws: CatalogError("the provider says: “Yetkisiz erişim”")) { try znet.readCatalog(reply(body)) }
  }

  @Test(arguments: ["", "<html>", "3|Yetkisiz erisim", "[1,2]", "{", "[", "null", "{\"result\":5}"])
  func isNoCatalogue(_ body: String) {
    #expect(throws: CatalogError.self) { try znet.readCatalog(reply(body)) }
  }
}
