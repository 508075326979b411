import EventLoop
import Foundation
import HTTPClient
import PrivateServers
import TestSupport
import Testing

/// Buttons below notices, pressed at a simulated Telegram that posts to a real gateway.
@Suite(.serialized, .timeLimit(.minutes(3)))
struct ButtonTests {
  /// An order whose answer was lost and that no question settles, and the notice of it with its button.
  private func start() async throws -> (Installation, Messages, String, Messages.Shown) {
    let sevk = try await Installation.make(
      panel: ["--fault", "lose-answer=1", "--fault", "query-fails=1"], environment: ["SEVK_CHECK_BACKOFF_MAX": "300ms"])
    let messages = try await sevk.startMessages()
    try sevk.notify("unresolved", to: "ops", by: "bot", ["--address", "-100500", "--language", "tr"])
    try await sevk.startAll()
    try await sevk.start("gateway")
    let told = try sevk.require("dispatcher", ["channel", "test", "bot", "--webhook", "http://\(sevk.live)"])
    #expect(told.contains("posts to http://\(sevk.live)/hooks/telegram/bot"), "\(told)")
    let id = try await sevk.postReachable(1, ["telegram": "1"])
    let books = try await messages.wait("ops are told") { !$0.telegram.isEmpty }
    return (sevk, messages, id, try #require(books.telegram.first))
  }

  @Test func aPressCountsOnceHoweverOftenItComes() async throws {
    let (sevk, messages, id, notice) = try await start()
    let button = try #require(notice.buttons.first?.first)
    #expect(
      notice.chat == "-100500" && button.title == "Sağlayıcıya şimdi sor"
        && (1...64).contains(button.data?.utf8.count ?? 0))
    // The button says nothing of the order.
    #expect(button.data?.contains(id.prefix(8)) == false)
    let press = #"{"message":"\#(notice.message)","user":77"#
    let first = try await messages.post("/_press", press + #","times":3}"#)
    #expect(first.contains("[200,200,200]"), "\(first)")
    var books = try await messages.wait("the message says so") { !($0.telegram.first?.earlier.isEmpty ?? true) }
    #expect(books.notes.count == 3 && Set(books.notes).count == 1, "\(books.notes)")
    #expect(["Sağlayıcıya soruluyor.", "Sağlayıcıya az önce soruldu."].contains(books.notes[0]))
    let shown = try #require(books.telegram.first)
    #expect(shown.text == "shop-1\n\(books.notes[0])" && shown.buttons.isEmpty && shown.earlier == [notice.text])
    // Somebody else presses what they still see.
    let data = try #require(button.data)
    try await messages.post("/_press", #"{"message":"\#(notice.message)","data":"\#(data)","user":78}"#)
    // What nobody gave, of whatever form.
    for forged in ["x", String(repeating: "a", count: 32), "ask", "ş\\\"'; DROP TABLE orders"] {
      try await messages.post("/_press", #"{"message":"\#(notice.message)","data":"\#(forged)","user":79}"#)
    }
    books = try await messages.books()
    #expect(
      Array(books.notes.dropFirst(3)) == ["Bu zaten yapıldı."]
        + Array(repeating: "This button means nothing here.", count: 4))
    #expect(books.refused.isEmpty, "\(books.refused)")
    let asks = try await sevk.rows("SELECT who FROM audits WHERE what = 'ask'")
    #expect(asks.count <= 1 && asks.allSatisfy { $0 == "Telegram 77" }, "\(asks)")
    await sevk.stop()
  }

  @Test func onlyTelegramIsBelieved() async throws {
    let (sevk, messages, _, notice) = try await start()
    for secret in ["wrong", "", String(repeating: "a", count: 48)] {
      let answer = try await messages.post(
        "/_press", #"{"message":"\#(notice.message)","secret":"\#(secret)"}"#)
      #expect(answer.contains("[403]"), "\(answer)")
    }
    func post(_ path: String, _ body: String = "{}") async throws -> Int {
      try await sevk.http.perform(
        HTTPClientRequest(method: "POST", url: "http://\(sevk.live)\(path)", body: Array(body.utf8))
      ).status
    }
    for name in ["bot", "none", "sms"] { #expect(try await post("/hooks/telegram/\(name)") == 403) }
    let books = try await messages.books()
    #expect(books.notes.isEmpty && books.telegram.first?.earlier == [])
    #expect(try await sevk.rows("SELECT update_id::text FROM telegram_updates").isEmpty)
    // Out of turn, and a chat that wants to know its number.
    let late = try await messages.post("/_write", #"{"chat":"42","text":"/id@demo_bot","update":9000}"#)
    #expect(late.contains("[200]"))
    try await messages.post("/_write", #"{"chat":"43","text":"hello","update":8000}"#)
    #expect(try await messages.books().telegram.filter { $0.chat.hasPrefix("4") }.map(\.text) == ["42"])
    // One that has no key believes nobody.
    sevk.kill("gateway")
    sevk.setEnvironment("SEVK_SECRET_KEY", nil)
    try await sevk.start("gateway")
    #expect(try await post("/hooks/telegram/bot") == 503)
    await sevk.stop()
  }
}
