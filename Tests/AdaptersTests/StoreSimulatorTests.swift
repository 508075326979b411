import Calls
import EventLoop
import Foundation
import HTTPClient
import HTTPServer
import Orders
import Testing

@testable import Adapters
@testable import Simulator

/// The simulated store, top-ups and bills as their adapters see them, over HTTP.
@LoopActor
@Suite struct StoreSimulatorTests {
  /// How each of them is asked for something.
  enum Dialect: String, CaseIterable {
    case zdk, shop, topUps, bills, pins

    var adapter: String {
      switch self {
      case .zdk: "zdk"
      case .shop: "internal"
      case .topUps: "znet-tl"
      case .bills: "znet-fatura"
      case .pins: "znet"
      }
    }

    var parameters: [String: String] {
      switch self {
      case .zdk: ["product": "101", "playerId": "5123"]
      case .shop: ["package": "101", "user_identifier": "5123"]
      case .topUps: ["operator": "Turkcell", "tip": "tam", "kontor": "100", "gsmno": "5321234567"]
      case .bills:
        [
          "kurum_id": "12", "abone_adi": "Ali", "son_odeme_tarihi": "2026-12-31", "tesisat_no": "1234567890",
          "fatura_no": "7", "fatura_tutari": "97.00",
        ]
      case .pins: Dialect.pin
      }
    }

    private static let pin = ["oyun": "1", "kupur": "60", "musteri_tel": "905551234567", "oyuncu_bilgi": "5123"]

    func reference(_ number: Int) -> String { "1234567890123456" + (number < 10 ? "0" : "") + "\(number)" }

    /// What it says of an order that it does not have.
    var missing: Query { self == .zdk ? .notFound : .queryFailed }

    /// As the panel's books name it.
    func booked(_ number: Int) -> String { isStore ? Zdk.uuid(of: reference(number)) : reference(number) }

    /// Gives codes, and orders names of its own.
    var isStore: Bool { self == .zdk || self == .shop }
  }

  func with(
    _ dialect: Dialect, _ faults: [Fault: FaultRate] = [:], unknown: SimulatorOptions.UnknownReference = .bare3,
    _ body: (PanelServer, ProviderClient, ProviderAccount) async throws -> Void
  ) async throws {
    var options = SimulatorOptions()
    options.faults = faults
    options.unknownReference = unknown
    options.completeAfter = .seconds(3600)
    let panel = PanelServer(options)
    let server = HTTPServer(host: "127.0.0.1", port: 0) { await panel.answer($0) }
    try server.start()
    let account = ProviderAccount(
      id: 1, name: "simulator", adapter: dialect.adapter, baseURL: "http://127.0.0.1:\(server.port)",
      credentials: [
        "kod": options.kod, "bayi_kodu": options.kod, "sifre": options.sifre, "token": options.token,
      ], timeout: .milliseconds(500))
    try await body(panel, ProviderClient(http: HTTPClient(connectionsMax: 4)), account)
    await server.stop(grace: .zero)
  }

