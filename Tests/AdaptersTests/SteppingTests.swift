import Adapters
import Calls
import EventLoop
import HTTPClient
import HTTPServer
import Orders
import Testing

/// Sends and questions of more than one request.
@LoopActor
@Suite(.timeLimit(.minutes(1))) struct SteppingTests {
  private nonisolated static let reference = "123456789012345678"
  private nonisolated static let created = DTOneTests.transaction(1, "CREATED")
  private nonisolated static let confirmed = DTOneTests.transaction(2, "CONFIRMED")

  private static func json(_ text: String, status: Int = 200) -> HTTPResponse {
    HTTPResponse(status: status, headers: [("Content-Type", "application/json")], body: Array(text.utf8))
  }

  /// Runs `body` against a provider that gives those answers one after the other; what it was asked.
  private func serve(
    _ answers: [HTTPResponse], _ body: (ProviderClient, ProviderAccount) async throws -> Void
  ) async throws -> [HTTPRequest] {
    let provider = ScriptedProvider(answers)
    try await provider.serve { client, scripted in
      var account = scripted
      (account.adapter, account.credentials) = ("dtone", ["key": "k1", "secret": "very/secret"])
      try await body(client, account)
    }
    return provider.seen
  }

  @Test func whatIsCreatedIsConfirmedAndBothAreKept() async throws {
    let seen = try await serve([Self.json(Self.created, status: 201), Self.json(Self.confirmed)]) { client, account in
      let (outcome, exchange) = await client.send(
        reference: Self.reference, parameters: ["product_id": "5"], account: account)
      #expect(outcome.proof == .accepted(nil, nil))
      #expect(exchange.request.hasPrefix("POST /v1/async/transactions {"))
      #expect(exchange.request.hasSuffix("}, then POST /v1/async/transactions/77/confirm"))
      #expect(exchange.method == "POST" && exchange.status == 200 && exchange.error == nil)
      let kept = String(decoding: exchange.reply, as: UTF8.self)
      #expect(kept.hasPrefix("1: HTTP 201 {") && kept.contains("\n2: HTTP 200 {"), "\(kept)")
      #expect(kept.contains("CREATED") && kept.contains("CONFIRMED") && exchange.reply.count <= Exchange.replyBytesMax)
    }
    #expect(seen.map(\.path) == ["/v1/async/transactions", "/v1/async/transactions/77/confirm"])
    #expect(seen.allSatisfy { $0.header("authorization") == "Basic azE6dmVyeS9zZWNyZXQ=" })
  }

  /// Long answers: what decides is the last, so it is not cut away by the first.
  @Test func eachAnswerHasItsShareOfWhatIsKept() async throws {
    let long = Self.created.dropLast() + ",\"note\":\"" + String(repeating: "x", count: 9000) + "\"}"
    _ = try await serve([Self.json(long, status: 201), Self.json(Self.confirmed)]) { client, account in
      let (_, exchange) = await client.send(
        reference: Self.reference, parameters: ["product_id": "5"], account: account)
      #expect(String(decoding: exchange.reply, as: UTF8.self).contains("CONFIRMED"))
    }
  }

  @Test func aSendThatBrokeOffIsPickedUp() async throws {
    let seen = try await serve([
      Self.json(DTOneTests.error(1_007_001), status: 400), Self.json("[\(Self.created)]"), Self.json(Self.confirmed),
    ]) { client, account in
      let (outcome, _) = await client.send(
        reference: Self.reference, parameters: ["product_id": "5"], account: account)
      #expect(outcome.proof == .accepted(nil, nil))
    }
    #expect(seen.map(\.method) == ["POST", "GET", "POST"] && seen[1].query["external_id"] == Self.reference)
    #expect(seen.last?.path == "/v1/async/transactions/77/confirm")
  }

  /// Whatever becomes of a later request, the first has left.
  @Test(arguments: [HTTPResponse.Abort.reset, .close, .stall])
  func aLaterRequestWithoutAnAnswerIsUnknown(_ abort: HTTPResponse.Abort) async throws {
    let seen = try await serve([Self.json(Self.created, status: 201), .abort(abort), Self.json(Self.confirmed)]) {
      client, account in
      let (outcome, exchange) = await client.send(
        reference: Self.reference, parameters: ["product_id": "5"], account: account)
      #expect(outcome.proof == .unknown && outcome.text.hasPrefix("request 2: "), "\(outcome)")
      #expect(exchange.status == nil && exchange.error?.isEmpty == false)
      let kept = String(decoding: exchange.reply, as: UTF8.self)
      #expect(kept.contains("CREATED") && kept.contains("2: no answer"), "\(kept)")
      #expect(!"\(exchange)\(kept)".contains("very/secret"))
    }
    #expect(seen.count == 2)
  }

  /// A server that is gone between the two: that the second never left does not undo the first.
  @Test func aSecondRequestThatNeverLeftIsUnknownToo() async throws {
    struct Once: Channel {
      func carry(_ call: WireCall) async -> WireAttempt {
        let isFirst = call.request.url.hasSuffix("/transactions")
        return WireAttempt(
          call, duration: .zero,
          result: isFirst
            ? .success(WireReply(status: 201, body: Array(SteppingTests.created.utf8)))
            : .failure(WireFailure(words: "no connection", wasSent: false)))
      }
    }
    var account = account
    account.adapter = "dtone"
    let (outcome, _) = await ProviderClient(channels: [.http: Once()]).send(
      reference: Self.reference, parameters: ["product_id": "5"], account: account)
    #expect(outcome == .unknown("request 2: no connection"))
  }

  /// All requests of a send together have the account's timeout, since others count on its end.
  @Test func allStepsShareOneTimeout() async throws {
    struct Stub: Channel {
      let timeout: Duration
      func carry(_ call: WireCall) async -> WireAttempt {
        let isFirst = call.request.url.hasSuffix("/transactions")
        #expect(isFirst ? call.account.timeout == timeout : call.account.timeout < timeout)
        #expect(isFirst || call.notAfter != nil)
        let text = isFirst ? SteppingTests.created : SteppingTests.confirmed
        return WireAttempt(
          call, duration: .zero, result: .success(WireReply(status: 201, body: Array(text.utf8))))
      }
    }
    var account = account
    account.adapter = "dtone"
    // None at all is over when the first answer comes.
    for (timeout, proof) in [(Duration.seconds(60), Send.accepted(nil, nil)), (.zero, .unknown)] {
      account.timeout = timeout
      let (outcome, _) = await ProviderClient(channels: [.http: Stub(timeout: timeout)]).send(
        reference: Self.reference, parameters: ["product_id": "5"], account: account)
      #expect(outcome.proof == proof)
      if proof == .unknown { #expect(outcome == .unknown("request 2: no time was left for it")) }
    }
  }

  @Test func aProviderThatAnswersInCirclesIsNotAskedForEver() async throws {
    let answers = [HTTPResponse](repeating: Self.json(Self.created, status: 201), count: 9)
    let seen = try await serve(answers) { client, account in
      let (outcome, _) = await client.send(
        reference: Self.reference, parameters: ["product_id": "5"], account: account)
      #expect(outcome.proof == .unknown)
    }
    #expect(seen.count == 2)
  }

  @Test func anEchoedLoginIsNotKept() async throws {
    let echo = #"{"errors":[{"code":1000401,"message":"Basic azE6dmVyeS9zZWNyZXQ= of k1:very/secret"}]}"#
    _ = try await serve([Self.json(echo, status: 401), Self.json(echo, status: 401)]) { client, account in
      let (sent, first) = await client.send(
        reference: Self.reference, parameters: ["product_id": "5"], account: account)
      let (asked, second, _) = await client.query(reference: Self.reference, account: account)
      #expect(sent.proof == .accountTrouble && asked.proof == .queryFailed)
      let shown = "\(sent)\(asked)" + [first, second].map { String(decoding: $0.reply, as: UTF8.self) }.joined()
      for secret in ["very", "dmVyeS9"] { #expect(!shown.contains(secret), "\(shown)") }
    }
  }
}
