import Adapters
import Orders
import Testing

@Suite struct ZnetRequestTests {
  let znet = Znet()

  @Test func buildsASend() {
    let request = znet.send(
      reference: "123456789012345", parameters: parameters.merging(["oyuncu_bilgi": "a&b=c #ş"]) { $1 },
      account: account)
    let rest = "oyun=1&kupur=60&musteri_tel=905551234567&oyuncu_bilgi=a%26b%3Dc%20%23%C5%9F&referans=123456789012345"
    #expect(
      request.url == "http://bayi.example/servis/pin_ekle.php?kod=5559990001&sifre=g%26zli%20%C5%9Fifre%7C1&\(rest)")
    #expect(request.redacted == "GET /servis/pin_ekle.php?kod=•••&sifre=•••&\(rest)")
  }

  @Test func buildsTheOthers() {
    let login = "kod=5559990001&sifre=g%26zli%20%C5%9Fifre%7C1"
    #expect(
      znet.query(reference: "42", account: account).url
        == "http://bayi.example/servis/pin_kontrol.php?\(login)&tahsilat_api_islem_id=42")
    #expect(znet.probe(account: account).url == "http://bayi.example/servis/bakiye_kontrol.php?\(login)")
    #expect(znet.catalog(account: account).url == "http://bayi.example/servis/pin_listesi.php?\(login)")
  }

  @Test func hidesSecretsHoweverPrinted() {
    let request = znet.send(reference: "1", parameters: parameters, account: account)
    var dumped = ""
    dump(account, to: &dumped)
    dump(request, to: &dumped)
    for text in ["\(account)", String(reflecting: account), "\(request)", String(reflecting: request), dumped] {
      #expect(!text.contains("5559990001"))
      #expect(!text.contains("zli"))
    }
  }

  @Test(
    arguments: [
      ([:], []),
      (["oyun": ""], ["oyun"]),
      (["oyun": "PUBG"], ["oyun"]),
      (["oyun": "1.5"], ["oyun"]),
      (["oyun": "-1"], ["oyun"]),
      (["kupur": " "], ["kupur"]),
      // A kupur need not be a number, nor a phone: on some panels the player's id stands there.
      (["kupur": "60 UC"], []),
      (["musteri_tel": "oyuncu#1"], []),
      (["oyuncu_bilgi": "", "musteri_tel": ""], ["musteri_tel", "oyuncu_bilgi"]),
      (["oyuncu_bilgi": "a\nb"], ["oyuncu_bilgi"]),
      (["oyuncu_bilgi": String(repeating: "9", count: 201)], ["oyuncu_bilgi"]),
      // One character to a reader, and 40 KB of URL.
      (["oyuncu_bilgi": "9" + String(repeating: "\u{301}", count: 6_000)], ["oyuncu_bilgi"]),
      (["oyuncu_bilgi": String(repeating: "ş", count: 100)], []),
      (["oyuncu_bilgi": String(repeating: "ş", count: 101)], ["oyuncu_bilgi"]),
      // Each is short enough, and together they are more than a panel's server takes.
      (
        [
          "oyuncu_bilgi": String(repeating: "ş", count: 100), "musteri_tel": String(repeating: "ş", count: 99),
          "kupur": String(repeating: "ş", count: 99),
        ], ["oyuncu_bilgi"]
      ),
      // What Sevk itself sets can't be set by a route.
      (["sifre": "x"], ["sifre"]), (["referans": "x"], ["referans"]), (["adet": "2"], ["adet"]),
    ] as [([String: String], [String])])
  func validates(_ changes: [String: String], _ named: [String]) {
    let problems = znet.validate(parameters: parameters.merging(changes) { $1 })
    #expect(problems.count == named.count)
    for (problem, name) in zip(problems, named) { #expect(problem.parameter == name) }
  }

  @Test func namesEveryMissingParameter() {
    #expect(znet.validate(parameters: [:]).count == 4)
    #expect(Set(znet.facts.requiredParameters) == Set(parameters.keys))
  }

  @Test func factsFollowTheAccount() {
    #expect(znet.facts.quantityMax == 1)
    #expect(znet.facts.referenceDigits == 15)
    #expect(znet.facts(for: account).notFound == .never)
    #expect(znet.facts(for: testedAccount).notFound == .after(.seconds(300)))
  }

  @Test func registryKnowsItByName() {
    let names = AdapterRegistry.sevk.names
    #expect(names == names.sorted() && Set(names).isSuperset(of: ["zdk", "znet"]) && !names.contains("sandbox"))
    #expect(AdapterRegistry.sevk.adapter(named: "znet") is Znet)
    #expect(AdapterRegistry.sevk.adapter(named: "Znet") == nil)
  }
}
