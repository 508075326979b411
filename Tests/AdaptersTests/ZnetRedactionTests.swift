import Adapters
import Orders
import Testing

@Suite struct ZnetRedactionTests {
  @Test(arguments: [
    ("OK|2|AB12-X|Onaylandı", Exchange.Kind.query, "OK|2|••••|Onaylandı"),
    ("OK|2|AB12-X|Kod AB12-X", .query, "OK|2|••••|Kod ••••"),
    ("OK|2| |x", .query, "OK|2| |x"),
    ("OK|2|-|x", .query, "OK|2|-|x"),
    ("OK|1|AB12-X|x", .query, "OK|1|••••|x"),
    ("OK|7|AB12-X|x", .query, "OK|7|••••|x"),
    // A reason is worth keeping; a PIN left over from before is not.
    ("OK|3|Stok yok|", .query, "OK|3|Stok yok|"),
    ("OK|3|AB12-X|", .query, "OK|3|••••|"),
    ("AB12-X", .query, "AB12••••"),
    ("3|İşlem yok", .query, "3|İşlem yok"),
    ("<html>", .query, "<html>"),
    ("", .query, ""),
    ("<b>Notice</b>\nOK|2|AB12-X|x", .query, "<b>No•••• (27 bytes, a web page instead of an answer)"),
    ("OK|2|AB12-X|x\n<b>Notice</b>", .query, "OK|2|•••• (27 bytes, an answer of more than one line)"),
    ("OK|1| |x AB12-X", .query, "OK|1| |x ••••"),
    ("OK|32.50|100.00", .send, "OK|32.50|100.00"),
    ("OK|2|AB12-X|x", .send, "OK|2|••••|••••"),
    ("3|Kupur", .send, "3|Kupur"),
    ("OK|100.00", .probe, "OK|100.00"),
  ])
  func hidesThePin(_ line: String, _ kind: Exchange.Kind, _ shown: String) {
    let redacted = Znet().redact(reply(line), kind: kind, pin: line.contains("AB12-X") ? Pin("AB12-X") : nil)
    #expect(String(decoding: redacted, as: UTF8.self) == shown)
  }

  @Test func hidesItWhateverTheStatus() {
    let redacted = Znet().redact(reply("OK|2|AB12-X|x", status: 500), kind: .query, pin: nil)
    #expect(String(decoding: redacted, as: UTF8.self) == "OK|2|••••|x")
  }

  @Test func hidesWhatIsNoText() {
    let redacted = Znet().redact(WireReply(status: 200, body: [0x41, 0x00, 0x42]), kind: .query, pin: nil)
    #expect(String(decoding: redacted, as: UTF8.self) == "(3 bytes that are no text)")
  }

  @Test func cutsLongReplies() {
    let exchange = Exchange(
      kind: .query, request: "", status: 200, reply: Array(repeating: 65, count: 10_000), error: nil, duration: .zero)
    #expect(exchange.reply.count == Exchange.replyBytesMax)
  }
}
