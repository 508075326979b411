import Adapters
import Calls
import EventLoop
import Glibc
import HTTPClient
import HTTPServer
import Orders
import Testing

@testable import Simulator

/// A provider that answers from a list, and keeps what it was asked.
@LoopActor
final class ScriptedProvider {
  private(set) var seen: [HTTPRequest] = []
  private var answers: [HTTPResponse]
  private var server: HTTPServer?

  nonisolated init(_ answers: [HTTPResponse]) { self.answers = answers }

  /// Runs `body` with an account at this provider.
  func serve(_ body: (ProviderClient, ProviderAccount) async throws -> Void) async throws {
    let server = HTTPServer(host: "127.0.0.1", port: 0) { await self.answer($0) }
    try server.start()
    var account = account
    account.baseURL = "http://127.0.0.1:\(server.port)"
    account.timeout = .milliseconds(500)
    try await body(ProviderClient(http: HTTPClient(connectionsMax: 4)), account)
    await server.stop(grace: .zero)
  }

  private func answer(_ request: HTTPRequest) -> HTTPResponse {
    seen.append(request)
    return answers.isEmpty ? HTTPResponse(status: 500) : answers.removeFirst()
  }
}

private func line(_ text: String) -> HTTPResponse { HTTPResponse(status: 200, body: Array(text.utf8)) }