  func settle(_ panel: PanelServer, _ reference: String, _ state: String) {
    let body = Array(#"{"reference":"\#(reference)","state":"\#(state)"}"#.utf8)
    #expect(panel.answer(HTTPRequest(method: "POST", path: "/_settle", body: body)).status == 200)
  }

  func audit(_ panel: PanelServer) throws -> [String: Any] {
    guard case .bytes(let bytes) = panel.answer(HTTPRequest(method: "GET", path: "/_audit")).body else { return [:] }
    return try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
  }

  @Test(arguments: [Dialect.zdk, .shop, .topUps, .bills])
  func fulfilsAnOrder(_ dialect: Dialect) async throws {
    try await with(dialect) { panel, client, account in
      let reference = dialect.reference(1)
      let (sent, exchange) = await client.send(
        reference: reference, parameters: dialect.parameters, account: account)
      guard case .accepted(let receipt) = sent else {
        Issue.record("\(sent)")
        return
      }
      #expect(receipt.cost?.description == (dialect.isStore ? "32.50" : "97.00"))
      #expect((receipt.providerID?.hasPrefix("ID_") ?? false) == (dialect == .zdk))
      #expect((receipt.providerID != nil) == dialect.isStore)
      #expect(!exchange.request.contains("demo-") && !exchange.isUnfamiliar)
      #expect(await client.query(reference: reference, account: account).outcome.proof == .waiting)
      settle(panel, dialect.booked(1), "completed")
      let pin = dialect.isStore ? Panel.pin(seed: 1, reference: dialect.booked(1)) : nil
      let (done, kept, _) = await client.query(reference: reference, account: account)
      #expect(done.proof == .completed(pin))
      if let pin { #expect(!String(decoding: kept.reply, as: UTF8.self).contains(pin.prefix(4))) }
      settle(panel, dialect.booked(1), "cancelled")
      #expect(await client.query(reference: reference, account: account).outcome.proof == .cancelled)
      #expect(await client.query(reference: dialect.reference(2), account: account).outcome.proof == dialect.missing)
      guard case (.working(let balance), _) = await client.probe(account: account) else {
        Issue.record("does not work")
        return
      }
      #expect(balance?.description == "100000.00")
    }
  }

  /// Documented of each: the same reference again is no second order.
  @Test(arguments: [Dialect.zdk, .topUps, .bills])
  func aRepeatedReferenceIsNoSecondOrder(_ dialect: Dialect) async throws {
    try await with(dialect) { panel, client, account in
      for number in 0..<10 {
        let reference = dialect.reference(number)
        let first = await client.send(reference: reference, parameters: dialect.parameters, account: account).0
        let second = await client.send(reference: reference, parameters: dialect.parameters, account: account).0
        // Top-ups and bills say that it is there, which leaves open what became of it.
        #expect(second.proof == (dialect == .zdk ? first.proof : .unknown))
      }
      let report = try audit(panel)
      #expect((report["doubles_by_reference"] as? [String])?.isEmpty == true)
      let orders = try #require(report["orders"] as? [[String: Any]])
      #expect(orders.count == 10 && orders.allSatisfy { $0["debits"] as? Int == 1 && $0["repeats"] as? Int == 1 })
    }
  }

  @Test(arguments: [Dialect.zdk, .shop, .topUps, .bills])
  func aPoorDealerAndAStrangerAreTurnedAway(_ dialect: Dialect) async throws {
    try await with(dialect) { panel, client, account in
      #expect(
        panel.answer(HTTPRequest(method: "POST", path: "/_balance", body: Array(#"{"set":"1"}"#.utf8))).status == 200)
      let poor = await client.send(
        reference: dialect.reference(1), parameters: dialect.parameters, account: account
      ).0
      guard case .accountTrouble(_, isBalance: true) = poor else {
        Issue.record("\(poor)")
        return
      }
      var stranger = account
      for name in stranger.credentials.keys { stranger.credentials[name] = "wrong" }
      let shut = await client.send(
        reference: dialect.reference(2), parameters: dialect.parameters, account: stranger
      ).0
      #expect(shut.proof == .accountTrouble)
      guard case (.notWorking, _) = await client.probe(account: stranger) else {
        Issue.record("a wrong login works")
        return
      }
      let count = try audit(panel)["orders_count"] as? Int
      #expect(count == 0)
    }
  }

  /// Every answer that the simulator can give: a row explains it and says what is so, or it settles nothing. A fault never
  /// turns an order that is worked on into one that is done, nor one that is done into one that is cancelled.
  @Test(arguments: Dialect.allCases)
  func whateverItAnswersSettlesNothingUntrue(_ dialect: Dialect) async throws {
    // A line that says another order's truth, or a cost, is proved wrong by the next one alone.
    let whole: Set<Fault> = [.stray, .pinVanishes]
    let silent: Set<Fault> = [.stall, .queryStall, .slow, .answerLate]
    for fault in Fault.allCases where !silent.contains(fault) && !whole.contains(fault) {
      try await with(dialect, [fault: .share(1)]) { panel, client, account in
        for number in 0..<8 {
          let reference = dialect.reference(number)
          let (sent, sending) = await client.send(
            reference: reference, parameters: dialect.parameters, account: account)
          let order = panel.panel.order(dialect.booked(number))
          switch sent {
          case .accepted: #expect(order != nil, "\(dialect) \(fault)")
          case .delivered: Issue.record("\(dialect) \(fault): nothing was delivered yet")
          case .notSent: Issue.record("\(dialect) \(fault): it was sent")
          case .refused, .accountTrouble, .unknown: break
          }
          if sending.isUnfamiliar { #expect(sent.proof == .unknown, "\(dialect) \(fault)") }
          for state in ["waiting", "completed", "cancelled"] {
            if state != "waiting", order != nil { settle(panel, dialect.booked(number), state) }
            let (outcome, asking, _) = await client.query(reference: reference, account: account)
            if asking.isUnfamiliar { #expect(outcome.proof == .unintelligible, "\(dialect) \(fault)") }
            switch outcome {
            case .completed(let pin, _):
              #expect(order != nil && state == "completed", "\(dialect) \(fault): \(asking)")
              if let pin { #expect(order?.pin == pin.secret, "\(dialect) \(fault)") }
            case .cancelled: #expect(order != nil && state == "cancelled", "\(dialect) \(fault): \(asking)")
            case .waiting, .notFound, .queryFailed, .unintelligible: break
            }
          }
        }
      }
    }
  }

  /// One that is not there is never said to be cancelled where the panel words it as it was seen.
  @Test(arguments: Dialect.allCases, [SimulatorOptions.UnknownReference.bare3, .empty])
  func anUnknownReferenceProvesNothing(
    _ dialect: Dialect, _ unknown: SimulatorOptions.UnknownReference
  ) async throws {
    try await with(dialect, unknown: unknown) { _, client, account in
      var tested = account
      tested.trustNotFoundAfter = .seconds(60)
      for asked in [account, tested] {
        let outcome = await client.query(reference: dialect.reference(1), account: asked).outcome
        #expect(
          outcome.proof == dialect.missing || outcome.proof == .notFound && asked.trustNotFoundAfter != nil)
      }
      // The control question sees no difference to one that was invented.
      let ours = await client.compare(reference: dialect.reference(1), account: account).1
      let invented = await client.compare(reference: dialect.reference(2), account: account).1
      #expect(ours?.raw == invented?.raw && ours != nil)
    }
  }

  /// It looks like a store that knows a repeated order, and books it again; a question about the two has no answer.
  @Test func aShopBooksTheSameReferenceTwice() async throws {
    try await with(.shop) { panel, client, account in
      for _ in 0..<2 {
        _ = await client.send(
          reference: Dialect.shop.reference(1), parameters: Dialect.shop.parameters, account: account)
      }
      settle(panel, Dialect.shop.booked(1), "completed")
      let outcome = await client.query(reference: Dialect.shop.reference(1), account: account).outcome
      #expect(outcome.proof == .queryFailed && outcome.text.contains("two orders"))
      #expect(panel.panel.orders.map(\.debits) == [2])
      let items = try await client.catalog(account: account).0.get()
      #expect(items.count == 5 && items.first?.parameters == ["package": "101"])
    }
  }

  @Test func listsTheStock() async throws {
    try await with(.zdk) { _, client, account in
      let items = try await client.catalog(account: account).0.get()
      #expect(items.count == 5 && items.allSatisfy { $0.isMappable })
      #expect(items.first?.parameters == ["product": "101"] && items.first?.cost?.description == "32.50")
    }
  }
}
