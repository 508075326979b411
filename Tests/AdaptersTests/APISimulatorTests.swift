import Calls
import EventLoop
import Foundation
import HTTPClient
import HTTPServer
import Orders
import Testing

@testable import Adapters
@testable import Simulator

/// Simulated Reloadly and DT One as their adapters see them, over HTTP.
@LoopActor
@Suite(.timeLimit(.minutes(2))) struct APISimulatorTests {
  enum Desk: String, CaseIterable {
    case topUps, cards, dtone, dtoneTopUps

    var adapter: String { self == .topUps || self == .cards ? "reloadly" : "dtone" }
    var hasPin: Bool { self == .cards || self == .dtone }
    func parameters(_ number: Int) -> [String: String] {
      switch self {
      case .topUps: ["operatorId": "100", "amount": "100", "countryCode": "TR", "number": "532\(1_000_000 + number)"]
      case .cards: ["productId": "101", "unitPrice": "32.50", "senderName": "Shop", "userId": "u\(number)"]
      case .dtone: ["product_id": "101", "account_number": "u\(number)"]
      case .dtoneTopUps: ["product_id": "201", "mobile_number": "+90532\(1_000_000 + number)"]
      }
    }
  }

  nonisolated static func reference(_ number: Int) -> String { "\(123_456_789_012_345_000 + number)" }

  func with(
    _ desk: Desk, _ faults: [Fault: FaultRate] = [:], seed: UInt64 = 1, sendTakes: Duration = .zero,
    completeAfter: Duration = .seconds(3600), connections: Int = 4,
    _ body: (PanelServer, ProviderClient, ProviderAccount) async throws -> Void
  ) async throws {
    var options = SimulatorOptions()
    (options.faults, options.seed, options.sendTakes) = (faults, seed, sendTakes)
    options.completeAfter = completeAfter
    let panel = PanelServer(options)
    let server = HTTPServer(host: "127.0.0.1", port: 0) { await panel.serve($0) }
    try server.start()
    let url = "http://127.0.0.1:\(server.port)"
    let account = ProviderAccount(
      id: 1, name: "simulator", adapter: desk.adapter, baseURL: url,
      credentials: [
        "client_id": options.kod, "client_secret": options.sifre, "key": options.kod, "secret": options.sifre,
        "audience": desk == .cards ? "giftcards" : "topups", "auth_url": url,
      ], timeout: .milliseconds(500))
    try await body(panel, ProviderClient(http: HTTPClient(connectionsMax: connections)), account)
    await server.stop(grace: .zero)
  }

  func settle(_ panel: PanelServer, _ reference: String, _ state: String) {
    let body = Array(#"{"reference":"\#(reference)","state":"\#(state)"}"#.utf8)
    #expect(panel.answer(HTTPRequest(method: "POST", path: "/_settle", body: body)).status == 200)
  }

  @Test(arguments: Desk.allCases)
  func fulfilsAnOrder(_ desk: Desk) async throws {
    try await with(desk) { panel, client, account in
      let reference = Self.reference(1)
      #expect(await client.query(reference: reference, account: account).outcome.proof == .notFound)
      let (sent, exchange) = await client.send(reference: reference, parameters: desk.parameters(1), account: account)
      guard case .accepted(let receipt) = sent else {
        Issue.record("\(sent): \(exchange)")
        return
      }
      #expect(receipt.providerOrderID?.isRowNumber == true)
      if desk.adapter == "dtone" { #expect(receipt.cost?.description == (desk == .dtone ? "32.50" : "97.00")) }
      #expect(!exchange.request.contains("demo-") && !exchange.isUnfamiliar)
      #expect(await client.query(reference: reference, account: account).outcome.proof == .waiting)
      settle(panel, reference, "completed")
      let pin = desk.hasPin ? Panel.pin(seed: 1, reference: reference) : nil
      let (done, kept, substance) = await client.query(reference: reference, account: account)
      #expect(done.proof == .completed(pin) && !substance.isEmpty)
      if let pin { #expect(!String(decoding: kept.reply, as: UTF8.self).contains(pin.prefix(4))) }
      #expect(kept.request.contains(", then GET /orders/transactions/") == (desk == .cards))
      settle(panel, reference, "cancelled")
      #expect(await client.query(reference: reference, account: account).outcome.proof == .cancelled)
      guard case (.working(let balance), _) = await client.probe(account: account) else {
        Issue.record("does not work")
        return
      }
      #expect(balance?.description == "100000.00")
      #expect(
        panel.panel.orders.map(\.debits) == [1] && panel.apiBooks.tokensGiven == (desk.adapter == "dtone" ? 0 : 1))
    }
  }

  /// One after the other, the same reference again is no second order; and of a send that broke off before anything was bought,
  /// it is the first.
  @Test(arguments: Desk.allCases)
  func aRepeatedReferenceIsNoSecondOrder(_ desk: Desk) async throws {
    try await with(desk, [.loseAnswer: .share(0.5), .loseCreated: .share(0.5)]) { panel, client, account in
      for number in 0..<20 {
        let reference = Self.reference(number)
        for _ in 0..<3 {
          let sent = await client.send(reference: reference, parameters: desk.parameters(number), account: account).0
          switch sent.proof {
          case .accepted, .unknown: break
          default: Issue.record("\(sent)")
          }
        }
        #expect(await client.query(reference: reference, account: account).outcome.proof == .waiting)
      }
      #expect(panel.panel.orders.count == 20 && panel.panel.orders.allSatisfy { $0.debits == 1 && $0.sends == 1 })
      #expect((panel.faults.counts[.loseAnswer] ?? 0) > 3)
      if desk.adapter == "dtone" { #expect((panel.faults.counts[.loseCreated] ?? 0) > 3) }
    }
  }

  /// What is known of Reloadly: two at once both find the identifier free. That is why one send waits for the other.
  @Test func twoAtOnceAreTwoOrdersAtReloadly() async throws {
    try await with(.topUps, sendTakes: .milliseconds(50)) { panel, client, account in
      _ = await client.probe(account: account)
      await withTaskGroup(of: Void.self) { group in
        for _ in 0..<3 {
          group.addTask {
            _ = await client.send(
              reference: Self.reference(1), parameters: Desk.topUps.parameters(1), account: account)
          }
        }
      }
      #expect(panel.panel.orders.map(\.debits) == [3])
      let report = AuditReport(panel.panel, faults: panel.faults, books: panel.apiBooks, summary: true)
      #expect(report.doubles_by_reference == [Self.reference(1)])
    }
  }

  @Test(arguments: Desk.allCases)
  func aPoorDealerAndAStrangerAreTurnedAway(_ desk: Desk) async throws {
    try await with(desk) { panel, client, account in
      let set = HTTPRequest(method: "POST", path: "/_balance", body: Array(#"{"set":"1"}"#.utf8))
      #expect(panel.answer(set).status == 200)
      let poor = await client.send(reference: Self.reference(1), parameters: desk.parameters(1), account: account).0
      guard case .accountTrouble(_, isBalance: true) = poor else {
        Issue.record("\(poor)")
        return
      }
      var stranger = account
      for name in ["client_secret", "secret"] { stranger.credentials[name] = "wrong" }
      let shut = await client.send(reference: Self.reference(2), parameters: desk.parameters(2), account: stranger).0
      #expect(shut.proof == (desk.adapter == "dtone" ? .accountTrouble : .notSent))
      guard case (.notWorking, _) = await client.probe(account: stranger) else {
        Issue.record("a wrong login works")
        return
      }
      #expect(panel.panel.orders.isEmpty)
    }
  }

  /// Every answer that the simulator can give: a row explains it and says what is so, or it settles nothing.
  @Test(arguments: Desk.allCases)
  func whateverItAnswersSettlesNothingUntrue(_ desk: Desk) async throws {
    let silent: Set<Fault> = [.stall, .queryStall, .slow, .answerLate]
    for fault in Fault.allCases where !silent.contains(fault) {
      try await with(desk, [fault: .share(1)]) { panel, client, account in
        for number in 0..<6 {
          let reference = Self.reference(number)
          let (sent, sending) = await client.send(
            reference: reference, parameters: desk.parameters(number), account: account)
          let order = panel.panel.order(reference)
          switch sent {
          case .accepted: #expect(order != nil, "\(desk) \(fault)")
          case .delivered: Issue.record("\(desk) \(fault): nothing was delivered yet")
          case .notSent: #expect(fault == .loginFails && order == nil, "\(desk) \(fault): it was sent")
          case .refused, .accountTrouble: #expect(order == nil || fault == .refuseBooked, "\(desk) \(fault): \(sent)")
          case .unknown: break
          }
          if sending.isUnfamiliar { #expect(sent.proof == .unknown, "\(desk) \(fault)") }
          for state in ["waiting", "completed", "cancelled"] {
            if state != "waiting", order != nil { settle(panel, reference, state) }
            let (outcome, asking, _) = await client.query(reference: reference, account: account)
            if asking.isUnfamiliar { #expect(outcome.proof == .unintelligible, "\(desk) \(fault)") }
            switch outcome {
            case .completed(let pin, _):
              #expect(order != nil && state == "completed", "\(desk) \(fault): \(asking)")
              // Where it vanished there is none, which a route that wants one does not take.
              if desk.hasPin, fault != .pinVanishes { #expect(order?.pin == pin?.secret, "\(desk) \(fault)") }
            case .cancelled: #expect(order != nil && state == "cancelled", "\(desk) \(fault): \(asking)")
            case .notFound: #expect(order == nil, "\(desk) \(fault): \(asking)")
            case .waiting: #expect(order != nil, "\(desk) \(fault)")
            case .queryFailed, .unintelligible: break
            }
            if let pin = order?.pin {
              #expect(!String(decoding: asking.reply, as: UTF8.self).contains(pin.prefix(8)), "\(desk) \(fault)")
            }
          }
        }
      }
    }
  }

  /// A hundred orders with everything going wrong, sent again one after the other as long as nothing is found, and asked until they
  /// end: each is debited once, and what we take for true is what the books say.
  @Test(arguments: Desk.allCases, [3, 4] as [UInt64])
  func manyOrdersWithFaultsAreBoughtOnce(_ desk: Desk, _ seed: UInt64) async throws {
    let rate = FaultRate.share(0.03)
    let all: [Fault] = [
      .dropRequest, .html, .empty, .truncated, .serverError, .forbidden, .tooMany, .byteOrderMark, .loseAnswer,
      .loseCreated, .refuseBooked, .turnAway, .queryFails, .queryEmpty, .unknownStatus, .pinVanishes, .cancelCut,
      .notice, .secondLine, .stray, .wrongLength, .redirect, .gzip, .textNumbers,
    ]
    var faults = Dictionary(uniqueKeysWithValues: all.map { ($0, rate) })
    // One in so many seconds: a token that is refused is not replaced more often.
    faults[.tokenRefused] = .next(1)
    try await with(desk, faults, seed: seed, completeAfter: .milliseconds(1)) { panel, client, account in
      var ended: [Int: Query] = [:]
      for number in 0..<100 {
        let reference = Self.reference(number)
        _ = await client.send(reference: reference, parameters: desk.parameters(number), account: account)
        var said: [(Query, [UInt8])] = []
        for _ in 0..<400 where ended[number] == nil {
          let (answer, _, substance) = await client.query(reference: reference, account: account)
          let outcome = desk.hasPin ? answer.demandingPin : answer
          switch outcome {
          case .notFound:
            // Twice in a row: as its facts say, one after the other.
            said.append((outcome.proof, []))
            guard said.suffix(2).map(\.0) == [.notFound, .notFound] else { continue }
            said = []
            _ = await client.send(reference: reference, parameters: desk.parameters(number), account: account)
          case .completed, .cancelled:
            if said.last?.0 == outcome.proof, said.last?.1 == substance { ended[number] = outcome.proof }
            said.append((outcome.proof, substance))
          case .waiting, .queryFailed, .unintelligible: break
          }
        }
      }
      #expect(ended.count == 100)
      for number in 0..<100 {
        let order = panel.panel.order(Self.reference(number))
        #expect(order?.debits == 1 && order?.sends == 1, "\(desk) \(number): \(String(describing: order))")
        #expect(ended[number] == .completed(desk.hasPin ? order?.pin : nil), "\(desk) \(number)")
      }
      let report = AuditReport(panel.panel, faults: panel.faults, books: panel.apiBooks, summary: true)
      #expect(report.doubles_by_reference.isEmpty && report.doubles_by_player.isEmpty && report.unconfirmed == 0)
      #expect(panel.faults.counts.count > 15, "\(panel.faults.counts)")
    }
  }

  private func statement(
    _ client: ProviderClient, _ account: ProviderAccount, whilePage: () async throws -> Void = {}
  ) async throws -> [StatementPage.Line] {
    var found: [StatementPage.Line] = []
    try await client.statement(since: 0, until: 9_000_000_000_000, account: account) { _ in
    } again: {
      found = []
    } _: { lines in
      found += lines
      try await whilePage()
    }
    return found
  }

  /// More orders than a page takes, and one more that arrives while they are listed: each is there once, with what it cost.
  @Test(arguments: Desk.allCases)
  func theStatementHasEachOrderOnce(_ desk: Desk) async throws {
    try await with(desk) { panel, client, account in
      let count = desk.adapter == "dtone" ? DTOne.statementRows + 5 : Reloadly.statementRows + 5
      for number in 0..<count { book(panel, desk, number) }
      settle(panel, Self.reference(1), "completed")
      settle(panel, Self.reference(2), "cancelled")
      if desk.adapter == "dtone" { unconfirmed(panel, 9000) }
      var isFirst = true
      let lines = try await statement(client, account) {
        if isFirst { book(panel, desk, count) }
        isFirst = false
      }
      #expect(lines.count == count || lines.count == count + 1)
      #expect(Set(lines.compactMap(\.reference)).isSuperset(of: (0..<count).map(Self.reference)))
      #expect(Set(lines.map(\.providerID)).count == lines.count)
      func saying(_ meaning: StatementRule.Meaning?) -> Int { lines.count { $0.meaning == meaning } }
      #expect(saying(.delivered) == 1 && saying(.cancelled) == 1 && saying(nil) == 0)
      #expect(lines.allSatisfy { !$0.isDamaged && $0.amount == panel.panel.orders[0].price && $0.at != nil })
      // What is outside of the time is not on the list, as far as its dates can be trusted.
      var old: [StatementPage.Line] = []
      try await client.statement(since: 0, until: 1000, account: account, again: {}) { old += $0 }
      #expect(old.isEmpty)
    }
  }

  /// Whatever goes wrong with the lists: they are had whole, or not at all.
  @Test(arguments: Desk.allCases)
  func aStatementIsWholeOrNone(_ desk: Desk) async throws {
    let silent: Set<Fault> = [.stall, .queryStall, .slow, .answerLate]
    for fault in Fault.allCases where !silent.contains(fault) {
      for rate in [FaultRate.share(1), .share(0.3), .next(1)] {
        try await with(desk) { panel, client, account in
          let count = desk.adapter == "dtone" ? DTOne.statementRows + 3 : Reloadly.statementRows + 3
          for number in 0..<count { book(panel, desk, number) }
          panel.faults.set(fault, rate)
          let references = Set((0..<count).map(Self.reference))
          guard let lines = try? await statement(client, account) else {
            // Who got no token is not given another one at once.
            let hasNoToken = fault == .loginFails && desk.adapter == "reloadly"
            #expect(rate != .next(1) || hasNoToken, "\(desk) \(fault): a single one is got over")
            return
          }
          #expect(Set(lines.compactMap(\.reference)) == references && lines.count == count, "\(desk) \(fault) \(rate)")
          #expect(lines.allSatisfy { $0.meaning == .waiting }, "\(desk) \(fault)")
        }
      }
    }
  }

  private func book(_ panel: PanelServer, _ desk: Desk, _ number: Int) {
    let product = desk.hasPin ? Product.byRow["101"] : Product.topUps["100"]
    let request = OrderRequest(
      reference: Self.reference(number), player: "u\(number)", phone: "", oyun: "1", kupur: product?.kupur ?? "",
      dealer: panel.options.kod, product: product, isOnce: true)
    guard case .accepted = panel.panel.accept(request, now: panel.now) else {
      Issue.record("\(number) is not taken")
      return
    }
  }

  /// Created at DT One, and nothing is booked of it.
  private func unconfirmed(_ panel: PanelServer, _ number: Int) {
    let request = OrderRequest(
      reference: Self.reference(number), player: "u", phone: "", oyun: "1", kupur: "60", product: Product.byRow["101"])
    panel.apiBooks.created[Self.reference(number)] = .init(request: request, twists: [], atMilliseconds: panel.now)
  }
}
