import Adapters
import Orders
import Testing

@Suite struct ZnetQueryTests {
  let znet = Znet()

  @Test(arguments: [
    ("OK|1| |İşlem sırada", Query.waiting),
    ("OK|1||", .waiting),
    ("OK|1", .waiting),
    ("OK|1|AB12|text", .waiting),
    ("OK|2|AB12-CD34|Onaylandı", .completed("AB12-CD34")),
    ("\u{FEFF}OK|2|AB12-CD34|Onaylandı\r\n", .completed("AB12-CD34")),
    // Without the bar it may go on.
    ("OK|2|AB12-CD34", .unintelligible),
    ("OK|2|AB12-CD34|a|b|c", .completed("AB12-CD34")),
    // One opaque string, never split.
    ("OK|2|Kod: AB12, Seri: 77 / AB13|x", .completed("Kod: AB12, Seri: 77 / AB13")),
    ("OK|2|AB12\nAB13|x", .unintelligible),
    ("OK|2|AB12-CD34|x\n<br /><b>Notice</b>: /var/www/servis.php", .unintelligible),
    ("OK|2|AB12-CD34<br />|x", .unintelligible),
    ("OK|1| |sırada\nOK|2|AB12-CD34|x", .unintelligible),
    ("OK|1| |sırada\u{2028}OK|2|AB12-CD34|x", .unintelligible),
    ("OK|2|-A-|x", .completed("-A-")),
    // A group of a code may spell a word; an error with a number has other groups.
    ("OK|2|HATA-7K2M-9XQ4|Onaylandı", .completed("HATA-7K2M-9XQ4")),
    ("OK|2|HATA-1042|x", .queryFailed),
    ("OK|2|SISTEM-HATASI-500|x", .queryFailed),
    ("OK|2|Hata: 7K2M-9XQ4-AB12|x", .queryFailed),
    // Completed without a PIN: a top-up of the player's account.
    ("OK|2||Yüklendi", .completed(nil)),
    ("OK|2| |Yüklendi", .completed(nil)),
    ("OK|2|-|Yüklendi", .completed(nil)),
    ("OK|2| - |Yüklendi", .completed(nil)),
    ("OK|2|\u{A0}|Yüklendi", .completed(nil)),
    ("OK|2|", .unintelligible),
    ("OK|3| |İptal edildi", .cancelled),
    ("OK|3| | ", .cancelled),
    ("OK|3||", .cancelled),
    ("OK|3|", .unintelligible),
    ("OK|3|bayi", .unintelligible),
    ("OK|3|Eksik Parametre", .unintelligible),
    ("OK|3|bayi|", .queryFailed),
    ("OK|3|Eksik Parametre|", .queryFailed),
    ("OK|3| |Sistem hatası", .queryFailed),
    ("OK|3| |Bakiye yetersiz", .queryFailed),
    ("OK|3| |Hatalı ID", .cancelled),
    ("OK|3| |Oyuncu bulunamadı", .cancelled),
    ("OK|3|Stok yok|", .cancelled),
    ("OK|3|Oyuncu şifresi geçersiz|", .cancelled),
    ("OK|3| |Oyuncu ID 5123 geçersiz", .cancelled),
    ("OK|3|AB12-CD34|İade edildi", .cancelled),
    // Login errors in the form of a cancellation.
    ("OK|3|bayikodu yada şifre geçersiz|0.00", .queryFailed),
    ("OK|3|BAYİKODU YADA ŞİFRE GEÇERSİZ|", .queryFailed),
    ("OK|3|ip geçersiz|0.00", .queryFailed),
    ("OK|3|Yetki Yetersiz! Yukleme|0.00", .queryFailed),
    ("OK|3|Eksik Parametre|0.00", .queryFailed),
    ("OK|3| |Yetkisiz erişim", .queryFailed),
    // The question failed, not the order.
    ("3|İşlem bulunamadı", .queryFailed),
    ("3|", .queryFailed),
    ("3|Yetkisiz erisim", .queryFailed),
    ("", .queryFailed),
    ("\r\n", .queryFailed),
    ("<html>OK|2|AB12|x</html>", .queryFailed),
    // Never final: nobody has described these.
    ("OK|0| |x", .waiting),
    ("OK|4| |x", .waiting),
    ("OK|7|AB12|x", .waiting),
    ("OK|22|AB12|x", .waiting),
    ("OK|2", .unintelligible),
    ("OK|3", .unintelligible),
    ("OK", .unintelligible),
    ("OK|", .unintelligible),
    ("OK| 2|AB12|x", .unintelligible),
    ("OK|12755.23", .unintelligible),
    ("OK|abc|AB12", .unintelligible),
    ("OK|2\u{301}|AB12|x", .unintelligible),
    ("ok|2|AB12|x", .unintelligible),
    ("OK2|AB12|x", .unintelligible),
    ("3", .unintelligible),
    ("3:Bu referansla işlem yok:0", .unintelligible),
    ("2|Onay", .unintelligible),
    ("1|islemde", .unintelligible),
    ("8|Bağlantı", .unintelligible),
    ("AB12-CD34", .unintelligible),
    ("OK|2|AB\u{0}12|x", .unintelligible),
  ])
  func proves(_ text: String, _ proof: Query) {
    #expect(znet.readQuery(reply(text), account: account).proof == proof)
  }