private func expectNoSecrets(_ exchange: Exchange) {
  let shown = "\(exchange) \(String(decoding: exchange.reply, as: UTF8.self))"
  for secret in ["5559990001", "g&zli", "g%26zli"] { #expect(!shown.contains(secret)) }
}

@LoopActor
@Suite struct ProviderClientTests {
  @Test(arguments: [HTTPResponse.Abort.reset, .close, .stall])
  func aLostAnswerIsUnknownAndNotRepeated(_ abort: HTTPResponse.Abort) async throws {
    let provider = ScriptedProvider([.abort(abort), line("OK|1.00|2.00")])
    try await provider.serve { client, account in
      let (outcome, exchange) = await client.send(reference: "42", parameters: parameters, account: account)
      #expect(outcome.proof == .unknown)
      #expect(exchange.status == nil)
      #expect(exchange.error?.isEmpty == false)
      #expect(exchange.request.contains("referans=42"))
      expectNoSecrets(exchange)
    }
    #expect(provider.seen.count == 1)
  }

  /// Whoever reads it sees where the panel has moved to, without the login that stood in the question.
  @Test func aRedirectIsShownWithItsTargetAndNotFollowed() async throws {
    let target = "https://a:g%26zli@new.example/bayi?bayi_kodu=5559990001&sifre=g%26zli#top"
    let moved = HTTPResponse(status: 302, headers: [("Location", target)])
    let provider = ScriptedProvider([moved, line("OK|1.00|2.00")])
    try await provider.serve { client, account in
      let (outcome, exchange) = await client.send(reference: "42", parameters: parameters, account: account)
      #expect(outcome.proof == .unknown && exchange.status == 302)
      let shown = String(decoding: exchange.reply, as: UTF8.self)
      #expect(shown == "[it redirects to https://new.example/bayi, which is not followed] ", "\(shown)")
      expectNoSecrets(exchange)
    }
    #expect(provider.seen.count == 1)
  }

  @Test func aPackedAnswerIsReadAndACutOneIsNot() async throws {
    // gzip of "OK|1.00|2.00".
    let packed: [UInt8] = [
      31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 243, 247, 174, 49, 212, 51, 48, 168, 49, 2, 18, 0, 8, 67, 221, 244, 12, 0, 0, 0,
    ]
    let coding = [("Content-Encoding", "gzip")]
    let provider = ScriptedProvider([
      HTTPResponse(status: 200, headers: coding, body: packed),
      HTTPResponse(status: 200, headers: coding, body: packed.dropLast(4)),
    ])
    try await provider.serve { client, account in
      let (read, exchange) = await client.send(reference: "42", parameters: parameters, account: account)
      if case .accepted = read.proof {} else { Issue.record("\(read)") }
      #expect(exchange.reply == Array("OK|1.00|2.00".utf8))
      let (cut, _) = await client.send(reference: "43", parameters: parameters, account: account)
      #expect(cut.proof == .unknown)
    }
  }

  @Test func aRefusedConnectionIsNotSent() async throws {
    // Bound but not listening: nobody else can have the port, and nobody answers on it.
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        #expect(bind(descriptor, $0, length) == 0)
        #expect(getsockname(descriptor, $0, &length) == 0)
      }
    }
    var account = account
    account.baseURL = "http://127.0.0.1:\(UInt16(bigEndian: address.sin_port))"
    let client = ProviderClient(http: HTTPClient(connectionsMax: 1))
    let (sent, exchange) = await client.send(reference: "42", parameters: parameters, account: account)
    #expect(sent.proof == .notSent)
    expectNoSecrets(exchange)
    let (asked, asking, _) = await client.query(reference: "42", account: account)
    #expect(asked.proof == .queryFailed)
    expectNoSecrets(asking)
    guard case (.notWorking, _) = await client.probe(account: account) else {
      Issue.record("a probe of nothing worked")
      return
    }
    guard case (.failure, _) = await client.catalog(account: account) else {
      Issue.record("nothing had a catalogue")
      return
    }
  }

  @Test func readsAnAcceptance() async throws {
    let provider = ScriptedProvider([line("OK|32.50|100.00")])
    try await provider.serve { client, account in
      let (outcome, exchange) = await client.send(reference: "42", parameters: parameters, account: account)
      #expect(outcome.proof == .accepted("32.50", "100.00"))
      #expect(exchange.status == 200)
      #expect(String(decoding: exchange.reply, as: UTF8.self) == "OK|32.50|100.00")
    }
    let request = try #require(provider.seen.first)
    #expect(request.method == "GET")
    #expect(request.path == "/servis/pin_ekle.php")
    // What was encoded arrives as it was.
    #expect(request.query["sifre"] == account.credentials["sifre"])
    #expect(request.query["oyuncu_bilgi"] == "5123")
    #expect(request.query["referans"] == "42")
  }

  @Test func followsNoRedirect() async throws {
    let away = HTTPResponse(status: 302, headers: [("Location", "/servis/pin_ekle.php?again=1")])
    let provider = ScriptedProvider([away, line("OK|32.50|100.00")])
    try await provider.serve { client, account in
      let (outcome, _) = await client.send(reference: "42", parameters: parameters, account: account)
      #expect(outcome.proof == .unknown)
    }
    #expect(provider.seen.count == 1)
  }

  @Test func anEchoedPasswordIsNotKept() async throws {
    let echo = "3|kod=5559990001 sifre=g&zli şifre|1 g%26zli%20%C5%9Fifre%7C1 hatalı"
    let provider = ScriptedProvider([line(echo), line(echo), line("ERROR|\(echo)"), line("{\"x\":\"\(echo)\"}")])
    try await provider.serve { client, account in
      let (sent, first) = await client.send(reference: "42", parameters: parameters, account: account)
      #expect(sent.proof == .unknown)
      let (asked, second, _) = await client.query(reference: "42", account: account)
      let (probed, third) = await client.probe(account: account)
      let (listed, fourth) = await client.catalog(account: account)
      for text in ["\(sent)", "\(asked)", "\(probed)", "\(listed)"] {
        #expect(!text.contains("5559990001"))
        #expect(!text.contains("zli"))
      }
      for exchange in [first, second, third, fourth] { expectNoSecrets(exchange) }
    }
  }

  @Test func aPinIsDeliveredButNotKept() async throws {
    let provider = ScriptedProvider([line("OK|2|AB12-CD34|Kod: AB12-CD34")])
    try await provider.serve { client, account in
      let (outcome, exchange, substance) = await client.query(reference: "42", account: account)
      #expect(substance == Array("AB12-CD34".utf8))
      #expect(outcome == .completed(Pin("AB12-CD34"), note: "Kod: ••••"))
      #expect(String(decoding: exchange.reply, as: UTF8.self) == "OK|2|••••|Kod: ••••")
    }
    #expect(provider.seen.count == 1)
  }

  /// A store that answers with another order's row would do so twice.
  @Test func whatIsDeliveredWithoutAPinIsBorneOutByTheSameRowAlone() async throws {
    let rows = ["ID_1", "ID_2", "ID_1"].map { id in
      line(#"{"status":"OK","data":[{"order_id":"\#(id)","status":"accept","replay_api":[]}]}"#)
    }
    let provider = ScriptedProvider(rows)
    try await provider.serve { client, account in
      var account = account
      (account.adapter, account.credentials) = ("zdk", ["token": "secret-token"])
      var said: [[UInt8]] = []
      for _ in rows {
        let (outcome, _, substance) = await client.query(reference: "4242424242", account: account)
        guard case .completed(nil, _) = outcome else { return #expect(Bool(false), "\(outcome)") }
        said.append(substance)
      }
      #expect(said[0] == said[2] && said[0] != said[1])
    }
  }

  @Test func anUnknownAdapterSendsNothing() async throws {
    let provider = ScriptedProvider([])
    try await provider.serve { client, account in
      var account = account
      account.adapter = "nobodys"
      let (outcome, _) = await client.send(reference: "42", parameters: parameters, account: account)
      #expect(outcome.proof == .notSent)
      #expect(outcome.text.contains("nobodys"))
    }
    #expect(provider.seen.isEmpty)
  }
}
