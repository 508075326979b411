import Orders
import Testing

@testable import Adapters

@Suite struct TelegramTests {
  let telegram = Telegram()
  let account = ChannelAccount(
    baseURL: "https://api.telegram.org/", credentials: ["token": "12:abc_DEF-1", "webhook_secret": "geheim"])

  private func body(_ request: WireRequest) -> String { String(decoding: request.body ?? [], as: UTF8.self) }

  @Test func buildsItsRequests() {
    let text = MessageText(
      subject: "Order <1> & \"2\"", body: "done", link: "https://x.example/?a=1&b=2",
      buttons: [
        [.init("Yes", .press("token")), .init("Page", .open("https://x.example"))], [.init("Copy", .copy("42"))],
      ])
    let request = telegram.send(text, to: "-100777", id: 1, account: account)
    #expect(request.method == "POST" && request.url == "https://api.telegram.org/bot12:abc_DEF-1/sendMessage")
    let json = WireJSON(request.body ?? [])
    #expect(json?["chat_id"] == .number("-100777") && json?["parse_mode"] == .text("HTML"))
    #expect(
      json?["text"]
        == .text("<b>Order &lt;1&gt; &amp; &quot;2&quot;</b>\ndone\nhttps://x.example/?a=1&amp;b=2"))
    #expect(
      body(request).contains(
        #""reply_markup":{"inline_keyboard":[[{"text":"Yes","callback_data":"token"},{"text":"Page","url":"https://x.example"}],"#
          + #"[{"text":"Copy","copy_text":{"text":"42"}}]]}"#))
    #expect(request.redacted.hasPrefix("POST /bot•••/sendMessage ") && !request.redacted.contains("abc_DEF"))
    #expect(
      WireJSON(telegram.send(text, to: "@shop_news", id: 1, account: account).body ?? [])?["chat_id"]
        == .text("@shop_news"))
    let hook = telegram.setWebhook("https://live.example/hooks/telegram/bot", account: account)
    #expect(body(hook).contains(#""secret_token":"geheim""#) && !hook.redacted.contains("geheim"))
    let edit = WireJSON(telegram.edit("7", in: "5", text, account: account).body ?? [])
    #expect(edit?["message_id"] == .number("7") && edit?["chat_id"] == .number("5"))
  }

  /// 4096 units of UTF-16 after the tags are read: a smiley counts twice, an escaped sign once.
  @Test(arguments: ["a", "😀", "<", "ş", "👩‍👩‍👧"])
  func cutsInTheRightUnits(_ character: String) {
    let long = String(repeating: character, count: 5000)
    for text in [
      MessageText(subject: long, body: long), MessageText(subject: "s", body: long, link: "https://x.example/o"),
    ] {
      let html = TelegramText.html(text, unitsMax: Telegram.textUnitsMax)
      let shown = html.replacing("<b>", with: "").replacing("</b>", with: "").replacing("&lt;", with: "<")
      #expect(shown.utf16.count <= 4096 && shown.utf16.count > 4096 - 20)
      #expect(shown.contains("…"))
      #expect(text.link == nil || html.hasSuffix("\nhttps://x.example/o"))
    }
  }

  @Test func aButtonsDataIsBytes() {
    func fits(_ data: String) -> Bool { TelegramText.keyboard([[.init("x", .press(data))]]) != nil }
    #expect(fits(String(repeating: "a", count: 64)) && !fits(String(repeating: "a", count: 65)))
    // 33 characters, 66 bytes.
    #expect(!fits(String(repeating: "ş", count: 33)) && fits(String(repeating: "ş", count: 32)) && !fits(""))
    #expect(TelegramText.keyboard([[.init("x", .copy(String(repeating: "a", count: 257)))]]) == nil)
  }

  @Test func sendsPictures() throws {
    let caption = MessageText(subject: String(repeating: "😀", count: 600), body: "")
    let known = try #require(telegram.sendPhoto(.known("abc"), caption, to: "5", account: account))
    let json = WireJSON(known.body ?? [])
    #expect(json?["photo"] == .text("abc"))
    let shown = json?["caption"]?.scalar?.replacing("<b>", with: "").replacing("</b>", with: "")
    #expect(shown?.utf16.count == 1023)
    let bytes = Array("sevk-part-1-of-a-form".utf8)
    let sent = try #require(
      telegram.sendPhoto(.file(bytes, name: "q\"r.png", type: "image/png"), caption, to: "5", account: account))
    // The line between the parts is none that the file has.
    #expect(sent.headers.first?.value == "multipart/form-data; boundary=sevk-part-2-of-a-form")
    #expect(
      body(sent).contains(#"name="photo"; filename="qr.png""#) && body(sent).hasSuffix("--sevk-part-2-of-a-form--\r\n"))
    let large = [UInt8](repeating: 0, count: TelegramPhoto.bytesMax + 1)
    #expect(telegram.sendPhoto(.file(large, name: "q", type: "image/png"), caption, to: "5", account: account) == nil)
    let reply = WireReply(
      status: 200, body: Array(#"{"ok":true,"result":{"message_id":1,"photo":[{"file_id":"s"},{"file_id":"l"}]}}"#.utf8)
    )
    #expect(telegram.photoID(reply) == "l")
  }

  private func reply(_ status: Int, _ text: String) -> WireReply { WireReply(status: status, body: Array(text.utf8)) }

  @Test(arguments: [
    (200, #"{"ok":true,"result":{"message_id":42}}"#, MessageOutcome.sent(id: "42")),
    (
      429,
      #"{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 17","parameters":{"retry_after":17}}"#,
      .busy(.seconds(17))
    ),
    (429, #"{"ok":false,"error_code":429,"description":"x"}"#, .busy(.seconds(5))),
    (
      403, #"{"ok":false,"error_code":403,"description":"Forbidden: bot was blocked by the user"}"#,
      .blocked("Forbidden: bot was blocked by the user")
    ),
    (
      400, #"{"ok":false,"error_code":400,"description":"Bad Request: chat not found"}"#,
      .blocked("Bad Request: chat not found")
    ),
    (
      400,
      #"{"ok":false,"error_code":400,"description":"group chat was upgraded","parameters":{"migrate_to_chat_id":-1001234567890123}}"#,
      .moved(to: "-1001234567890123")
    ),
    (
      400, #"{"ok":false,"error_code":400,"description":"Bad Request: can't parse entities"}"#,
      .refused("Bad Request: can't parse entities")
    ),
    (401, #"{"ok":false,"error_code":401,"description":"Unauthorized"}"#, .trouble("Unauthorized")),
    (404, #"{"ok":false,"error_code":404,"description":"Not Found"}"#, .trouble("Not Found")),
    (502, #"{"ok":false,"error_code":502,"description":"Bad Gateway"}"#, .unknown("Bad Gateway")),
    (200, "<html>", .unknown("no answer that can be read")),
    (200, #"{"ok":true,"result":{"message_id":4"#, .unknown("no answer that can be read")),
    (413, "<html>", .failed("it answered 413, and nothing that can be read")),
    (
      400, #"{"ok":false,"error_code":400,"description":"Bad Request: message is not modified: x"}"#,
      .refused("Bad Request: message is not modified: x")
    ),
  ])
  func readsAnswers(_ status: Int, _ text: String, _ outcome: MessageOutcome) {
    #expect(telegram.readSend(reply(status, text)) == outcome)
  }

  @Test func anEditThatChangesNothingIsDone() {
    let text =
      #"{"ok":false,"error_code":400,"description":"Bad Request: message is not modified: specified new message content"}"#
    #expect(telegram.readEdit(reply(400, text)) == .sent(id: nil))
  }

  @Test func readsUpdates() {
    func update(_ text: String) -> TelegramUpdate? { TelegramUpdate(Array(text.utf8)) }
    let press = update(
      #"{"update_id":9007199254740993,"callback_query":{"id":"7","from":{"id":5},"data":"abc","message":{"message_id":3,"chat":{"id":-100}}}}"#
    )
    #expect(press?.id == 9_007_199_254_740_993)
    #expect(press?.event == .press(.init(id: "7", user: 5, data: "abc", chat: -100, message: 3)))
    // One that can't be reached any more, and a game.
    #expect(
      update(#"{"update_id":1,"callback_query":{"id":"7","from":{"id":5}}}"#)?.event
        == .press(.init(id: "7", user: 5, data: nil, chat: nil, message: nil)))
    #expect(
      update(#"{"update_id":1,"message":{"message_id":1,"chat":{"id":5},"text":"/start x"}}"#)?.event
        == .message(chat: 5, text: "/start x"))
    #expect(
      update(#"{"update_id":1,"message":{"message_id":1,"chat":{"id":5},"photo":[]}}"#)?.event
        == .message(chat: 5, text: ""))
    #expect(update(#"{"update_id":1,"edited_message":{}}"#)?.event == .other)
    for text in ["", "{}", #"{"update_id":"1"}"#, #"{"update_id":1,"update_id":2}"#, #"{"update_id":1.5}"#, "[]"] {
      #expect(update(text) == nil, "\(text)")
    }
  }

  @Test func judgesWhatIsGiven() {
    for good in ["1", "-1001234567890", "@shop_news"] { #expect(Telegram.mistake(inAddress: good) == nil) }
    for bad in ["", "0", "-", "+5", "shop", "@a", "@shop news", "99999999999999999999", "1\n"] {
      #expect(Telegram.mistake(inAddress: bad) != nil, "\(bad)")
    }
    #expect(Telegram.validate(credentials: ["token": "12:abc"]).isEmpty)
    for bad in ["", "abc", "12:a/b", "12:", ":a", "1:2:3", "12:a b"] {
      #expect(Telegram.validate(credentials: ["token": bad]).map(\.parameter) == ["token"], "\(bad)")
    }
    #expect(
      Telegram.validate(credentials: ["token": "1:a", "webhook_secret": "a b"]).map(\.parameter) == ["webhook_secret"])
  }
}
