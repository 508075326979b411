import Foundation
import Orders
import Testing

@testable import Adapters

@Suite struct EmailTests {
  private func message(_ text: MessageText, to: String = "ali@mail.example") throws -> String {
    let message = try #require(
      EmailMessage(text, from: "Şık Mağaza <orders@shop.example>", to: to, id: "o.1.7", at: 1_796_024_802_000))
    return String(decoding: message.bytes, as: UTF8.self)
  }

  @Test func writesALetter() throws {
    let text = try message(MessageText(subject: "Siparişiniz hazır", body: "bir\n.\niki", link: "https://x.example/o"))
    #expect(text.contains("\r\nTo: ali@mail.example\r\n") && text.contains("\r\nMessage-ID: <o.1.7@shop.example>\r\n"))
    #expect(text.hasPrefix("Date: Mon, 30 Nov 2026 "), "\(text.prefix(60))")
    #expect(text.contains("From: =?utf-8?B?") && text.contains("?= <orders@shop.example>\r\n"))
    let parts = text.components(separatedBy: "\r\n\r\n")
    #expect(parts.count == 2 && text.unicodeScalars.allSatisfy { $0.isASCII })
    let body = Data(base64Encoded: parts[1].replacing("\r\n", with: ""))
    #expect(body.map { String(decoding: $0, as: UTF8.self) } == "bir\r\n.\r\niki\r\n\r\nhttps://x.example/o\r\n")
    #expect(text.components(separatedBy: "\r\n").allSatisfy { $0.utf8.count <= 78 && !$0.contains("\n") })
    // The same at each attempt.
    #expect(
      try message(MessageText(subject: "Siparişiniz hazır", body: "bir\n.\niki", link: "https://x.example/o")) == text)
  }

  @Test(arguments: [
    "x\r\nBcc: all@shop.example", "x\nBcc: a@b.example", "x\rBcc: a@b.example", "x\u{2028}Bcc: a@b.example",
    "x\u{85}Bcc: a", "x\0y",
  ])
  func noSubjectBeginsAHeader(_ subject: String) throws {
    let text = try message(MessageText(subject: subject, body: "y"))
    let head = try #require(text.components(separatedBy: "\r\n\r\n").first)
    let names = head.components(separatedBy: "\r\n").filter { !$0.hasPrefix(" ") }.map { $0.prefix { $0 != ":" } }
    #expect(
      names == [
        "Date", "From", "To", "Subject", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type",
        "Content-Transfer-Encoding",
      ])
  }

  /// No word of more than 75 characters, and no character in two of them.
  @Test(arguments: ["ş", "😀", "a", "نص", "=?utf-8?B?eA==?="])
  func longSubjectsAreEncoded(_ word: String) throws {
    let subject = String(repeating: word, count: 100)
    let text = EmailHeader.text(subject)
    let words = text.components(separatedBy: "\r\n ")
    #expect(words.allSatisfy { $0.utf8.count <= 75 })
    let decoded = words.map { word in
      Data(base64Encoded: String(word.dropFirst(10).dropLast(2))).flatMap { String(data: $0, encoding: .utf8) } ?? "?"
    }
    #expect(decoded.joined() == subject)
  }

  @Test func judgesAddresses() {
    for good in ["a@b.example", "first.last+tag@sub.mail.example", "o'neil@x.example"] {
      #expect(Email.mistake(inAddress: good) == nil, "\(good)")
    }
    for bad in [
      "", "a", "a@", "@b", "a@b@c", "a b@c.example", "a@b..example", "a@-b.example", "<a@b.example>", "A <a@b.example>",
      "a@b.example\r\nRCPT TO:<x@y.example>", "a@b.example,c@d.example", "a..b@c.example", ".a@b.example",
      "şık@b.example", "a@şık.example",
      "\"a b\"@c.example", String(repeating: "a", count: 65) + "@b.example",
    ] {
      #expect(Email.mistake(inAddress: bad) != nil, "\(bad)")
    }
    #expect(
      EmailAddress("Shop <a@b.example>")?.name == "Shop"
        && EmailAddress("\"Shop, Ltd\" <a@b.example>")?.name == "Shop, Ltd")
    #expect(Email.validate(credentials: ["from": "Shop <a@b.example>"]).isEmpty)
    #expect(Email.validate(credentials: ["from": "x", "username": "u"]).map(\.parameter) == ["from", "password"])
  }

  @Test(arguments: [
    (Int?(451), false, false, MessageOutcome.failed("w")), (421, true, false, .failed("w")),
    (550, false, false, .blocked("w")),
    (554, true, false, .refused("w")), (535, false, false, .trouble("w")), (354, true, false, .unknown("w")),
    (250, false, false, .failed("w")), (nil, false, false, .failed("w")), (nil, true, false, .unknown("w")),
    (nil, false, true, .trouble("w")),
  ])
  func readsWhatServersSay(_ code: Int?, _ wasWhole: Bool, _ isLogin: Bool, _ outcome: MessageOutcome) {
    #expect(Email.outcome(code: code, wasWhole: wasWhole, isLogin: isLogin, words: "w") == outcome)
  }
}
