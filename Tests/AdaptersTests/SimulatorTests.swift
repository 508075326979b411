import Adapters
import Calls
import EventLoop
import Foundation
import HTTPClient
import HTTPServer
import Orders
import Testing

@testable import Simulator

/// The simulated panel as the adapter sees it, over HTTP.
@LoopActor
@Suite struct SimulatorTests {
  func with(
    _ faults: [Fault: FaultRate] = [:], unknown: SimulatorOptions.UnknownReference = .bare3,
    _ body: (PanelServer, ProviderClient, ProviderAccount) async throws -> Void
  ) async throws {
    var options = SimulatorOptions()
    options.faults = faults
    options.unknownReference = unknown
    // Only a person ends an order here, so that no test depends on time.
    options.completeAfter = .seconds(3600)
    let panel = PanelServer(options)
    let server = HTTPServer(host: "127.0.0.1", port: 0) { await panel.answer($0) }
    try server.start()
    let account = ProviderAccount(
      id: 1, name: "simulator", adapter: "znet", baseURL: "http://127.0.0.1:\(server.port)",
      credentials: ["kod": options.kod, "sifre": options.sifre], timeout: .milliseconds(500))
    try await body(panel, ProviderClient(http: HTTPClient(connectionsMax: 4)), account)
    await server.stop(grace: .zero)
  }

  func audit(_ panel: PanelServer) throws -> [String: Any] {
    try json(panel.answer(HTTPRequest(method: "GET", path: "/_audit")))
  }

  func post(_ panel: PanelServer, _ path: String, _ body: String) -> HTTPResponse {
    panel.answer(HTTPRequest(method: "POST", path: path, body: Array(body.utf8)))
  }

  func json(_ response: HTTPResponse) throws -> [String: Any] {
    guard case .bytes(let bytes) = response.body else { return [:] }
    return try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
  }

  @Test func fulfilsAnOrder() async throws {
    try await with { panel, client, account in
      let (sent, _) = await client.send(reference: "1001", parameters: parameters, account: account)
      #expect(sent.proof == .accepted("32.50", "99967.50"))
      let (waiting, _, _) = await client.query(reference: "1001", account: account)
      #expect(waiting.proof == .waiting)
      #expect(post(panel, "/_settle", #"{"reference":"1001","state":"completed"}"#).status == 200)
      let (done, _, _) = await client.query(reference: "1001", account: account)
      #expect(done.proof == .completed(Panel.pin(seed: 1, reference: "1001")))
      #expect(post(panel, "/_settle", #"{"reference":"1001","state":"cancelled"}"#).status == 200)
      let (cancelled, _, _) = await client.query(reference: "1001", account: account)
      #expect(cancelled.proof == .cancelled)
      let report = try audit(panel)
      #expect(report["balance"] as? String == "100000.00")
      #expect(report["sends"] as? Int == 1)
      #expect(report["queries"] as? Int == 3)
      let order = try #require((report["orders"] as? [[String: Any]])?.first)
      #expect(order["debits"] as? Int == 1)
      #expect(order["credits"] as? Int == 1)
      #expect(order["player"] as? String == "5123")
    }
  }

