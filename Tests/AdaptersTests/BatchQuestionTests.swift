import EventLoop
import Foundation
import HTTPClient
import HTTPServer
import Orders
import Testing

@testable import Adapters
@testable import Calls
@testable import Simulator

/// Many references in one question: each is answered as if it had been asked about alone, or is asked about alone.
@Suite(.serialized, .timeLimit(.minutes(1))) struct BatchQuestionTests {
  private static let references = (0..<3).map { "12345678901234567\($0)" }
  private static let account = ProviderAccount(
    id: 1, name: "store", adapter: "zdk", baseURL: "http://store.example", credentials: ["token": "t"])
  private let zdk = Zdk()

  private func row(_ number: Int, _ status: String = "accept", name: String = "order_uuid", pin: String? = nil)
    -> String
  {
    let uuid = Zdk.uuid(of: Self.references[number])
    let id = name == "order_id" ? "" : #""order_id":"ID_\#(number)","#
    return #"{\#(id)"\#(name)":"\#(uuid)","status":"\#(status)","replay_api":["\#(pin ?? "AB12-CD3\(number)")"]}"#
  }

  private func outcomes(_ body: String, status: Int = 200) -> [Query?] {
    let parts = zdk.parts(of: WireReply(status: status, body: Array(body.utf8)), about: Self.references)
    return zip(parts, Self.references).map { part, reference in
      part.map { zdk.readQuery($0, about: reference, account: Self.account).proof }
    }
  }

  private func list(_ rows: String...) -> String { #"{"status":"OK","data":[\#(rows.joined(separator: ","))]}"# }

  @Test func rowsAreFoundByTheReferenceAndNotByTheirPlace() {
    #expect(
      outcomes(list(row(2), row(0, "wait"), row(1, name: "order_id")))
        == [.waiting, .completed("AB12-CD31"), .completed("AB12-CD32")])
  }

  @Test func whatTheListLacksIsAskedAboutAlone() {
    #expect(outcomes(list(row(1))) == [nil, .completed("AB12-CD31"), nil])
    #expect(outcomes(list()) == [nil, nil, nil])
    // A row that says whose it is in the store's own words only.
    let nameless = #"{"order_id":"ID_7","status":"accept","replay_api":["AB12-CD34"]}"#
    #expect(outcomes(list(nameless, nameless, nameless)) == [nil, nil, nil])
    #expect(outcomes(list(nameless, row(0))) == [.completed("AB12-CD30"), nil, nil])
  }

  @Test func twoRowsOfOneOrderSettleNothing() {
    #expect(outcomes(list(row(0), row(0, "reject"), row(1))) == [.unintelligible, .completed("AB12-CD31"), nil])
  }

  /// What is about the question says nothing of any order, and is no reason to ask about each.
  @Test(arguments: [
    (#"{"status":"ERROR","code":121,"msg":"Token error"}"#, 200), ("", 200), ("<html></html>", 200), ("x", 502),
  ])
  func aFailureIsEverybodys(_ body: String, _ status: Int) {
    #expect(outcomes(body, status: status) == [.queryFailed, .queryFailed, .queryFailed])
  }

  @Test(arguments: [#"{"status":"OK","data":[{"order_uuid":""#, #"{"status":"OK","data":[]}{"status":"OK","data":[]}"#])
  func soIsWhatMakesNoSense(_ body: String) {
    #expect(outcomes(body) == [.unintelligible, .unintelligible, .unintelligible])
  }

  @LoopActor
  private func with(
    _ options: SimulatorOptions, orders: Int,
    _ body: (PanelServer, ProviderClient, ProviderAccount, [String]) async throws
      -> Void
  ) async throws {
    var options = options
    options.completeAfter = .zero
    let panel = PanelServer(options)
    let server = HTTPServer(host: "127.0.0.1", port: 0) { await panel.serve($0) }
    try server.start()
    let http = HTTPClient(connectionsMax: 64)
    let client = ProviderClient(http: http)
    let account = ProviderAccount(
      id: 1, name: "store", adapter: "zdk", baseURL: "http://127.0.0.1:\(server.port)",
      credentials: ["token": options.token])
    let references = (0..<orders).map { "1234567890123456" + ($0 < 10 ? "0" : "") + "\($0)" }
    for reference in references {
      _ = await client.send(reference: reference, parameters: ["product": "101", "playerId": "5"], account: account)
    }
    try await body(panel, client, account, references)
    await server.stop(grace: .zero)
    http.close()
  }

  /// Each with its own PIN, and nothing of another's in what is kept of it.
  @LoopActor @Test func oneCallAnswersMany() async throws {
    try await with(SimulatorOptions(), orders: 20) { panel, client, account, references in
      let before = panel.panel.queries
      let answers = await withTaskGroup { group in
        for reference in references {
          group.addTask { (reference, await client.query(reference: reference, account: account)) }
        }
        var found: [String: (outcome: QueryOutcome, exchange: Exchange, substance: [UInt8])] = [:]
        for await (reference, answer) in group { found[reference] = answer }
        return found
      }
      // What comes in the ticks after the first call left waits for the next.
      let calls = panel.panel.queries - before
      #expect((1...4).contains(calls))
      let pins = references.map { Panel.pin(seed: 1, reference: Zdk.uuid(of: $0)) }
      for (reference, pin) in zip(references, pins) {
        let (outcome, exchange, substance) = try #require(answers[reference])
        #expect(outcome.proof == .completed(pin) && substance == Array(pin.utf8))
        #expect(exchange.request.contains(Zdk.uuid(of: reference)))
        let kept = exchange.request + String(decoding: exchange.reply, as: UTF8.self)
        #expect(!pins.contains { kept.contains($0) })
        #expect(!references.contains { $0 != reference && kept.contains(Zdk.uuid(of: $0)) })
      }
      #expect(answers.values.count { !$0.1.isCopy } == calls)
      // One that came in a tick of its own was asked alone.
      #expect(answers.values.contains { $0.exchange.request.contains(" more references") })
    }
  }

  /// A store whose rows name only its own ids is asked one by one, and not in vain again.
  @LoopActor @Test func whereRowsNameNobodyEachIsAskedAlone() async throws {
    var options = SimulatorOptions()
    options.namesUUIDs = false
    try await with(options, orders: 3) { panel, client, account, references in
      for calls in [1 + 3, 3] {
        let before = panel.panel.queries
        await withTaskGroup { group in
          for reference in references {
            group.addTask {
              let pin = Panel.pin(seed: 1, reference: Zdk.uuid(of: reference))
              #expect(await client.query(reference: reference, account: account).outcome.proof == .completed(pin))
            }
          }
        }
        #expect(panel.panel.queries - before == calls)
      }
    }
  }
}
