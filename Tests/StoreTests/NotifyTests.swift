import EventLoop
import Orders
import Postgres
import Store
import TestSupport
import Testing

/// What people are to be told: by the books alone, no service.
@Suite(.timeLimit(.minutes(1)))
@LoopActor
struct NotifyTests {
  @Test func eachChangeIsToldOnceAndInOrder() async throws {
    let desk = try await NotifyDesk(["sevk.order.sent", "sevk.order.completed"])
    let order = try await desk.order(.sending, .sent, .completed)
    let events = try await desk.events()
    #expect(events.count == 3)
    let added = try await desk.store.add(events)
    #expect(added.count == 1 && !added[0].isBehind && added[0].line.order == order.id.description)
    #expect(try await desk.store.add(events).isEmpty, "a relay that comes again adds nothing")
    let line = added[0].line
    for type in ["sevk.order.sent", "sevk.order.completed"] {
      let due = try #require(try await desk.store.due(line))
      #expect(due.type == type && due.address == "777" && due.product == "pubg-60" && due.shopReference == "shop-778")
      #expect(
        due.language == "tr" && due.adapter == "telegram" && due.credentials["token"] == "1:a" && due.attempts == 0)
      try await desk.tell(due)
      #expect(try await !desk.store.begin(due, to: "777"), "who comes late begins nothing")
    }
    #expect(try await desk.store.due(line) == nil)
    let rows = try await desk.store.list(order: order.id.description, limit: 10)
    #expect(rows.map(\.state) == [.sent, .sent] && rows.allSatisfy { $0.address == "777" && $0.messageID == "5" })
  }

  @Test func nobodyHearsOfWhatWasBefore() async throws {
    let bench = try await Bench()
    let order = try await bench.order(.sending, .sent)
    let desk = try await NotifyDesk(["sevk.order.sent"], bench)
    #expect(try await desk.store.add(try await desk.events()).isEmpty)
    #expect(try await desk.store.list(order: order.id.description, limit: 10).isEmpty)
  }

  @Test func aNewerChangeTakesThePlaceOfALateOne() async throws {
    let desk = try await NotifyDesk(["sevk.order.created", "sevk.order.sent", "sevk.order.completed"])
    _ = try await desk.order(.sending, .sent, .completed)
    let line = try #require(try await desk.store.add(try await desk.events()).first).line
    let first = try #require(try await desk.store.due(line))
    #expect(first.type == "sevk.order.created")
    // It may have come; then it is not said to have been left out.
    #expect(try await desk.store.begin(first, to: "777"))
    _ = try await desk.bench.sql("UPDATE notifications SET happened_at = now() - interval '2 minutes'")
    let due = try #require(try await desk.store.due(line))
    #expect(due.type == "sevk.order.completed" && due.dropped == 2)
    #expect(try await desk.states() == ["unknown", "dropped", "waiting"])
    try await desk.tell(due)
    // What comes only then is late, whatever its age.
    _ = try await desk.bench.sql(
      "UPDATE notifications SET state = 'waiting', happened_at = now() WHERE type = 'sevk.order.sent'")
    #expect(try await desk.store.due(line) == nil)
    #expect(try await desk.states() == ["unknown", "dropped", "sent"])
  }

  @Test func whatIsADayOldIsNoNews() async throws {
    let desk = try await NotifyDesk(["sevk.order.created"])
    _ = try await desk.order()
    let line = try #require(try await desk.store.add(try await desk.events()).first).line
    _ = try await desk.bench.sql("UPDATE notifications SET happened_at = now() - interval '25 hours'")
    #expect(try await desk.store.due(line) == nil)
    #expect(try await desk.states() == ["dropped"])
  }

  @Test func aNewChangeBringsAWaitingOneForward() async throws {
    let desk = try await NotifyDesk(["sevk.order.created", "sevk.order.failed"])
    let order = try await desk.order()
    let line = try #require(try await desk.store.add(try await desk.events()).first).line
    let due = try #require(try await desk.store.due(line))
    #expect(try await desk.store.begin(due, to: "777"))
    try await desk.store.record(.init(.waiting, "no answer", pause: .seconds(3600)), of: due, attempts: 1)
    let again = try #require(try await desk.store.due(line))
    #expect(again.untilDue > .seconds(3500) && again.attempts == 1 && again.sinceBegun == nil)
    try await desk.bench.store.apply(await desk.bench.move(order, to: .failed))
    let added = try await desk.store.add(try await desk.events())
    #expect(added.count == 1 && added[0].isBehind)
  }

  @Test func anAttemptInDoubtIsKnownToBe() async throws {
    let desk = try await NotifyDesk(["sevk.order.created"])
    _ = try await desk.order()
    let line = try #require(try await desk.store.add(try await desk.events()).first).line
    var due = try #require(try await desk.store.due(line))
    #expect(try await desk.store.begin(due, to: "777"))
    // The process dies here.
    due = try #require(try await desk.store.due(line))
    #expect(due.sinceBegun != nil && due.attempts == 1)
    #expect(try await desk.store.begin(due, to: "777"))
    var ending = NotifyStore.Ending(.waiting, "no answer", pause: .zero)
    ending.isInDoubt = true
    try await desk.store.record(ending, of: due, attempts: 2)
    due = try #require(try await desk.store.due(line))
    #expect(due.sinceBegun != nil && due.doubts == 1)
    // What another process began meanwhile is not ended by this one.
    try await desk.store.record(.init(.sent), of: due, attempts: 1)
    #expect(try await desk.states() == ["waiting"])
  }

  @Test func peopleMoveAndBlock() async throws {
    let desk = try await NotifyDesk(["sevk.order.created"])
    _ = try await desk.order()
    let line = try #require(try await desk.store.add(try await desk.events()).first).line
    try await desk.store.note(contact: "777", of: desk.channel, movedTo: "-1007")
    #expect(try await desk.store.due(line)?.address == "-1007")
    try await desk.store.note(contact: "777", of: desk.channel, isBlocked: true, why: "blocked")
    var due = try #require(try await desk.store.due(line))
    #expect(due.blocked == "blocked" && due.address == "-1007", "where it moved is not forgotten")
    try await desk.store.unblock(contact: "777", of: desk.channel)
    due = try #require(try await desk.store.due(line))
    #expect(due.blocked == nil)
    // A stranger who writes leaves no row.
    try await desk.store.unblock(contact: "1", of: desk.channel)
    #expect(try await desk.bench.count("channel_contacts") == 1)
  }

  @Test func aHeldChannelTellsNobody() async throws {
    let desk = try await NotifyDesk(["sevk.order.created"])
    _ = try await desk.order()
    let line = try #require(try await desk.store.add(try await desk.events()).first).line
    try await desk.store.hold(desk.channel, for: .seconds(600), trouble: "no login")
    var due = try #require(try await desk.store.due(line))
    #expect(due.untilDue > .seconds(590) && due.isTroubled)
    #expect(
      try await desk.store.owed(after: .init(target: 0, order: OrderID.least.description), limit: 10).first?.untilDue
        ?? .zero > .seconds(590))
    let channels = ChannelStore(desk.bench.store)
    let tallies = try await channels.tallies()
    #expect(tallies.map(\.waiting) == [1] && tallies[0].troubledFor != nil)
    try await desk.store.hold(desk.channel, for: nil, trouble: nil)
    due = try #require(try await desk.store.due(line))
    #expect(due.untilDue <= .zero && !due.isTroubled)
  }

  @Test func aMessageSaysSomethingElse() async throws {
    let desk = try await NotifyDesk(["sevk.order.created", "sevk.order.sent"])
    _ = try await desk.order(.sending, .sent)
    let line = try #require(try await desk.store.add(try await desk.events()).first).line
    let due = try #require(try await desk.store.due(line))
    #expect(try await desk.store.edit(due.id, words: "x") == nil, "it was not sent yet")
    try await desk.tell(due)
    #expect(try await desk.store.edit(due.id, words: "x\ny")?.line == line)
    #expect(try await desk.store.edit(due.id, words: "taken\nby another")?.line == line)
    let edit = try #require(try await desk.store.due(line))
    #expect(edit.isEdit && edit.words == "taken\nby another" && edit.messageID == "5" && edit.address == "777")
    try await desk.tell(edit)
    let next = try #require(try await desk.store.due(line))
    #expect(!next.isEdit && next.type == "sevk.order.sent", "what is told next is told all the same")
  }

  @Test func aPressCountsOnce() async throws {
    let desk = try await NotifyDesk(["sevk.order.created"])
    let buttons = ButtonStore(desk.bench.store)
    let order = try await desk.order()
    let meaning = ButtonMeaning(kind: "accept", orderID: order.id.description, partnerID: 4, offerID: 9)
    let token = try await buttons.make(
      meaning, channel: desk.channel, notification: 3, language: "tr", lifetime: .seconds(60))
    #expect(token.utf8.count == 32)
    func claim(_ token: String, _ update: Int64) async throws -> String {
      switch try await buttons.claim(token, channel: desk.channel, update: update) {
      case .counts(let found, let language, let notification):
        #expect(found == meaning && language == "tr" && notification == 3)
        return "counts"
      case .used(let language): return "used \(language)"
      case .expired(let language): return "expired \(language)"
      case .unknown: return "unknown"
      }
    }
    let all = await atOnce(8) { number in
      try await ButtonStore(desk.bench.store).claim(token, channel: desk.channel, update: Int64(number + 1))
    }
    let winners = try all.enumerated().filter { if case .counts = try $0.element.get() { true } else { false } }
    #expect(winners.count == 1, "of presses at once one counts")
    let winner = Int64(try #require(winners.first).offset + 1)
    #expect(try await claim(token, winner) == "counts", "the same update again is the same press")
    #expect(try await claim(token, 99) == "used tr")
    #expect(try await claim("x" + token, 99) == "unknown")
    let old = try await buttons.make(
      meaning, channel: desk.channel, notification: 3, language: "en", lifetime: .milliseconds(-1))
    #expect(try await claim(old, 5) == "expired en")
    // Of another channel's bot it means nothing.
    if case .unknown = try await buttons.claim(token, channel: desk.channel + 1, update: winner) {
    } else {
      Issue.record("")
    }
    // The table alone opens nothing.
    #expect(
      try await desk.bench.count("button_tokens", where: "encode(hash, 'escape') LIKE '%\(token.prefix(6))%'") == 0)
  }

  @Test func anUpdateIsDoneOnce() async throws {
    let desk = try await NotifyDesk(["sevk.order.created"])
    let buttons = ButtonStore(desk.bench.store)
    #expect(try await !buttons.take(update: 7, channel: desk.channel).isDone)
    #expect(try await !buttons.take(update: 7, channel: desk.channel).isDone, "who died before its end is followed")
    try await buttons.end(update: 7, channel: desk.channel, answer: "a")
    try await buttons.end(update: 7, channel: desk.channel, answer: "b")
    let again = try await buttons.take(update: 7, channel: desk.channel)
    #expect(again.isDone && again.answer == "a")
  }

  @Test func oldNoticesGo() async throws {
    let desk = try await NotifyDesk(["sevk.order.created", "sevk.order.sent"])
    _ = try await desk.order(.sending, .sent)
    let line = try #require(try await desk.store.add(try await desk.events()).first).line
    try await desk.tell(try #require(try await desk.store.due(line)))
    let buttons = ButtonStore(desk.bench.store)
    _ = try await buttons.make(
      ButtonMeaning(kind: "ask"), channel: desk.channel, notification: nil, language: "en", lifetime: .zero)
    _ = try await buttons.take(update: 7, channel: desk.channel)
    let retention = Retention(pool: desk.bench.pool)
    #expect(try await retention.sweepNotifications(olderThan: .seconds(60)) == 0)
    _ = try await desk.bench.sql("UPDATE notifications SET created_at = now() - interval '31 days'")
    _ = try await desk.bench.sql("UPDATE telegram_updates SET at = now() - interval '8 days'")
    _ = try await desk.bench.sql("UPDATE button_tokens SET expires_at = now() - interval '2 days'")
    #expect(try await retention.sweepNotifications(olderThan: .seconds(86_400 * 30)) == 3)
    #expect(try await desk.states() == ["waiting"], "what is in line stays")
  }

  @Test func targetsAndChannels() async throws {
    let desk = try await NotifyDesk(["sevk.order.created"])
    let channels = ChannelStore(desk.bench.store)
    let row = try #require(try await channels.channels(name: "bot").first)
    #expect(try channels.credentials(of: row) == ["token": "1:a"])
    await #expect(throws: StoreError.self) {
      try await channels.add(name: "bot", adapter: "telegram", baseURL: "x", credentials: [:])
    }
    await #expect(throws: StoreError.self) {
      try await channels.add(name: "Bot!", adapter: "telegram", baseURL: "x", credentials: [:])
    }
    #expect(try await !channels.remove(row), "somebody is told by it")
    try await channels.tell(
      tenant: desk.bench.tenant, audience: .customer, channel: row, address: "", language: "ru",
      types: ["sevk.order.sent"])
    var target = try #require(try await channels.targets().first)
    #expect(target.types == ["sevk.order.created", "sevk.order.sent"] && target.language == "ru")
    try await channels.untell(target, types: ["sevk.order.sent"])
    target = try #require(try await channels.targets(tenant: "shop").first)
    #expect(target.types == ["sevk.order.created"])
    try await channels.set(
      words: "a\nb", tenant: desk.bench.tenant, audience: .customer, type: "sevk.order.sent", language: "ru")
    #expect(
      try await channels.words(tenant: desk.bench.tenant, audience: .customer, type: "sevk.order.sent") == [
        "ru": "a\nb"
      ])
    try await channels.set(
      words: nil, tenant: desk.bench.tenant, audience: .customer, type: "sevk.order.sent", language: "ru")
    #expect(try await channels.texts().isEmpty)
    try await channels.untell(target, types: target.types)
    #expect(try await channels.targets().isEmpty)
    #expect(try await channels.remove(row))
  }
}

