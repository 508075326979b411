import EventLoop
import Foundation
import HTTPServer
import PrivateServers
import Synchronization
import TestSupport
import Testing

/// What holds for an endpoint as a whole, on the real binaries and servers.
@Suite(.serialized, .timeLimit(.minutes(3)))
struct WebhookRuleTests {
  /// Answers nobody until it is told to.
  private final class Staller: Sendable {
    private struct State {
      var waiting: [CheckedContinuation<Void, Never>] = []
      var isOver = false
      var server: HTTPServer?
    }

    private let state = Mutex(State())
    /// Requests that wait for an answer.
    var held: Int { state.withLock { $0.waiting.count } }

    /// - Returns: its URL.
    func start() async throws -> String {
      let server = HTTPServer(host: "127.0.0.1", port: 0) { _ in
        await withCheckedContinuation { continuation in
          let isOver = self.state.withLock { state in
            if !state.isOver { state.waiting.append(continuation) }
            return state.isOver
          }
          if isOver { continuation.resume() }
        }
        return HTTPResponse(status: 204)
      }
      try await server.start()
      state.withLock { $0.server = server }
      return "http://127.0.0.1:\(await server.port)"
    }

    func stop() async {
      let (waiting, server) = state.withLock { state in
        state.isOver = true
        defer { state.waiting = [] }
        return (state.waiting, state.server)
      }
      for continuation in waiting { continuation.resume() }
      await server?.stop(grace: .zero)
    }
  }

  /// Two receivers take requests and don't answer. What a third is told does not wait for the first to end.
  @Test func receiversThatStallTakeNotAllThereIs() async throws {
    let (sevk, receiver) = try await Installation.withReceiver(environment: ["SEVK_CONCURRENCY": "16"])
    let staller = Staller()
    let url = try await staller.start()
    for name in ["stalls", "stalls-too"] { try await sevk.putEndpoint(name, "\(url)/\(name)") }
    try await sevk.putEndpoint("good", receiver.url("good"))
    for name in ["stalls", "stalls-too", "good"] { _ = try await sevk.act(name, "pause") }
    var ids: [String] = []
    for player in 1...12 { ids.append(try await sevk.post(player: player)) }
    try await sevk.settled(ids)
    for name in ["stalls", "stalls-too"] { _ = try await sevk.act(name, "resume") }
    try await Waiting.until("they hold what they get", within: .seconds(20)) { staller.held >= 4 }
    _ = try await sevk.act("good", "resume")
    try await receiver.waits(for: ids, at: "good")
    for name in ["stalls", "stalls-too"] { #expect(try await sevk.failures(name).isEmpty, "it did not wait for these") }
    await staller.stop()
    await sevk.stop(with: receiver)
  }

  @Test func aReceiverIsLeftAloneAsLongAsItAsks() async throws {
    let (sevk, receiver) = try await Installation.withReceiver()
    try await sevk.putEndpoint("books", receiver.url("books"))
    try await sevk.putEndpoint("good", receiver.url("good"))
    receiver.answers {
      $0 == "/books" ? HTTPResponse(status: 429, headers: [("Retry-After", "86400")]) : HTTPResponse(status: 200)
    }
    let first = try await sevk.post(player: 1)
    func heldFor() async throws -> Int? {
      try await sevk.call("GET", "/v1/endpoints/books", token: sevk.endpointToken).json["held_for_seconds"] as? Int
    }
    try await Waiting.until("it is held", within: .seconds(20)) { try await heldFor() != nil }
    // One event may wait for a day, the endpoint an hour.
    #expect(try await heldFor().map { (3500...3600).contains($0) } == true)
    #expect(try sevk.require("worker", ["endpoint", "show", "books"]).contains("Retry-After"))
    let second = try await sevk.post(player: 2)
    try await sevk.settled([first, second])
    try await receiver.waits(for: [first, second], at: "good")
    #expect(Set(receiver.posts(to: "books").map(\.subject)) == [first])
    receiver.answers(200)
    #expect(try await sevk.act("books", "resume").json["held_for_seconds"] == nil)
    try await receiver.waits(for: [first, second], at: "books")
    await sevk.stop(with: receiver)
  }

  @Test func testsSecretsAndLargeAnswers() async throws {
    let (sevk, receiver) = try await Installation.withReceiver()
    let old = try await sevk.putEndpoint("books", receiver.url("books"))
    _ = try await sevk.act("books", "pause")
    let refused = try await sevk.act("books", "test")
    #expect(refused.status == 409 && refused.json["code"] as? String == "endpoint_not_active", "\(refused.text)")
    #expect(refused.text.contains("paused"))
    _ = try await sevk.act("books", "resume")
    // A secret that the shop brings: both sign.
    let new = "whsec_" + Data(repeating: 7, count: 32).base64EncodedString()
    #expect(new != old)
    let changed = try await sevk.call(
      "PUT", "/v1/endpoints/books", body: #"{"url":"\#(receiver.url("books"))","types":["*"],"secret":"\#(new)"}"#,
      token: sevk.endpointToken)
    #expect(changed.status == 200 && changed.json["previous_secret_seconds"] as? Int ?? 0 > 86_000, "\(changed.text)")
    // Whoever answers at length has taken it.
    receiver.answers { _ in HTTPResponse(status: 200, body: [UInt8](repeating: 120, count: 300_000)) }
    #expect(try await sevk.act("books", "test").status == 202)
    try await Waiting.until("it is delivered", within: .seconds(20)) {
      let list = try await sevk.call("GET", "/v1/endpoints/books/deliveries?state=delivered", token: sevk.endpointToken)
      return (list.json["deliveries"] as? [Any])?.count == 1
    }
    #expect(receiver.posts().map(\.signatures.count) == [2])
    await sevk.stop(with: receiver)
  }

  @Test func theDoctorLooksAtEndpoints() async throws {
    let sevk = try await Installation.make()
    for program in ["scheduler", "dispatcher"] { try await sevk.start(program) }
    let worker = try sevk.spawn("worker", ["run", "--queues", "check"])
    try await sevk.waitForLog(SetUp.startedMark, of: worker)
    sevk.endpointToken = try sevk.createToken("endpoints:write")
    for name in ["books", "dead"] { try await sevk.putEndpoint(name, "http://127.0.0.1:\(try FreePort.find())/") }
    let id = try await sevk.post(player: 1)
    try await sevk.settled([id])
    try await sevk.sql("UPDATE endpoints SET failing_since = now() - interval '2 hours' WHERE name = 'books'")
    try await sevk.sql("UPDATE endpoints SET state = 'disabled' WHERE name = 'dead'")
    let doctor = try sevk.command("worker", ["doctor"])
    for text in [
      "events for 1 endpoint wait, and no process that answers takes the jobs of the queue deliver",
      "1 endpoint takes no events", "shop/books (failing for", "1 endpoint is given up", "shop/dead (disabled",
    ] {
      #expect(doctor.output.contains(text), "\(text): \(doctor.output)")
    }
    #expect(doctor.code == 1 && !doctor.output.contains("another secret key"))
    let stranger = try sevk.command(
      "worker", ["doctor", "--json"],
      environment: ["SEVK_SECRET_KEY": Data(repeating: 3, count: 32).base64EncodedString()])
    #expect(stranger.output.contains(#""what":"endpoint_secrets","count":2"#), "\(stranger.output)")
    worker.signal(SIGKILL)
    worker.wait()
    await sevk.stop()
  }
}
