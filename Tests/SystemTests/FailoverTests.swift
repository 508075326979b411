import EventLoop
import Foundation
import HTTPClient
import PrivateServers
import TestSupport
import Testing

/// A product with two routes: its orders wait for no provider that is shut while another is open, and none is sent twice.
@Suite(.serialized, .timeLimit(.minutes(3)))
struct FailoverTests {
  /// The panel of each test, and a second one that sells the same.
  private func make(
    _ first: [String] = [], panel: [String] = [], other: [String] = []
  ) async throws -> (Installation, other: String) {
    let sevk = try await Installation.make(panel: panel)
    let address = try await sevk.startPanel(other)
    try sevk.require(
      "dispatcher",
      [
        "provider", "add", "other", "--adapter", "znet", "--base-url", "http://\(address)", "--credential", "kod=555",
        "--credential", "sifre=panel-secret",
      ])
    try sevk.addRoute("pubg-60", to: "other")
    if !first.isEmpty { try sevk.require("dispatcher", Self.set(1) + first) }
    return (sevk, address)
  }

  private static func set(_ position: Int) -> [String] {
    ["route", "set", "--tenant", "shop", "--product", "pubg-60", "--position", "\(position)"]
  }

  /// What a panel has in its books: an order a debit.
  private func books(_ sevk: Installation, _ address: String) async throws -> Int {
    let reply = try await sevk.http.perform(HTTPClientRequest(url: "http://\(address)/_audit"))
    let json = try JSONSerialization.jsonObject(with: Data(reply.body)) as? [String: Any]
    return (json?["orders"] as? [Any])?.count ?? -1
  }

  private func together(_ sevk: Installation, _ other: String) async throws -> Int {
    let first = try await books(sevk, sevk.panel)
    return first + (try await books(sevk, other))
  }

  private func completed(_ sevk: Installation, _ ids: [String]) async throws {
    let events = try await sevk.settled(ids)
    let done = Set(events.filter { $0.type == "sevk.order.completed" }.map(\.subject))
    #expect(Set(ids).isSubset(of: done))
  }

  @Test func aPausedProvidersOrdersGoOnAndComeBack() async throws {
    let (sevk, other) = try await make(["--failover-after", "2s"])
    try sevk.require("worker", ["provider", "pause", "panel", "--note", "maintenance"])
    try await sevk.startAll()
    var ids: [String] = []
    for player in 1...30 { ids.append(try await sevk.post(player: player)) }
    try await completed(sevk, ids)
    let offer = try await sevk.call("GET", "/v1/products").json["products"] as? [[String: Any]]
    #expect(offer?.first?["open"] as? Bool == true, "the other takes them")
    #expect(try await books(sevk, sevk.panel) == 0)
    #expect(try await books(sevk, other) == 30)
    let why = try sevk.require("worker", ["order", "why", ids[0]])
    #expect(why.contains("taken by other: panel was shut for") && why.contains("paused by a person"), "\(why)")
    let story = try sevk.require("worker", ["order", "timeline", ids[0]])
    #expect(story.contains("--failover-after 2s"), "\(story)")

    try sevk.require("worker", ["provider", "resume", "panel"])
    // Whichever is posted before every dispatcher knows may still go to the other.
    var more = 0
    while try await books(sevk, sevk.panel) == 0 {
      more += 1
      ids.append(try await sevk.post(player: 100 + more))
      try await completed(sevk, [ids.last ?? ""])
    }
    let back = try await sevk.post(player: 1000)
    try await completed(sevk, [back])
    #expect(try sevk.require("worker", ["order", "timeline", back]).contains("send 1 to panel"))
    #expect(try await together(sevk, other) == ids.count + 1, "one send each")
    await sevk.stop()
  }

  @Test func withoutTheFlagTheyWaitAndAreToldOfIt() async throws {
    let (sevk, other) = try await make()
    try sevk.require("worker", ["provider", "pause", "panel"])
    try await sevk.startAll()
    let id = try await sevk.post(player: 1)
    while try !sevk.require("worker", ["order", "why", id]).contains("--failover-after 30s") {}
    #expect(try await books(sevk, other) == 0)
    // The provider's counts where its route has none.
    try sevk.require("dispatcher", ["provider", "set", "panel", "--failover-after", "1s"])
    try sevk.require("dispatcher", Self.set(1) + ["--failover-after", "1h"])
    while try !sevk.require("worker", ["order", "why", id]).contains("It goes on to other in") {}
    #expect(try await books(sevk, other) == 0)
    try sevk.require("dispatcher", Self.set(1) + ["--failover-after", "off"])
    try await completed(sevk, [id])
    #expect(try await books(sevk, other) == 1)
    await sevk.stop()
  }

