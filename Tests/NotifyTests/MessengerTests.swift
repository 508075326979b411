import Adapters
import EventLoop
import HTTPClient
import HTTPServer
import Testing

@testable import Notify
@testable import Simulator

/// What services say, as the simulated ones say it, over real connections.
@LoopActor
@Suite(.timeLimit(.minutes(1)))
struct MessengerTests {
  private func outcomes(
    _ fault: MessageFault?, _ body: @LoopActor (Services) async throws -> Void
  ) async throws {
    let services = try await Services(fault.map { [$0: .next(1)] } ?? [:])
    try await body(services)
    #expect(services.messages.books.refused == [], "what was sent is well made")
    await services.stop()
  }

  @Test func eachServiceShowsTheMessage() async throws {
    try await outcomes(nil) { services in
      let text = MessageText(
        subject: "<b>Şık</b> & \"x\"", body: "bir\n.\niki", link: "https://x.example/o",
        buttons: [[.init("Ask", .press(String(repeating: "a", count: 64)))]])
      let telegram = services.message("7", text)
      #expect(await services.messenger.send(telegram, by: Telegram(), services.telegram) == .sent(id: "1"))
      let shown = try #require(services.messages.books.telegram.first)
      #expect(
        shown.text == "<b>Şık</b> & \"x\"\nbir\n.\niki\nhttps://x.example/o" && shown.buttons[0][0].title == "Ask")
      let sms = services.message("+905551234567", id: 9, text)
      #expect(await services.messenger.send(sms, by: Smsc(), services.smsc) == .sent(id: "9"))
      #expect(services.messages.books.sms.first?.text == "<b>Şık</b> & \"x\"\nbir\n.\niki\nhttps://x.example/o")
      let mail = services.message("ali@mail.example", text)
      #expect(await services.messenger.send(mail, by: Email(), services.email()) == .sent(id: nil))
      let letter = try #require(services.messages.books.mail.first)
      #expect(letter.subject == "<b>Şık</b> & \"x\"" && letter.body == "bir\n.\niki\n\nhttps://x.example/o")
      #expect(letter.to == "ali@mail.example" && letter.from == "orders@shop.example" && letter.login == "demo")
      #expect(letter.id == "<o.1.1@shop.example>")
    }
  }

  @Test func telegramFails() async throws {
    for (fault, isShown) in [
      (MessageFault.loseAnswer, 1), (.dropRequest, 0), (.shownError, 1), (.serverError, 0), (.html, 0),
    ] {
      try await outcomes(fault) { services in
        let outcome = await services.messenger.send(services.message("7"), by: Telegram(), services.telegram)
        guard case .unknown = outcome else { return fail("\(fault): \(outcome)") }
        #expect(services.messages.books.telegram.count == isShown, "\(fault)")
      }
    }
    try await outcomes(.busy) { services in
      #expect(
        await services.messenger.send(services.message("7"), by: Telegram(), services.telegram) == .busy(.seconds(1)))
      // Who does not wait is noticed.
      #expect(
        await services.messenger.send(services.message("7"), by: Telegram(), services.telegram) == .busy(.seconds(1)))
      #expect(services.messages.books.impatient == 1)
    }
    try await outcomes(nil) { services in
      services.messages.chats = ["1": ("blocked", nil), "2": ("missing", nil), "3": ("moved", "-1003")]
      func outcome(_ chat: String) async -> MessageOutcome {
        await services.messenger.send(services.message(chat), by: Telegram(), services.telegram)
      }
      #expect(await outcome("1") == .blocked("Forbidden: bot was blocked by the user"))
      #expect(await outcome("2") == .blocked("Bad Request: chat not found"))
      #expect(await outcome("3") == .moved(to: "-1003"))
      #expect(await outcome("-1003") == .sent(id: "1"))
    }
  }

  @Test func anEditThatIsThereIsDone() async throws {
    try await outcomes(nil) { services in
      #expect(await services.messenger.send(services.message("7"), by: Telegram(), services.telegram) == .sent(id: "1"))
      let other = services.message("7", MessageText(subject: "x", body: ""))
      #expect(await services.messenger.edit("1", other, services.telegram) == .sent(id: "1"))
      #expect(await services.messenger.edit("1", other, services.telegram) == .sent(id: nil))
      #expect(services.messages.books.telegram.map(\.text) == ["x"])
    }
  }

  @Test func theLongestMessageIsTaken() async throws {
    try await outcomes(nil) { services in
      let text = MessageText(subject: "s", body: String(repeating: "😀<", count: 4000), link: "https://x.example/o")
      #expect(
        await services.messenger.send(services.message("7", text), by: Telegram(), services.telegram) == .sent(id: "1"))
      #expect(services.messages.books.telegram.first?.text.utf16.count ?? 0 > 4090)
      #expect(
        await services.messenger.send(services.message("+905551234567", text), by: Smsc(), services.smsc)
          == .sent(id: "1"))
    }
  }

  @Test func smscIsAsked() async throws {
    for (fault, answer) in [
      (MessageFault.loseAnswer, MessageAnswer.has("delivered")), (.dropRequest, .hasNot),
      (.shownError, .has("delivered")),
      (.serverError, .hasNot), (.busy, .hasNot),
    ] {
      try await outcomes(fault) { services in
        let message = services.message("+905551234567", id: 12)
        guard case .unknown = await services.messenger.send(message, by: Smsc(), services.smsc) else {
          return fail("\(fault)")
        }
        #expect(await services.messenger.ask(about: message, by: Smsc(), services.smsc) == answer, "\(fault)")
      }
    }
    try await outcomes(nil) { services in
      let wrong = ChannelAccount(baseURL: services.smsc.baseURL, credentials: ["login": "demo", "password": "x"])
      let message = services.message("+905551234567")
      guard case .trouble = await services.messenger.send(message, by: Smsc(), wrong) else {
        return fail("login")
      }
      services.messages.wrongPhones = ["905551234567"]
      #expect(
        await services.messenger.send(message, by: Smsc(), services.smsc) == .blocked("it finds the number wrong"))
    }
  }

  @Test func mailFails() async throws {
    for (fault, wanted) in [
      (MessageFault.loseAnswer, "unknown"), (.dropRequest, "unknown"), (.busy, "failed"), (.serverError, "failed"),
    ] {
      try await outcomes(fault) { services in
        let outcome = await services.messenger.send(services.message("ali@mail.example"), by: Email(), services.email())
        #expect("\(outcome)".hasPrefix(wanted), "\(fault): \(outcome)")
      }
    }
    try await outcomes(nil) { services in
      func outcome(_ to: String, password: String? = nil) async -> String {
        "\(await services.messenger.send(services.message(to), by: Email(), services.email(password: password)))"
      }
      #expect(await outcome("nobody@mail.example") == #"blocked("it said: 550 5.1.1 no such mailbox")"#)
      #expect(await outcome("grey@mail.example") == #"failed("it said: 451 4.7.1 come again")"#)
      #expect(await outcome("grey@mail.example") == "sent(id: nil)")
      #expect(await outcome("ali@mail.example", password: "wrong").hasPrefix("trouble"))
      #expect(services.messages.books.mail.map(\.to) == ["grey@mail.example"])
    }
  }

  /// A service that prints what it was sent, in any form.
  @Test func whatAServicePrintsOfUsIsNotKept() async throws {
    let token = "100200300:gehe1m_n1cht"
    let words = "Bad Request: bot\(token)/sendMessage gehe1m_n1cht \(String(repeating: "x", count: 130)) \(token)"
    let server = HTTPServer(host: "127.0.0.1", port: 0) { _ in
      .json(Array(#"{"ok":false,"error_code":400,"description":"\#(words)"}"#.utf8), status: 400)
    }
    try server.start()
    let services = try await Services()
    let account = ChannelAccount(baseURL: "http://127.0.0.1:\(server.port)", credentials: ["token": token])
    let outcome = await services.messenger.send(services.message("7"), by: Telegram(), account)
    guard case .refused(let kept) = outcome else { return fail("\(outcome)") }
    #expect(!kept.contains("gehe1m") && kept.hasPrefix("Bad Request: bot••••/sendMessage •••• xxx"), "\(kept)")
    await server.stop(grace: .zero)
    await services.stop()
  }

  @Test func nobodyIsThere() async throws {
    let services = try await Services()
    let (telegram, mail) = (services.telegram, services.email())
    await services.stop()
    let messenger = Messenger(http: HTTPClient(), mail: MailClient(addresses: .publicOnly))
    guard case .failed = await messenger.send(services.message("7"), by: Telegram(), telegram) else {
      return fail("nothing can have been sent")
    }
    // Not even a connection.
    let outcome = await messenger.send(services.message("ali@mail.example"), by: Email(), mail)
    guard case .failed(let words) = outcome else { return fail("\(outcome)") }
    #expect(words.contains("which is not public"), "\(words)")
  }

  private func fail(_ text: String) { Issue.record(Comment(rawValue: text)) }
}
