import Adapters
import Calls
import EventLoop
import HTTPClient
import HTTPServer
import Orders
import Testing

/// That another kind of provider fits: POST, JSON, a token first, a PIN at once, a webhook. See ``PostProvider``.
@LoopActor
@Suite struct PostProviderTests {
  private static let post = ProviderAccount(
    id: 8, name: "post", adapter: "post", baseURL: "",
    credentials: ["client_id": "c1", "client_secret": "very\"secret", "webhook_secret": "hook-secret"],
    timeout: .milliseconds(500))

  private static func json(_ text: String, status: Int = 200) -> HTTPResponse {
    HTTPResponse(status: status, headers: [("Content-Type", "application/json")], body: Array(text.utf8))
  }

  private static func token(_ value: String, seconds: Int = 3600) -> HTTPResponse {
    json(#"{"access_token":"\#(value)","expires_in":\#(seconds)}"#)
  }

  /// Runs `body` against a provider that gives those answers one after the other; what it was asked.
  private func serve(
    _ answers: [HTTPResponse], _ body: (ProviderClient, ProviderAccount) async throws -> Void
  ) async throws -> [HTTPRequest] {
    let provider = ScriptedProvider(answers)
    try await provider.serve { _, scripted in
      var account = Self.post
      account.baseURL = scripted.baseURL
      let http = HTTPClient(connectionsMax: 4)
      try await body(ProviderClient(http: http, adapters: [PostProvider()]), account)
    }
    return provider.seen
  }

  @Test func anOrderIsPostedUnderATokenThatIsAskedForOnce() async throws {
    let taken = Self.json(#"{"id":77,"customIdentifier":"42","status":"PENDING","cost":"1.5"}"#)
    let seen = try await serve([Self.token("T-1-secret"), taken, taken]) { client, account in
      let (outcome, exchange) = await client.send(
        reference: "42", parameters: ["productId": "5"], account: account)
      #expect(outcome == .accepted(Receipt(cost: Money(parsing: "1.5"), providerID: "77")))
      #expect(exchange.request == #"POST /orders {"productId":"5","customIdentifier":"42"}"#)
      #expect(exchange.method == "POST")
      let (asked, asking, _) = await client.query(reference: "42", account: account)
      #expect(asked == .waiting("pending"))
      #expect(asking.request == "GET /orders/by-custom-identifier/42")
    }
    try #require(seen.count == 3)
    #expect(seen.map(\.path) == ["/oauth/token", "/orders", "/orders/by-custom-identifier/42"])
    #expect(seen.map(\.method) == ["POST", "POST", "GET"])
    #expect(
      String(decoding: seen[0].body, as: UTF8.self)
        == "grant_type=client_credentials&client_id=c1&client_secret=very%22secret")
    #expect(seen[0].header("content-type") == "application/x-www-form-urlencoded")
    #expect(seen[1].header("content-type") == "application/json")
    #expect(seen[1].header("accept") == "application/vnd.post.v1+json")
    #expect(seen.dropFirst().allSatisfy { $0.header("authorization") == "Bearer T-1-secret" })
  }

  /// Some say by the status that there is no such order, and that is as good as a 200 that says so; a proxy's page is not.
  @Test func notThereMayBeAStatus() async throws {
    let missing = Self.json(#"{"error":"no such order"}"#, status: 404)
    let answers = [
      Self.token("T-1-secret"), missing, missing, Self.json("<h1>Not Found</h1>", status: 404),
      Self.json(#"{"error":"no such order"}"#, status: 500),
    ]
    _ = try await serve(answers) { client, account in
      let (ours, answer) = await client.compare(reference: "42", account: account)
      #expect(ours == .notFound("no such order"))
      let invented = await client.compare(reference: "43", account: account).1
      #expect(answer != nil && answer?.raw == invented?.raw)
      for _ in 0..<2 { #expect(await client.compare(reference: "42", account: account).1 == nil) }
    }
  }

  @Test func manyWhoNeedATokenAtOnceAskForOne() async throws {
    let taken = Self.json(#"{"id":77,"status":"PENDING"}"#)
    let answers = [Self.token("T-1-secret")] + [HTTPResponse](repeating: taken, count: 8)
    let seen = try await serve(answers) { client, account in
      await withTaskGroup(of: Void.self) { group in
        for number in 0..<8 { group.addTask { _ = await client.query(reference: "\(number)", account: account) } }
      }
    }
    #expect(seen.count { $0.path == "/oauth/token" } == 1)
    #expect(seen.count == 9)
  }

  @Test func withoutATokenNothingIsSent() async throws {
    let seen = try await serve([Self.json("no such client: c1 very\"secret", status: 401)]) { client, account in
      let (outcome, exchange) = await client.send(
        reference: "42", parameters: ["productId": "5"], account: account)
      #expect(outcome.proof == .notSent)
      #expect(outcome.text.contains("no token") && outcome.text.contains("401"))
      #expect(!"\(outcome)\(exchange)".contains("very\"secret"))
    }
    #expect(seen.map(\.path) == ["/oauth/token"])
  }

  @Test func aTokenThatWouldBeTwoHeadersIsNotSent() async throws {
    let seen = try await serve([Self.token(#"T-1\r\nX-Evil: 1"#)]) { client, account in
      let (outcome, _) = await client.send(reference: "42", parameters: ["productId": "5"], account: account)
      #expect(outcome.proof == .notSent)
    }
    #expect(seen.map(\.path) == ["/oauth/token"])
  }

  @Test func aTokenThatIsTakenNoMoreIsAskedForAnewAndNoSendRepeated() async throws {
    let seen = try await serve([
      Self.token("T-1-secret"), Self.json("expired: T-1-secret", status: 401), Self.token("T-2-secret"),
      Self.json(#"{"status":"PENDING"}"#),
    ]) { client, account in
      let (outcome, exchange) = await client.send(
        reference: "42", parameters: ["productId": "5"], account: account)
      #expect(outcome.proof == .unknown)
      // A token is a secret like the login.
      #expect(String(decoding: exchange.reply, as: UTF8.self) == "expired: ••••")
      #expect(await client.query(reference: "42", account: account).outcome.proof == .waiting)
    }
    #expect(seen.map(\.path) == ["/oauth/token", "/orders", "/oauth/token", "/orders/by-custom-identifier/42"])
    #expect(seen.last?.header("authorization") == "Bearer T-2-secret")
  }

  @Test func aPinThatComesAtOnceIsReadAndNotKept() async throws {
    let delivered = Self.json(#"{"id":77,"status":"DELIVERED","code":"AB12-CD34"}"#)
    _ = try await serve([Self.token("T-1-secret"), delivered]) { client, account in
      let (outcome, exchange) = await client.send(
        reference: "42", parameters: ["productId": "5"], account: account)
      #expect(outcome == .delivered(Pin("AB12-CD34"), note: "", Receipt(providerID: "77")))
      #expect(!String(decoding: exchange.reply, as: UTF8.self).contains("AB12"))
      #expect(!"\(outcome)".contains("AB12"))
    }
  }

  @Test func aNoticeIsOnlyBelievedWithItsSignature() {
    let body = Array(#"{"id":77,"customIdentifier":"42","status":"DELIVERED","code":"AB12-CD34"}"#.utf8)
    func read(_ headers: [(name: String, value: String)], _ body: [UInt8]) -> Notice {
      PostProvider().readNotice(.init(target: "/hook", headers: headers, body: body), account: Self.post)
    }
    let subject = Notice.Subject(reference: "42", providerID: "77")
    #expect(
      read([("X-Signature", "hook-secret")], body) == .report(subject, .completed(Pin("AB12-CD34"), note: "")))
    #expect(read([], body) == .hint(subject))
    #expect(read([("X-Signature", "x")], body) == .rejected("a wrong signature"))
    #expect(read([], []) == .rejected("no notice"))
  }

  @Test func whatAnAdapterCantDoProvesNothing() async throws {
    let seen = try await serve([]) { client, account in
      #expect(!client.canProbe(account))
      guard case (.notWorking(let why), _) = await client.probe(account: account) else {
        Issue.record("probed without a probe")
        return
      }
      #expect(why == "the adapter post can't be probed")
      guard case (.failure, _) = await client.catalog(account: account) else {
        Issue.record("a catalogue of nothing")
        return
      }
    }
    #expect(seen.isEmpty)
  }

  @Test func theAdapterChoosesItsChannel() async throws {
    struct Echo: Channel {
      func carry(_ call: WireCall) async -> WireAttempt {
        WireAttempt(
          call, duration: .zero, result: .success(WireReply(status: 200, body: Array("OK|1.00|2.00".utf8))))
      }
    }
    let client = ProviderClient(channels: [.http: Echo()])
    #expect(
      await client.send(reference: "42", parameters: parameters, account: account).0.proof == .accepted("1.00", "2.00"))
    let (outcome, _) = await ProviderClient(channels: [:]).send(
      reference: "42", parameters: parameters, account: account)
    #expect(outcome == .notSent("this program has no channel http"))
  }
}
