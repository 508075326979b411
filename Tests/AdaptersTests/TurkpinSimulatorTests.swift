import Calls
import EventLoop
import HTTPClient
import HTTPServer
import Orders
import Testing

@testable import Adapters
@testable import Simulator

/// The simulated seller as its adapter sees it, over HTTP. It has no reference of ours: its books name orders by its own number.
@LoopActor
@Suite struct TurkpinSimulatorTests {
  private func with(
    _ faults: [Fault: FaultRate] = [:], _ body: (PanelServer, ProviderClient, ProviderAccount) async throws -> Void
  ) async throws {
    var options = SimulatorOptions()
    options.faults = faults
    options.completeAfter = .seconds(3600)
    let panel = PanelServer(options)
    let server = HTTPServer(host: "127.0.0.1", port: 0) { await panel.answer($0) }
    try server.start()
    let account = ProviderAccount(
      id: 1, name: "simulator", adapter: "turkpin", baseURL: "http://127.0.0.1:\(server.port)",
      credentials: ["username": options.kod, "password": options.sifre], timeout: .milliseconds(500))
    try await body(panel, ProviderClient(http: HTTPClient(connectionsMax: 4)), account)
    await server.stop(grace: .zero)
  }

  private func parameters(_ player: Int) -> [String: String] {
    ["oyunKodu": "1", "urunKodu": "101", "character": "p<\(player)>"]
  }

  private func settle(_ panel: PanelServer, _ number: String, _ state: String) {
    let body = Array(#"{"reference":"\#(number)","state":"\#(state)"}"#.utf8)
    #expect(panel.answer(HTTPRequest(method: "POST", path: "/_settle", body: body)).status == 200)
  }

  @Test func fulfilsAnOrderByTheSellersNumber() async throws {
    try await with { panel, client, account in
      let (sent, exchange) = await client.send(reference: "123", parameters: parameters(1), account: account)
      guard case .accepted(let receipt) = sent, let number = receipt.providerOrderID else {
        Issue.record("\(sent)")
        return
      }
      #expect(receipt.cost?.description == "32.50" && panel.panel.orders.first?.player == "p<1>")
      #expect(!exchange.request.contains("demo-") && !exchange.isUnfamiliar)
      #expect(await client.query(reference: number, account: account).outcome.proof == .waiting)
      // Another order's number is no answer about this one.
      #expect(await client.query(reference: "123", account: account).outcome.proof == .queryFailed)
      settle(panel, number, "completed")
      #expect(
        await client.query(reference: number, account: account).outcome.proof
          == .completed(Panel.pin(seed: 1, reference: number)))
      settle(panel, number, "cancelled")
      #expect(await client.query(reference: number, account: account).outcome.proof == .cancelled)
      guard case (.working(let balance), _) = await client.probe(account: account) else {
        Issue.record("does not work")
        return
      }
      #expect(balance?.description == "100000.00")
      let games = try await client.catalog(account: account).0.get()
      #expect(games.count == 3)
    }
  }

  /// Every answer that the simulator can give says what is so, or settles nothing.
  @Test func whateverItAnswersSettlesNothingUntrue() async throws {
    let silent: Set<Fault> = [.stall, .queryStall, .slow, .answerLate, .pinVanishes]
    for fault in Fault.allCases where !silent.contains(fault) {
      try await with([fault: .share(1)]) { panel, client, account in
        for player in 0..<8 {
          let before = panel.panel.orders.count
          let (sent, sending) = await client.send(reference: "1", parameters: parameters(player), account: account)
          let order = panel.panel.orders.count > before ? panel.panel.orders.last : nil
          switch sent {
          case .accepted(let receipt): #expect(receipt.providerID == order?.reference, "\(fault)")
          case .delivered: Issue.record("\(fault): nothing was delivered yet")
          case .notSent: Issue.record("\(fault): it was sent")
          case .refused, .accountTrouble, .unknown: break
          }
          if sending.isUnfamiliar { #expect(sent.proof == .unknown, "\(fault)") }
          guard let number = order?.reference else { continue }
          for state in ["waiting", "completed", "cancelled"] {
            if state != "waiting" { settle(panel, number, state) }
            let (outcome, asking, _) = await client.query(reference: number, account: account)
            if asking.isUnfamiliar { #expect(outcome.proof == .unintelligible, "\(fault)") }
            switch outcome {
            case .completed(let pin, _):
              #expect(state == "completed" && pin?.secret == order?.pin, "\(fault): \(asking)")
            case .cancelled: #expect(state == "cancelled", "\(fault): \(asking)")
            case .waiting, .notFound, .queryFailed, .unintelligible: break
            }
          }
        }
      }
    }
  }
}