/// A channel, whose customers are told of some types.
@LoopActor
private struct NotifyDesk {
  let bench: Bench
  let store: NotifyStore
  let channel: Int64
  private let outbox: Outbox

  init(_ types: [String], _ made: Bench? = nil) async throws {
    bench = if let made { made } else { try await Bench() }
    store = NotifyStore(bench.store)
    outbox = Outbox(pool: bench.pool)
    let channels = ChannelStore(bench.store)
    try await channels.add(
      name: "bot", adapter: "telegram", baseURL: "https://api.telegram.org", credentials: ["token": "1:a"])
    let row = try #require(try await channels.channels().first)
    channel = row.id
    try await channels.tell(
      tenant: bench.tenant, audience: .customer, channel: row, address: "", language: nil, types: types)
  }

  func order(_ path: Status...) async throws -> Order {
    let id = OrderID.random()
    _ = try await bench.store.add(
      NewOrder(
        id: id, tenantID: bench.tenant, product: "pubg-60",
        fields: ["player_id": "5", "telegram": "777", "language": "tr"],
        shopReference: "shop-778", priority: .normal, quantity: 1, idempotencyKey: id.description,
        requestHash: [UInt8](repeating: 1, count: 32), trace: nil))
    var order = try await bench.load(id)
    for status in path {
      try await bench.store.apply(await bench.move(order, to: status))
      order = try await bench.load(id)
    }
    return order
  }

  /// Those that have no position yet.
  func events() async throws -> [OutboxEvent] { try await outbox.place(limit: 100).events }

  func tell(_ due: NotifyStore.Due) async throws {
    #expect(try await store.begin(due, to: due.address ?? ""))
    var ending = NotifyStore.Ending(.sent)
    ending.messageID = "5"
    try await store.record(ending, of: due, attempts: due.attempts + 1)
  }

  func states() async throws -> [String] {
    try await bench.sql("SELECT state FROM notifications ORDER BY order_version").map { try $0.text(0) }
  }
}
