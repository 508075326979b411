import Orders
import Testing

@testable import Adapters

@Suite struct SmscTests {
  let smsc = Smsc()
  let account = ChannelAccount(
    baseURL: "https://smsc.ru", credentials: ["login": "me", "password": "ge&heim", "sender": "SHOP"])

  @Test func buildsItsRequests() {
    let text = MessageText(subject: "Заказ 1", body: "готов", link: "https://x.example/o?a=1&b=2")
    let request = smsc.send(text, to: "+90 (555) 123-45-67", id: 7, account: account)
    #expect(request.method == "POST" && request.url == "https://smsc.ru/sys/send.php")
    let body = String(decoding: request.body ?? [], as: UTF8.self)
    #expect(body.contains("phones=905551234567&") && body.contains("&id=7&") && body.contains("&sender=SHOP&"))
    #expect(body.contains("https%3A%2F%2Fx.example%2Fo%3Fa%3D1%26b%3D2"))
    #expect(!request.redacted.contains("heim") && !request.redacted.contains("login=me"))
    let question = String(decoding: smsc.ask(about: 7, to: "+905551234567", account: account).body ?? [], as: UTF8.self)
    #expect(question.contains("phone=905551234567") && question.contains("id=7"))
  }

  @Test func itsIDsHaveAnEnd() {
    #expect(Smsc.id(1) == 1 && Smsc.id(2_147_483_647) == 2_147_483_647 && Smsc.id(2_147_483_648) == 1)
    #expect((1...2_147_483_647).contains(Smsc.id(.max)) && Smsc.id(0) == 1 && Smsc.id(-5) == 1)
  }

  @Test func countsParts() {
    func parts(_ character: String, _ count: Int) -> Int {
      SmsText.parts(of: String(repeating: character, count: count))
    }
    #expect(
      SmsText.parts(of: "") == 0 && parts("a", 160) == 1 && parts("a", 161) == 2 && parts("a", 306) == 2
        && parts("a", 307) == 3)
    // Two places each.
    #expect(parts("€", 80) == 1 && parts("€", 81) == 2)
    // Other letters make all of it wide.
    #expect(parts("ş", 70) == 1 && parts("ş", 71) == 2 && parts("Ж", 134) == 2 && parts("Ж", 135) == 3)
    #expect(parts("😀", 35) == 1 && parts("😀", 36) == 2)
  }

  @Test(arguments: ["a", "€", "ş", "😀"])
  func cutsToItsParts(_ character: String) {
    let long = String(repeating: character, count: 2000)
    let text = SmsText.text(MessageText(subject: "s", body: long, link: "https://x.example/o"), partsMax: 4)
    #expect(SmsText.parts(of: text) == 4 && text.hasSuffix("…\nhttps://x.example/o"))
    let short = SmsText.text(MessageText(subject: "a\u{2068}b\u{2069}", body: "c"), partsMax: 4)
    #expect(short == "ab\nc")
  }

  private func reply(_ status: Int, _ text: String) -> WireReply { WireReply(status: status, body: Array(text.utf8)) }

  @Test(arguments: [
    (#"{"id":7,"cnt":1,"cost":"1.40","balance":"98.60"}"#, MessageOutcome.sent(id: "7")),
    (#"{"error":"x","error_code":2}"#, .trouble("it knows no such login, or takes none from this address")),
    (#"{"error":"x","error_code":3,"id":7}"#, .trouble("there is no money left")),
    (#"{"error":"x","error_code":6}"#, .refused("it forbids this text or this sender")),
    (#"{"error":"x","error_code":7}"#, .blocked("it finds the number wrong")),
    (#"{"error":"x","error_code":9}"#, .unknown("it says that the same was just sent, or too much")),
    (#"{"error":"x","error_code":77}"#, .unknown("error 77, which nobody described")),
    (#"{"id":7,"cnt":0}"#, .unknown("its answer says neither what it took nor why not")),
    (#"{"error":"x"}"#, .unknown("its answer says neither what it took nor why not")),
    ("OK", .unknown("it answered 200, and nothing that can be read")),
  ])
  func readsAnswers(_ text: String, _ outcome: MessageOutcome) {
    #expect(smsc.readSend(reply(200, text)) == outcome)
  }

  @Test(arguments: [
    (-3, MessageAnswer.hasNot), (-1, .has("waiting")), (0, .has("handed to the operator")), (1, .has("delivered")),
    (2, .has("read")), (20, .failed("it can't be delivered")), (22, .failed("the number is wrong")),
    (99, .has("state 99")),
  ])
  func readsStates(_ status: Int, _ answer: MessageAnswer) {
    #expect(smsc.readAnswer(reply(200, #"{"status":\#(status),"last_timestamp":1}"#)) == answer)
  }

  @Test func whatCantBeReadSaysNothing() {
    #expect(smsc.readAnswer(reply(200, "")) == .unreadable("it answered 200, and nothing that can be read"))
    #expect(
      smsc.readAnswer(reply(500, #"{"status":-3}"#)) == .unreadable("it answered 500, and nothing that can be read"))
    #expect(smsc.readAnswer(reply(200, #"{"error":"x","error_code":9}"#)) == .busy(.seconds(60)))
    #expect(smsc.readAnswer(reply(200, #"{"error":"x","error_code":1}"#)) == .unreadable("error 1"))
  }

  @Test func judgesNumbers() {
    for good in ["+905551234567", "00905551234567", "90 555 123 45 67"] {
      #expect(Smsc.mistake(inAddress: good) == nil, "\(good)")
    }
    for bad in ["", "5551", "+0555123456789", "12345678901234567", "abc", "+90555123456x", "٩٠٥٥٥١٢٣٤٥٦٧"] {
      #expect(Smsc.mistake(inAddress: bad) != nil, "\(bad)")
    }
  }
}