  @Test func outOfStockIsNoReasonToWait() async throws {
    let sevk = try await Installation.make()
    func add(_ codes: [String]) throws {
      let path = "\(sevk.folder)/codes-\(codes[0]).csv"
      try Data(("code\n" + codes.joined(separator: "\n") + "\n").utf8).write(to: URL(fileURLWithPath: path))
      try sevk.require("worker", ["stock", "add", "gift-10", "--file", path])
    }
    try sevk.require("dispatcher", ["provider", "add", "own", "--adapter", "stock"])
    try sevk.require(
      "dispatcher",
      [
        "route", "add", "--tenant", "shop", "--product", "gift", "--provider", "own", "--param", "product=gift-10",
        "--pin", "required", "--failover-after", "1s",
      ])
    try sevk.addRoute("gift", to: "panel")
    try add(["GIFT-AAAA-0001", "GIFT-AAAA-0002"])
    try await sevk.startAll()
    var ids: [String] = []
    for players in [1...2, 3...5] {
      for player in players { ids.append(try await sevk.post(player: player, product: "gift")) }
      try await completed(sevk, ids)
    }
    #expect(try await books(sevk, sevk.panel) == 3, "the stock had two")
    // Those that came while the last code went may all have been told by the stock itself; whoever comes now knows.
    ids.append(try await sevk.post(player: 6, product: "gift"))
    try await completed(sevk, ids)
    let why = try sevk.require("worker", ["order", "why", try #require(ids.last)])
    #expect(why.contains("own was shut for") && why.contains("(out of stock)"), "\(why)")

    // Whichever is posted before every dispatcher knows may still go to the panel.
    try add((1...40).map { "GIFT-BBBB-10\($0)" })
    var story = ""
    while !story.contains("send 1 to own") {
      let id = try await sevk.post(player: 100 + ids.count, product: "gift")
      ids.append(id)
      try await completed(sevk, [id])
      story = try sevk.require("worker", ["order", "timeline", id])
    }
    await sevk.stop()
  }

  @Test func outOfMoneyIsNoReasonToWait() async throws {
    // Enough for one.
    let (sevk, other) = try await make(["--failover-after", "2s"], panel: ["--balance", "40"])
    try await sevk.startAll()
    var ids = [try await sevk.post(player: 1)]
    try await completed(sevk, ids)
    for player in 2...12 { ids.append(try await sevk.post(player: player)) }
    try await completed(sevk, ids)
    #expect(try await books(sevk, sevk.panel) == 1)
    #expect(try await books(sevk, other) == 11)
    #expect(try sevk.require("worker", ["order", "why", ids[5]]).contains("(out of money)"))
    // Nobody stands at its gate any more, and still it is seen that there is money.
    try await sevk.post(panelPath: "/_balance", #"{"add": "1000"}"#)
    try sevk.require("worker", ["provider", "resume", "panel"])
    while try await books(sevk, sevk.panel) == 1 {
      ids.append(try await sevk.post(player: 100 + ids.count))
      try await completed(sevk, [ids.last ?? ""])
    }
    #expect(try await together(sevk, other) == ids.count)
    await sevk.stop()
  }

  @Test func aProviderThatIsDownIsGivenUpAndFoundAgain() async throws {
    let (sevk, other) = try await make(["--failover-after", "1s"])
    let address = ["provider", "set", "panel", "--base-url"]
    // Nobody listens there.
    try sevk.require("dispatcher", address + ["http://127.0.0.1:9"])
    try await sevk.startAll()
    var ids: [String] = []
    while try !sevk.require("worker", ["provider", "list", "--json"]).contains("\"status\":\"down\"") {
      ids.append(try await sevk.post(player: 1 + ids.count))
    }
    let late = ids.count
    for _ in 1...10 { ids.append(try await sevk.post(player: 1 + ids.count)) }
    try await completed(sevk, ids)
    #expect(try await books(sevk, other) == ids.count)
    let stories = try ids[late...].map { try sevk.require("worker", ["order", "timeline", $0]) }
    #expect(stories.contains { $0.contains("panel was shut for") && $0.contains("(down)") }, "\(stories)")
    try sevk.require("dispatcher", address + ["http://\(sevk.panel)"])
    // It is probed though no order stands at its gate.
    while try await books(sevk, sevk.panel) == 0 {
      ids.append(try await sevk.post(player: 1 + ids.count))
      try await completed(sevk, [ids.last ?? ""])
    }
    #expect(try await together(sevk, other) == ids.count)
    await sevk.stop()
  }

  /// Whose answer is unknown stays where it may be, however long its provider is shut; the others go on.
  @Test func anUnknownSendStaysWithItsProvider() async throws {
    let (sevk, other) = try await make(["--failover-after", "1s"], panel: ["--fault", "login-fails=1"])
    try await sevk.startAll()
    let first = try await sevk.post(player: 1)
    while try !sevk.require("worker", ["provider", "list", "--json"]).contains("\"account_trouble\":\"access\"") {}
    var ids: [String] = []
    for player in 2...11 { ids.append(try await sevk.post(player: player)) }
    try await completed(sevk, ids)
    let stories = try ids.map { try sevk.require("worker", ["order", "timeline", $0]) }
    #expect(stories.allSatisfy { $0.contains("(it refuses the account)") }, "\(stories)")
    #expect(try await sevk.call("GET", "/v1/orders/\(first)").json["status"] as? String == "unresolved")
    #expect(try await books(sevk, other) == 10)
    // Now it is found not to be there, and may go to either, once.
    try await sevk.setFaults(#"{"login-fails": 0}"#)
    try await completed(sevk, [first])
    #expect(try await together(sevk, other) == 11)
    await sevk.stop()
  }

  @Test func sharesGoToBoth() async throws {
    let (sevk, other) = try await make(["--share", "50"])
    try sevk.require("dispatcher", Self.set(2) + ["--share", "50"])
    try await sevk.startAll()
    var ids: [String] = []
    // That one of them gets none has the chance of two coins that fall alike sixty times.
    for player in 1...60 { ids.append(try await sevk.post(player: player)) }
    try await completed(sevk, ids)
    let first = try await books(sevk, sevk.panel)
    #expect(first > 0 && first < 60)
    #expect(try await together(sevk, other) == 60)
    #expect(try sevk.require("worker", ["order", "why", ids[0]]).contains("its share is 50 of 100"))
    await sevk.stop()
  }

  /// A crowd that waits goes on as fast as the second takes it, and nobody comes back over and over.
  @Test func manyGoOnAtThePaceOfTheSecond() async throws {
    let (sevk, other) = try await make(["--failover-after", "3s"])
    try sevk.require("dispatcher", ["provider", "set", "other", "--rate", "50/s"])
    try sevk.require("worker", ["provider", "pause", "panel"])
    try await sevk.startAll()
    var ids: [String] = []
    for player in 1...200 { ids.append(try await sevk.post(player: player)) }
    try await completed(sevk, ids)
    #expect(try await books(sevk, other) == 200)
    let history = try sevk.require("worker", ["queue", "history", "dispatch", "--json"])
    let queues = try JSONSerialization.jsonObject(with: Data(history.utf8)) as? [[String: Any]]
    let steps = queues?.flatMap { $0["history"] as? [[String: Any]] ?? [] } ?? []
    let postponed = steps.reduce(0) { $0 + ($1["postponed"] as? Int ?? 0) }
    #expect(postponed >= 1 && postponed <= 4 * 200, "\(postponed)")
    await sevk.stop()
  }

  @Test func whatIsTooDearGoesElsewhereOrWaitsAndSaysSo() async throws {
    let (sevk, other) = try await make(["--cost-max", "30"])
    for name in ["panel", "other"] { try sevk.require("dispatcher", ["provider", "test", name]) }
    try await sevk.startAll()
    let first = try await sevk.post(player: 1)
    try await completed(sevk, [first])
    #expect(try await books(sevk, other) == 1)
    #expect(try await books(sevk, sevk.panel) == 0)
    let why = try sevk.require("worker", ["order", "why", first])
    #expect(why.contains("panel asks 32.50, above its --cost-max 30.00"), "\(why)")

    try sevk.require("dispatcher", Self.set(2) + ["--cost-max", "31.25"])
    // Followed within two seconds: an order before that still goes.
    var waiting = ""
    var player = 1
    while true {
      player += 1
      waiting = try await sevk.post(player: player)
      let status = try await sevk.timeline(of: waiting) { !$0.isEmpty }.last
      if status == "pending", try sevk.require("worker", ["order", "why", waiting]).contains("--cost-max AMOUNT") {
        break
      }
      try await completed(sevk, [waiting])
    }
    let doctor = try sevk.command("worker", ["doctor", "--json"])
    #expect(doctor.output.contains("provider_price"), "\(doctor.output)")
    try sevk.require("dispatcher", Self.set(2) + ["--cost-max", "off"])
    try await completed(sevk, [waiting])
    #expect(try await books(sevk, sevk.panel) == 0)
    await sevk.stop()
  }

  @Test func theCheapestIsTakenAndAPriceOffTheCatalogueIsShown() async throws {
    let (sevk, other) = try await make()
    try sevk.require("dispatcher", ["provider", "test", "panel"])
    _ = try await sevk.http.perform(
      HTTPClientRequest(method: "POST", url: "http://\(other)/_prices", body: Array(#"{"percent": "80"}"#.utf8)))
    try sevk.require("dispatcher", ["provider", "test", "other"])
    try sevk.require(
      "dispatcher", ["route", "set", "--tenant", "shop", "--product", "pubg-60", "--order-by", "cost"])
    _ = try await sevk.http.perform(
      HTTPClientRequest(method: "POST", url: "http://\(other)/_prices", body: Array(#"{"percent": "90"}"#.utf8)))
    try await sevk.startAll()
    let first = try await sevk.post(player: 1)
    try await completed(sevk, [first])
    let why = try sevk.require("worker", ["order", "why", first])
    #expect(why.contains("taken by other: it asks 26.00, panel 32.50"), "\(why)")
    #expect(why.contains("took 29.25, though its catalogue said 26.00"), "\(why)")
    let shown = try sevk.require("worker", ["order", "show", first, "--json"])
    #expect(shown.contains("\"choice\":\"cost\"") && shown.contains("\"catalog_cost\":\"26.00\""), "\(shown)")
    await sevk.stop()
  }

  @Test func flagsAreJudgedAndShown() async throws {
    let sevk = try await Installation.make()
    for (flag, bad) in [
      ("--failover-after", "0s"), ("--failover-after", "30"), ("--failover-after", "25h"), ("--share", "0"),
      ("--share", "101"), ("--share", "+5"), ("--cost-max", "0"), ("--cost-max", "-1"), ("--cost-max", "1,50"),
      ("--cost-max", "NaN"), ("--order-by", "price"),
    ] {
      for command in [Self.set(1), ["route", "add", "--tenant", "shop", "--product", "x", "--provider", "panel"]] {
        let refused = try sevk.command("dispatcher", command + [flag, bad])
        #expect(refused.code == 64 && refused.errors.contains(flag), "\(flag) \(bad): \(refused.errors)")
      }
    }
    #expect(try sevk.command("dispatcher", Self.set(1)).errors.contains("nothing to change"))
    #expect(try sevk.command("dispatcher", Self.set(7) + ["--share", "5"]).errors.contains("--position 7"))
    try sevk.require(
      "dispatcher", SetUp.route("pubg-60", to: "panel", tenant: "shop", ["--position", "2"]))
    let open = try sevk.command(
      "dispatcher", ["route", "set", "--tenant", "shop", "--product", "pubg-60", "--share", "5"])
    #expect(open.code == 64 && open.errors.contains("--position 1|2"))
    let lone = try sevk.require("dispatcher", Self.set(2) + ["--share", "30"])
    #expect(lone.contains("no effect yet"), "\(lone)")
    let both = try sevk.require(
      "dispatcher", Self.set(1) + ["--share", "70", "--cost-max", "1.50", "--failover-after", "30s"])
    #expect(!both.contains("no effect"))
    try sevk.require("dispatcher", ["provider", "set", "panel", "--failover-after", "45s"])
    let list = try sevk.require("dispatcher", ["route", "list"])
    for text in [
      "failover after 30s", "failover after 45s (its provider's)", "share 70", "share 30", "cost at most 1.50",
    ] {
      #expect(list.contains(text), "\(text): \(list)")
    }
    let json = try sevk.require("dispatcher", ["route", "list", "--json"])
    let routes = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [[String: Any]]
    #expect(routes?.map { $0["failover_after_ms"] as? Int } == [30_000, 45_000])
    #expect(routes?.map { $0["cost_max"] as? String } == ["1.50", nil])
    #expect(routes?.map { $0["order_by"] as? String } == ["position", "position"])
    try sevk.require("dispatcher", Self.set(1) + ["--share", "off", "--cost-max", "off", "--failover-after", "off"])
    #expect(try !sevk.require("dispatcher", ["route", "list"]).contains("share 70"))
    await sevk.stop()
  }
}
