import EventLoop
import Foundation
import HTTPClient
import PrivateServers
import Redis
import TestSupport
import Testing

/// People who are told of orders, on the real binaries and servers and simulated services.
@Suite(.serialized, .timeLimit(.minutes(4)))
struct NoticeTests {
  private static let quick = ["SEVK_DELIVERY_RETRIES": "200ms"]
  private static let reachable = [
    "telegram": "777", "phone": "+905551234567", "email": "ali@mail.example", "language": "tr",
  ]

  @Test func everybodyIsToldByEachChannelAndNobodyReadsAPin() async throws {
    let sevk = try await Installation.make(environment: Self.quick)
    let messages = try await sevk.startMessages()
    for channel in ["bot", "sms", "mail"] { try sevk.notify("created", "completed", by: channel) }
    try sevk.notify("completed", to: "ops", by: "bot", ["--address", "-100500"])
    try sevk.require(
      "dispatcher",
      [
        "notify", "text", "--tenant", "shop", "--on", "order.completed", "--to", "customer", "--language", "tr",
        "--text",
        "Hazır <{product}>\n{shop}: {order} & teşekkürler",
      ])
    try await sevk.startAll()
    let id = try await sevk.postReachable(1, Self.reachable)
    try await sevk.settled([id])
    let books = try await messages.wait("all are told") {
      $0.telegram.count == 3 && $0.sms.count == 2 && $0.mail.count == 2
    }
    let own = "Hazır <pubg-60>\nshop: shop-1 & teşekkürler"
    let customer = books.telegram.filter { $0.chat == "777" }.map(\.text)
    #expect(customer.count == 2 && customer[0].hasPrefix("shop-1 siparişinizi aldık\n") && customer[1] == own)
    #expect(
      books.telegram.filter { $0.chat == "-100500" }.map(\.text) == [
        "Order shop-1 is completed\npubg-60 · shop · \(id)\ndelivered"
      ])
    #expect(books.sms.map(\.phone) == ["905551234567", "905551234567"] && books.sms[1].text == own)
    #expect(books.mail[1].subject == "Hazır <pubg-60>" && books.mail[1].body == "shop: shop-1 & teşekkürler")
    #expect(Set(books.mail.map(\.id)).count == 2 && books.refused.isEmpty && books.impatient == 0)
    let order = try await sevk.call("GET", "/v1/orders/\(id)?include=pin")
    let pin = try #require(order.json["pin"] as? String)
    let said = books.telegram.map(\.text) + books.sms.map(\.text) + books.mail.flatMap { [$0.subject, $0.body] }
    #expect(!said.contains { $0.contains(pin) })
    // What was set up later is told of nothing of before; and each is told once.
    let rows = try sevk.notices(id)
    let why = try sevk.require("worker", ["order", "why", id])
    #expect(why.contains("customer by sms: sevk.order.completed, sent at "), "\(why)")
    #expect(rows.count == 7 && rows.allSatisfy { $0.state == "sent" && $0.attempts == 1 }, "\(rows)")
    let metrics = try await sevk.call("GET", "/metrics").text
    #expect(!metrics.contains("777"))
    await sevk.stop()
  }

  @Test func nothingIsLostWithAWorkerOrWithRedis() async throws {
    let sevk = try await Installation.make(environment: Self.quick)
    let messages = try await sevk.startMessages(["--fault", "5xx=1"])
    try sevk.notify("completed", by: "bot")
    try await sevk.startAll()
    var ids: [String] = []
    for player in 1...5 { ids.append(try await sevk.postReachable(player, ["telegram": "\(player)"])) }
    try await sevk.settled(ids)
    try await Waiting.until("each was tried", within: .seconds(20)) {
      try sevk.notices().count { $0.attempts > 0 } == 5
    }
    sevk.kill("worker")
    let redis = try sevk.redis.client()
    _ = try await redis.command("FLUSHALL")
    await redis.close()
    try await messages.post("/_faults", #"{"5xx":0}"#)
    try await sevk.start("worker")
    let books = try await messages.wait("each is told") { $0.telegram.count >= 5 }
    #expect(Set(books.telegram.map(\.chat)) == ["1", "2", "3", "4", "5"] && books.telegram.count == 5)
    try await Waiting.until("that is written down", within: .seconds(20)) {
      try sevk.notices().allSatisfy { $0.state == "sent" }
    }
    await sevk.stop()
  }

  /// Every fault at every third request: each customer hears how their order ended, of each text at most as many as were in doubt.
  @Test func faultsOfServicesLoseNothing() async throws {
    let sevk = try await Installation.make(environment: Self.quick)
    let messages = try await sevk.startMessages([
      "--seed", "7", "--fault", "busy=0.1", "--fault", "lose-answer=0.15", "--fault", "5xx=0.1", "--fault",
      "shown-5xx=0.1",
      "--fault", "html=0.05", "--fault", "drop-request=0.1",
    ])
    try sevk.notify("completed", by: "bot")
    try sevk.notify("completed", by: "mail")
    try await sevk.startAll()
    var ids: [String] = []
    for player in 1...20 {
      ids.append(try await sevk.postReachable(player, ["telegram": "\(player)", "email": "p\(player)@mail.example"]))
    }
    try await sevk.settled(ids)
    let books = try await messages.wait("each is told", within: .seconds(90)) { books in
      Set(books.telegram.map(\.chat)).count == 20 && Set(books.mail.map(\.to)).count == 20
    }
    #expect(books.refused.isEmpty, "\(books.refused)")
    // A letter that comes twice is the same letter.
    #expect(Set(books.mail.map(\.id)).count == 20)
    try await Waiting.until("all is written down", within: .seconds(30)) {
      let rows = try sevk.notices()
      return rows.count == 40 && rows.allSatisfy { ["sent", "unknown", "refused"].contains($0.state) }
    }
    await sevk.stop()
  }

  @Test func aTextWhoseAnswerWasLostIsNotSentTwice() async throws {
    let sevk = try await Installation.make(environment: Self.quick)
    let messages = try await sevk.startMessages(["--fault", "lose-answer=#1"])
    try sevk.notify("completed", by: "sms")
    try await sevk.startAll()
    let id = try await sevk.postReachable(1, Self.reachable)
    try await sevk.settled([id])
    try await Waiting.until("it is known to be there", within: .seconds(30)) {
      try sevk.notices(id).first?.state == "sent"
    }
    #expect(try await messages.books().sms.count == 1)
    await sevk.stop()
  }

  /// The worker dies while the service has the text and has not answered.
  @Test func aTextWhoseWorkerDiedIsNotSentTwice() async throws {
    let sevk = try await Installation.make(environment: Self.quick)
    let messages = try await sevk.startMessages(["--fault", "stall=#1"])
    try sevk.notify("completed", by: "sms")
    try await sevk.startAll()
    let id = try await sevk.postReachable(1, Self.reachable)
    try await sevk.settled([id])
    try await messages.wait("the text is there") { $0.sms.count == 1 }
    sevk.kill("worker")
    #expect(try sevk.notices(id).map(\.state) == ["waiting"])
    try await sevk.start("worker")
    try await Waiting.until("it is known to be there", within: .seconds(30)) {
      try sevk.notices(id).first?.state == "sent"
    }
    let row = try #require(try sevk.notices(id).first)
    #expect(try await messages.books().sms.count == 1 && row.attempts == 1)
    let shown = try sevk.require("worker", ["notice", "show", "\(row.number)"])
    #expect(shown.contains("notice \(row.number): sent") && shown.contains("+905551234567"), "\(shown)")
    await sevk.stop()
  }

  @Test func thoseWhoAreNotToBeReached() async throws {
    let sevk = try await Installation.make(environment: Self.quick)
    let messages = try await sevk.startMessages()
    try await messages.post("/_chat", #"{"chat":"1","state":"blocked"}"#)
    try await messages.post("/_chat", #"{"chat":"3","state":"moved","to":"-1003"}"#)
    try await messages.post("/_phone", #"{"phone":"905550000001","state":"wrong"}"#)
    for channel in ["bot", "sms", "mail"] { try sevk.notify("completed", by: channel) }
    try await sevk.startAll()
    let people: [[String: String]] = [
      ["telegram": "1", "phone": "+905550000001", "email": "nobody@mail.example"],
      ["telegram": "x y", "phone": "none", "email": "a@b.example, c@d.example"], ["telegram": "3"],
      ["email": "grey@mail.example"],
    ]
    var ids: [String] = []
    for (index, fields) in people.enumerated() { ids.append(try await sevk.postReachable(index + 1, fields)) }
    try await sevk.settled(ids)
    try await Waiting.until("all is decided", within: .seconds(30)) {
      let rows = try sevk.notices()
      return rows.count == 12 && rows.allSatisfy { $0.state != "waiting" }
    }
    func states(_ index: Int) throws -> [String: String] {
      Dictionary(try sevk.notices(ids[index]).map { ($0.channel, $0.state) }, uniquingKeysWith: { $1 })
    }
    #expect(try states(0) == ["bot": "refused", "sms": "refused", "mail": "refused"])
    #expect(try states(1) == ["bot": "refused", "sms": "refused", "mail": "refused"])
    #expect(try states(2) == ["bot": "sent", "sms": "sent", "mail": "nobody"])
    #expect(try states(3) == ["bot": "nobody", "sms": "sent", "mail": "sent"])
    let books = try await messages.books()
    #expect(
      books.telegram.map(\.chat) == ["-1003"] && books.mail.map(\.to) == ["grey@mail.example"] && books.sms.count == 2)
    // What blocked us once is left alone, until its own words come.
    let asked = try await sevk.postReachable(5, ["telegram": "1"])
    try await sevk.settled([asked])
    try await Waiting.until("it is refused", within: .seconds(20)) {
      try sevk.notices(asked).contains { $0.channel == "bot" && $0.state == "refused" && $0.attempts == 0 }
    }
    await sevk.stop()
  }

  @Test func aChannelInTroubleIsMended() async throws {
    let sevk = try await Installation.make(environment: Self.quick)
    let messages = try await sevk.startMessages()
    try sevk.require("dispatcher", ["channel", "set", "bot", "--credential", "token=1:wrong"])
    try sevk.notify("completed", by: "bot")
    try await sevk.startAll()
    let first = try await sevk.postReachable(1, ["telegram": "1"])
    try await sevk.settled([first])
    try await Waiting.until("it is in trouble", within: .seconds(20)) {
      try sevk.require("dispatcher", ["channel", "list"]).contains("tells nobody anything: Unauthorized")
    }
    #expect(sevk.logs.contains("a channel tells nobody anything until somebody mends it"))
    let tested = try sevk.command("dispatcher", ["channel", "test", "bot", "--to", "5"])
    #expect(
      tested.code == 69 && tested.errors.contains("Unauthorized") && !tested.errors.contains("1:wrong"),
      "\(tested.errors)")
    try sevk.require("dispatcher", ["channel", "set", "bot", "--credential", "token=\(Messages.token)"])
    let test = try sevk.require("dispatcher", ["channel", "test", "bot", "--to", "5", "--language", "uk"])
    #expect(test.contains("the bot is @demo_bot") && test.contains("on its way to 5"), "\(test)")
    let second = try await sevk.postReachable(2, ["telegram": "2"])
    try await sevk.settled([second])
    let books = try await messages.wait("the second is told") { $0.telegram.contains { $0.chat == "2" } }
    #expect(books.telegram.first?.text.hasPrefix("Перевірка Sevk") ?? false)
    #expect(try !sevk.require("dispatcher", ["channel", "list"]).contains("tells nobody"))
    await sevk.stop()
  }
}