  @Test func aTopUpHasNoPin() async throws {
    try await with { panel, client, account in
      let topUp = parameters.merging(["oyun": "3", "kupur": "86"]) { $1 }
      _ = await client.send(reference: "1", parameters: topUp, account: account)
      _ = post(panel, "/_settle", #"{"reference":"1","state":"completed"}"#)
      let (outcome, _, _) = await client.query(reference: "1", account: account)
      #expect(outcome.proof == .completed(nil))
    }
  }

  @Test func refusesAsThePanelDoes() async throws {
    try await with { _, client, account in
      let wrong = parameters.merging(["kupur": "61"]) { $1 }
      let (refused, _) = await client.send(reference: "1", parameters: wrong, account: account)
      #expect(refused == .refused("“Kupur Bilgisi Bulunamadı”"))
      let (missing, _, _) = await client.query(reference: "1", account: account)
      #expect(missing.proof == .queryFailed)
      var stranger = account
      stranger.credentials["sifre"] = "wrong"
      let (shut, _) = await client.send(reference: "2", parameters: parameters, account: stranger)
      #expect(shut.proof == .unknown)
      guard case (.notWorking, _) = await client.probe(account: stranger) else {
        Issue.record("a wrong password worked")
        return
      }
      guard case (.working(let balance), _) = await client.probe(account: account) else {
        Issue.record("the right password did not work")
        return
      }
      #expect(balance?.description == "100000.00")
      let (items, _) = await client.catalog(account: account)
      let areMappable = try items.get().map(\.isMappable)
      #expect(areMappable == [true, true, true, true, true])
    }
  }

  /// Some panels say it as code 8, which says either of two things, and some as a refusal.
  @Test func aPoorDealerIsToldSoInOneOfTwoWays() async throws {
    try await with { panel, client, account in
      #expect(post(panel, "/_balance", #"{"add":"-99990"}"#).status == 200)
      var proofs: [Send] = []
      for number in 0..<20 {
        proofs.append(await client.send(reference: "\(number)", parameters: parameters, account: account).0.proof)
      }
      #expect(proofs.contains(.unknown) && proofs.contains(.accountTrouble))
      #expect(proofs.allSatisfy { $0 == .unknown || $0 == .accountTrouble })
      let report = try audit(panel)
      #expect(report["orders_count"] as? Int == 0)
    }
  }

  /// Each fault as the adapter must take it, and whether the panel has booked the order.
  @Test(arguments: [
    (Fault.dropRequest, Send.unknown, 0), (.loseAnswer, .unknown, 1), (.stall, .unknown, 1), (.forbidden, .unknown, 0),
    (.tooMany, .unknown, 0), (.loginFails, .accountTrouble, 0), (.turnAway, .accountTrouble, 0),
    (.doubleDebit, .accepted("32.50", "99935.00"), 2),
    (.wrongCost, .accepted("65.00", "99967.50"), 1), (.byteOrderMark, .accepted("32.50", "99967.50"), 1),
    (.windows1254, .accepted("32.50", "99967.50"), 1), (.slow, .unknown, 1),
  ])
  func spoilsASend(_ fault: Fault, _ proof: Send, _ debits: Int) async throws {
    try await with([fault: .share(1)]) { panel, client, account in
      let (outcome, _) = await client.send(reference: "1", parameters: parameters, account: account)
      #expect(outcome.proof == proof)
      let report = try audit(panel)
      let booked = (report["orders"] as? [[String: Any]])?.first?["debits"] as? Int ?? 0
      #expect(booked == debits)
      #expect(report["faults"] as? [String: Int] == [fault.rawValue: 1])
      // However the answer was spoilt, it was one send.
      #expect((report["doubles_by_reference"] as? [String])?.isEmpty == true)
      #expect(report["sends"] as? Int == 1)
    }
  }

  @Test(arguments: [Fault.html, .empty, .serverError])
  func leavesOpenWhetherASpoiltSendWasBooked(_ fault: Fault) async throws {
    try await with([fault: .share(1)]) { panel, client, account in
      for number in 0..<20 {
        let (outcome, _) = await client.send(reference: "\(number)", parameters: parameters, account: account)
        #expect(outcome.proof == .unknown)
      }
      let report = try audit(panel)
      let booked = try #require(report["orders_count"] as? Int)
      #expect((1..<20).contains(booked))
    }
  }

  @Test(arguments: [
    (Fault.queryFails, Query.queryFailed), (.queryEmpty, .queryFailed), (.queryStall, .queryFailed),
    (.html, .queryFailed), (.serverError, .queryFailed), (.loginFails, .queryFailed), (.dropRequest, .queryFailed),
    (.unknownStatus, .waiting), (.pinVanishes, .completed(nil)),
  ])
  func spoilsAQuestion(_ fault: Fault, _ proof: Query) async throws {
    try await with { panel, client, account in
      _ = await client.send(reference: "1", parameters: parameters, account: account)
      _ = post(panel, "/_settle", #"{"reference":"1","state":"completed"}"#)
      #expect(post(panel, "/_faults", "{\"\(fault.rawValue)\":1}").status == 200)
      let (outcome, _, _) = await client.query(reference: "1", account: account)
      #expect(outcome.proof == proof)
    }
  }

  /// What it says to the copy of a request is not what it did with the first.
  @Test func booksAndThenRefuses() async throws {
    try await with([.refuseBooked: .share(1)]) { panel, client, account in
      var proofs: [Send] = []
      for number in 0..<40 {
        proofs.append(await client.send(reference: "\(number)", parameters: parameters, account: account).0.proof)
        let (asked, _, _) = await client.query(reference: "\(number)", account: account)
        #expect(asked.proof == .waiting)
      }
      for proof in [Send.refused, .accountTrouble, .unknown] { #expect(proofs.contains(proof)) }
      let count = try audit(panel)["orders_count"] as? Int
      #expect(count == 40)
    }
  }

  /// No spoilt line settles the order, and none gives away a PIN.
  @Test(arguments: [Fault.cancelCut, .notice, .secondLine, .pinCut])
  func aLineThatLiesSettlesNothing(_ fault: Fault) async throws {
    try await with { panel, client, account in
      _ = await client.send(reference: "1", parameters: parameters, account: account)
      _ = post(panel, "/_settle", #"{"reference":"1","state":"completed"}"#)
      #expect(post(panel, "/_faults", "{\"\(fault.rawValue)\":1}").status == 200)
      let pin = Panel.pin(seed: 1, reference: "1")
      for _ in 0..<20 {
        let (outcome, exchange, _) = await client.query(reference: "1", account: account)
        #expect([.queryFailed, .unintelligible].contains(outcome.proof), "\(outcome)")
        let shown = String(decoding: exchange.reply, as: UTF8.self)
        #expect(!shown.contains(pin.prefix(8)) && !outcome.text.contains(pin.prefix(8)), "\(shown)")
      }
    }
  }

  @Test func aLongRequestAndAnOddOneAreTurnedAwayAtTheDoor() async throws {
    try await with { panel, client, account in
      for player in [String(repeating: "9", count: 5000), "<script>"] {
        var odd = parameters
        odd["oyuncu_bilgi"] = player
        let (outcome, exchange) = await client.send(reference: "1", parameters: odd, account: account)
        #expect(outcome.proof == .unknown && [403, 414].contains(exchange.status))
      }
      let count = try audit(panel)["orders_count"] as? Int
      #expect(count == 0)
    }
  }

  @Test func takesFaultsAtRunTime() async throws {
    try await with([.stall: .next(3)]) { panel, _, _ in
      #expect(post(panel, "/_faults", ##"{"lose-answer":0.25,"html":"#2","stall":0}"##).status == 200)
      let shown = try json(panel.answer(HTTPRequest(method: "GET", path: "/_faults")))
      #expect(shown["lose-answer"] as? Double == 0.25)
      #expect(shown["html"] as? String == "#2")
      #expect(shown.count == 2)
      for wrong in [#"{"nope":1}"#, #"{"html":7}"#, "[]", ""] { #expect(post(panel, "/_faults", wrong).status == 400) }
      #expect(post(panel, "/_settle", #"{"reference":"9","state":"completed"}"#).status == 404)
      #expect(post(panel, "/_settle", #"{"reference":"9","state":"waiting"}"#).status == 400)
      #expect(post(panel, "/_balance", #"{"add":"lots"}"#).status == 400)
    }
  }

  @Test func aRepeatedReferenceIsASecondOrder() async throws {
    try await with { panel, client, account in
      for _ in 0..<2 { _ = await client.send(reference: "1", parameters: parameters, account: account) }
      let report = try audit(panel)
      #expect(report["doubles_by_reference"] as? [String] == ["1"])
      #expect(report["spent"] as? String == "65.00")
    }
  }
}
