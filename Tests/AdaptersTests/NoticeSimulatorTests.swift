import Calls
import EventLoop
import Foundation
import HTTPClient
import HTTPServer
import Orders
import Testing

@testable import Adapters
@testable import Simulator

/// What the simulator posts by itself, as a gateway would get it.
@LoopActor
@Suite(.timeLimit(.minutes(2))) struct NoticeSimulatorTests {
  /// Takes everything but the first of each order, so that it has to come again.
  @LoopActor
  private final class Desk {
    var bodies: [[UInt8]] = []

    func answer(_ request: HTTPRequest) -> HTTPResponse {
      bodies.append(request.body)
      return HTTPResponse(status: bodies.count == 1 ? 503 : 202, headers: [], body: [])
    }
  }

  @Test(arguments: ["dtone", "reloadly"])
  func everyChangeIsPostedAndLiesBesideIt(_ form: String) async throws {
    var options = SimulatorOptions()
    options.completeAfter = .milliseconds(50)
    let panel = PanelServer(options)
    let desk = Desk()
    let server = HTTPServer(host: "127.0.0.1", port: 0) { await desk.answer($0) }
    try server.start()
    let wish = #"{"urls":"http://127.0.0.1:\#(server.port)/hooks","form":"\#(form)","lies":"1"}"#
    let set = HTTPRequest(method: "POST", path: "/_notices", body: Array(wish.utf8))
    #expect(panel.answer(set).status == 200)
    let reference = "123456789012345678"
    _ = panel.panel.accept(
      OrderRequest(reference: reference, player: "p", phone: "", oyun: "1", kupur: "60", dealer: options.kod), now: 0)

    let adapter = try #require(AdapterRegistry.sevk.adapter(named: form) as? any NoticeAdapter)
    let account = ProviderAccount(
      id: 1, name: "simulator", adapter: form, baseURL: "http://x", credentials: [:], timeout: .seconds(1))
    func read(_ body: [UInt8]) -> Notice {
      adapter.readNotice(
        NoticeRequest(method: "POST", target: "/hooks", headers: [], body: body, hmacSHA256: { _, _ in [] }),
        account: account)
    }
    var subjects: [Notice.Subject] = []
    var rejected = 0
    while Set(subjects.map(\.reference)).count < 2 || rejected == 0
      || !(panel.notices?.counts.keys.contains("genuine 202") ?? false)
    {
      try await EventLoop.sleep(for: .milliseconds(20))
      (subjects, rejected) = ([], 0)
      for body in desk.bodies {
        switch read(body) {
        case .hint(let subject): subjects.append(subject)
        case .report: Issue.record("nobody signed it")
        case .rejected: rejected += 1
        }
      }
    }
    #expect(subjects.contains { $0.reference == reference })
    // An order that nobody made has no name of a real one.
    let strange = subjects.filter { $0.reference != reference }
    let number = panel.apiBooks.number(of: reference, seed: options.seed)
    #expect(strange.allSatisfy { $0.providerID != number }, "\(strange)")
    #expect(panel.notices?.counts["garbage 202"] ?? 0 > 0)
    await server.stop(grace: .zero)
  }

  @Test func aWishThatMakesNoSenseIsRefused() {
    let panel = PanelServer(SimulatorOptions())
    for body in ["", "{}", #"{"urls":"","form":"dtone","lies":"1"}"#, #"{"urls":"x","form":"znet","lies":"1"}"#] {
      let answer = panel.answer(HTTPRequest(method: "POST", path: "/_notices", body: Array(body.utf8)))
      #expect(answer.status == 400, "\(body)")
    }
    #expect(panel.notices == nil)
  }
}