  @Test(arguments: [403, 404, 429, 500, 502, 503])
  func anErrorStatusFailsTheQuestion(_ status: Int) {
    for text in ["OK|2|AB12|x", "OK|3| |x", "3|x", ""] {
      #expect(znet.readQuery(reply(text, status: status), account: testedAccount).proof == .queryFailed)
    }
  }

  @Test func notFoundOnlyWhereOpsTestedIt() {
    #expect(znet.readQuery(reply("3|İşlem bulunamadı"), account: testedAccount).proof == .notFound)
    #expect(znet.readQuery(reply("3|"), account: testedAccount).proof == .notFound)
    // An empty answer may be the login as well, and a login error is no answer about an order.
    #expect(znet.readQuery(reply(""), account: testedAccount).proof == .queryFailed)
    #expect(znet.readQuery(reply("3|Yetkisiz erisim"), account: testedAccount).proof == .queryFailed)
    #expect(znet.readQuery(reply("3|bayikodu yada şifre geçersiz"), account: testedAccount).proof == .queryFailed)
    // Nor is a panel in trouble: believing it would send the order again.
    for text in ["3|Sorgu yapılamadı", "3|Sistemsel hata. Tekrar deneyiniz.", "3|BAĞLANTI HATASI"] {
      #expect(znet.readQuery(reply(text), account: testedAccount).proof == .queryFailed)
    }
  }

  @Test func saysWhatThePanelSaid() {
    func text(_ line: String) -> String { znet.readQuery(reply(line), account: account).text }
    #expect(text("OK|3|Stok yok|") == "“Stok yok”")
    #expect(text("OK|3| |a|b") == "“a|b”")
    #expect(text("OK|3| | ") == "without a reason")
    #expect(text("OK|7| |Beklemede").contains("status 7"))
    #expect(text("OK|7| |Beklemede").contains("Beklemede"))
    #expect(text("OK|2|AB12|Kodunuz AB12, iyi oyunlar") == "Kodunuz ••••, iyi oyunlar")
    #expect(text("OK|1| |Hazır: CD34-EF56") == "“Hazır: ••••”")
  }

  @Test(arguments: [
    "OK|1|AB12-X|t", "OK|7|AB12-X|t", "OK|3|AB12-X|", "OK|3|AB12-X|t", "OK|x|AB12-X", "AB12-X|2", "K|AB12-X",
    "OK|1| |AB12-X", "OK|7||t AB12-X", "OK|3| |AB12-X", "3|AB12-X",
  ])
  func neverSaysWhatMayBeAPin(_ line: String) {
    #expect(!znet.readQuery(reply(line), account: account).text.contains("AB12-X"))
  }

  @Test func readsWindows1254() {
    let body = Array("OK|3| |".utf8) + [0xDD] + Array("ptal ".utf8) + [0x93, 0xFE, 0xF0, 0xFD, 0xD0, 0xDE, 0xE7, 0x80]
    #expect(znet.readQuery(WireReply(status: 200, body: body), account: account) == .cancelled("“İptal “şğıĞŞç€”"))
    #expect(
      znet.readQuery(WireReply(status: 200, body: body + [0x8D]), account: account).proof == .unintelligible)
  }
}
