import EventLoop
import HTTPClient
import HTTPServer
import Orders
import Testing

@testable import Adapters
@testable import Calls
@testable import Simulator

/// Many orders in one question to another shop: only a row that repeats our reference is an answer.
@Suite(.timeLimit(.minutes(1))) struct InternalBatchTests {
  private static let references = (0..<3).map { "12345678901234567\($0)" }
  private static let account = ProviderAccount(
    id: 1, name: "friend", adapter: "internal", baseURL: "http://shop.example", credentials: ["token": "t"])
  private let shop = Internal()

  private func row(_ number: Int, _ status: String = "approved", names: String? = nil) -> String {
    let name = names ?? Zdk.uuid(of: Self.references[number])
    return #"{"orderId":"ID_\#(number)","status":"\#(status)","pin":"AB12-CD34-EF5\#(number)","note":"","#
      + #""externalStatus":"completed","externalOrderId":"\#(name)"}"#
  }

  private func outcomes(_ body: String, status: Int = 200) -> [Query?] {
    let parts = shop.parts(of: reply(body, status: status), about: Self.references)
    return zip(parts, Self.references).map { part, reference in
      part.map { shop.readQuery($0, about: reference, account: Self.account).proof }
    }
  }

  @Test func rowsAreFoundByTheReferenceThatTheyRepeat() {
    #expect(
      outcomes("[\(row(2)),\(row(0, "pending")),\(row(1, names: Zdk.uuid(of: Self.references[1]).uppercased()))]")
        == [.waiting, .completed("AB12-CD34-EF51"), .completed("AB12-CD34-EF52")])
    #expect(outcomes("[\(row(1))]") == [nil, .completed("AB12-CD34-EF51"), nil])
    // Passed on, it may have the name of an order elsewhere.
    #expect(outcomes("[\(row(0, names: "stub-77")),\(row(1, names: ""))]") == [nil, nil, nil])
    #expect(outcomes("[\(row(0)),\(row(0))]") == [.unintelligible, nil, nil])
    #expect(outcomes("[]") == [nil, nil, nil])
  }

  @Test func whatIsAboutTheQuestionIsEverybodys() {
    #expect(outcomes(#"{"error":"UNAUTHORIZED"}"#, status: 401) == [.queryFailed, .queryFailed, .queryFailed])
    #expect(outcomes("", status: 502) == [.queryFailed, .queryFailed, .queryFailed])
    #expect(outcomes("[{") == [.unintelligible, .unintelligible, .unintelligible])
    // Of two orders under one name, or of any other trouble: each is asked about alone.
    #expect(outcomes(#"{"error":"SERVER_ERROR"}"#, status: 500) == [nil, nil, nil])
  }

  @LoopActor @Test func oneOrderThatIsThereTwiceHidesNoOther() async throws {
    var options = SimulatorOptions()
    options.completeAfter = .zero
    let panel = PanelServer(options)
    let server = HTTPServer(host: "127.0.0.1", port: 0) { await panel.serve($0) }
    try server.start()
    let http = HTTPClient(connectionsMax: 64)
    let client = ProviderClient(http: http)
    let account = ProviderAccount(
      id: 1, name: "friend", adapter: "internal", baseURL: "http://127.0.0.1:\(server.port)",
      credentials: ["token": options.token])
    let references = (10..<30).map { "1234567890123456\($0)" }
    let parameters = ["package": "101", "user_identifier": "5"]
    func askAll() async -> [String: Query] {
      await withTaskGroup { group in
        for reference in references {
          group.addTask { (reference, await client.query(reference: reference, account: account).outcome.proof) }
        }
        var found: [String: Query] = [:]
        for await (reference, proof) in group { found[reference] = proof }
        return found
      }
    }
    for reference in references {
      _ = await client.send(reference: reference, parameters: parameters, account: account)
    }
    let before = panel.panel.queries
    let pins = references.map { Query.completed(Panel.pin(seed: 1, reference: Zdk.uuid(of: $0))) }
    #expect(await askAll() == Dictionary(uniqueKeysWithValues: zip(references, pins)))
    #expect((1...4).contains(panel.panel.queries - before))
    // It is not idempotent.
    _ = await client.send(reference: references[7], parameters: parameters, account: account)
    let after = await askAll()
    for (number, reference) in references.enumerated() {
      #expect(after[reference] == (number == 7 ? .queryFailed : pins[number]), "\(number)")
    }
    await server.stop(grace: .zero)
    http.close()
  }
}
