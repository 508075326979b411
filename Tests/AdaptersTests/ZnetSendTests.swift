import Adapters
import Orders
import Testing

@Suite struct ZnetSendTests {
  let znet = Znet()

  @Test(arguments: [
    ("OK|32.50|12755.23", Send.accepted("32.50", "12755.23")),
    ("OK|-32.50|12755.23", .accepted("32.50", "12755.23")),
    ("OK|32,50|12755,23\r\n", .accepted("32.50", "12755.23")),
    ("OK|3|8.00", .accepted("3.00", "8.00")),
    ("OK|32.50|-5.00", .accepted("32.50", "-5.00")),
    ("OK|32.50|100.1234|", .accepted("32.50", "100.1234")),
    ("OK|32.50|100.00|0.00|x", .accepted("32.50", "100.00")),
    // It is accepted, whatever the comma means.
    ("OK|1,234|100.00", .accepted(nil, "100.00")),
    ("\u{FEFF} OK|32.50|100.00", .accepted("32.50", "100.00")),
    ("3|Kupur Bilgisi Bulunamadı", .refused),
    // The dealer's state, not the order's.
    ("3|Bakiye Yetersiz\n", .accountTrouble),
    ("3|bayikodu yada şifre geçersiz", .accountTrouble),
    ("3|bayikodu yada", .accountTrouble),
    ("3|ip geçersiz", .accountTrouble),
    ("OK|3|bayikodu yada şifre geçersiz|0.00", .accountTrouble),
    ("OK|3|ip geçersiz|0.00", .accountTrouble),
    // No row explains these, or they speak of trouble: what the panel did is open.
    ("3|Hata|0.00", .unknown),
    ("3|", .unknown),
    ("3|Eksik Parametre", .unknown),
    ("3|Sistemsel hata, tekrar deneyin", .unknown),
    ("3|Sistemsel hata: Bakiye Yetersiz", .unknown),
    ("3|Stok yok", .unknown),
    ("3|Bu referans zaten kayıtlı", .unknown),
    ("3|Kupur Bilgisi Bulunamadı, bu referans zaten kayıtlı", .unknown),
    ("3|Kupur Bilgisi Bulunamadı\n3|Kupur Bilgisi Bulunamadı", .unknown),
    ("3|Kupur Bilgisi Bulunamadı<br />", .unknown),
    ("OK|32.50|100.00\nOK|1| |", .unknown),
    // Refused because it is already there: then there may be an order.
    ("3|Bu İşlem Daha Önce Gönderildi", .unknown),
    ("3|Tekil numara çakışması.", .unknown),
    ("3|DAHA ÖNCE GÖNDERİLMİŞ", .unknown),
    ("4|Daha Önce Gönderilmiş (166189)", .unknown),
    ("4|Bakiye Yetersiz|0.00", .unknown),
    ("8|Bağlantı hatası veya yetersiz bakiye", .unknown),
    ("8|Bağlantı", .unknown),
    ("8|", .unknown),
    // These begin with OK.
    ("OK|Sistemsel hata Tekrar Deneyin|0.00", .unknown),
    ("OK|1|Talebiniz İşleme Alınmıştır.|5.50", .unknown),
    ("OK|8|Bu İşlem Daha Önce Gönderildi|0.00", .unknown),
    ("OK|2|AB12-CD34|Onaylandı", .unknown),
    ("OK|32.50|", .unknown),
    ("OK|32.50", .unknown),
    ("OK|", .unknown),
    ("OK", .unknown),
    ("OK|-|-", .unknown),
    ("OK|٣|٤", .unknown),
    ("ok|32.50|100.00", .unknown),
    ("3", .unknown),
    ("30|text", .unknown),
    ("", .unknown),
    (" \r\n", .unknown),
    ("\u{FEFF}", .unknown),
    ("<!DOCTYPE html><html>OK|1|2</html>", .unknown),
    ("<br />\n<b>Warning</b>: mysql\nOK|32.50|100.00", .unknown),
    ("{\"success\":false}", .unknown),
    ("OK|32.50|100\u{0}.00", .unknown),
  ])
  func proves(_ text: String, _ proof: Send) {
    #expect(znet.readSend(reply(text)).proof == proof)
  }

  @Test(arguments: [100, 201, 204, 302, 400, 403, 404, 429, 500, 502, 503])
  func anyOtherStatusProvesNothing(_ status: Int) {
    // A proxy may have turned a success into this, or a refusal.
    for text in ["OK|32.50|100.00", "3|Kupur Bilgisi Bulunamadı", ""] {
      let outcome = znet.readSend(reply(text, status: status))
      #expect(outcome.proof == .unknown)
      #expect(outcome.text.contains("\(status)"))
    }
  }

  @Test func readsWindows1254() {
    // 3|Kupur Bilgisi Bulunamadı; 3|Bu İşlem Daha Önce Gönderildi
    let refused: [UInt8] = Array("3|Kupur Bilgisi Bulunamad".utf8) + [0xFD]
    let repeated: [UInt8] = Array("3|Bu ".utf8) + [0xDD, 0xFE] + Array("lem Daha ".utf8) + [0xD6] + Array("nce".utf8)
    #expect(znet.readSend(WireReply(status: 200, body: refused)) == .refused("“Kupur Bilgisi Bulunamadı”"))
    #expect(znet.readSend(WireReply(status: 200, body: repeated)).proof == .unknown)
    // 0x81 means nothing there: no text, so no result.
    #expect(znet.readSend(WireReply(status: 200, body: refused + [0x81])).proof == .unknown)
  }
}

@Suite struct ZnetBalanceTests {
  @Test(arguments: [
    ("8|Bağlantı yok yada bakiye yetersiz", true), ("3|Bakiye Yetersiz", true), ("4|bakiye", true),
    ("8|Bağlantı yok", false), ("OK|32.50|100.00", false), ("<html>load balancer</html>", false),
    ("bakiye yetersiz", false), ("", false),
  ])
  func saysWhatMayBeAboutTheBalance(_ text: String, _ mayBe: Bool) {
    #expect(Znet().mayBeAboutBalance(reply(text)) == mayBe)
    #expect(!Znet().mayBeAboutBalance(reply(text, status: 500)))
  }
}
