import EventLoop
import Foundation
import HTTPServer
import PrivateServers
import Redis
import TestSupport
import Testing

/// Events that are posted to a shop's endpoints, on the real binaries and servers.
@Suite(.serialized, .timeLimit(.minutes(4)))
struct WebhookTests {
  @Test func eventsArePostedSignedAndInOrderOfEachOrder() async throws {
    let (sevk, receiver) = try await Installation.withReceiver()
    let secret = try await sevk.putEndpoint("books", receiver.url("books"))
    var ids: [String] = []
    for player in 1...20 { ids.append(try await sevk.post(player: player)) }
    try await sevk.settled(ids)
    try await receiver.waits(for: ids, at: "books")
    for id in ids {
      let versions = receiver.taken("books").filter { $0.subject == id }.map(\.version)
      #expect(versions == versions.sorted() && versions.count == 3, "\(versions)")
    }
    // The library that others verify with.
    let file = "\(sevk.folder)/posts.json"
    let posts = receiver.taken("books").map { ["headers": $0.headers, "body": $0.body] as [String: Any] }
    try JSONSerialization.data(withJSONObject: posts).write(to: URL(fileURLWithPath: file))
    let checked = try ChildProgram.run(
      PythonClient.interpreter, [try PythonClient.script("verify.py"), secret, file],
      environment: ChildProgram.environment, folder: sevk.folder)
    #expect(checked.output.trimmingCharacters(in: .whitespacesAndNewlines) == "60", "\(checked.errors)")
    let list = try await sevk.call(
      "GET", "/v1/endpoints/books/deliveries?state=delivered&limit=200", token: sevk.endpointToken)
    #expect((list.json["deliveries"] as? [Any])?.count == 60, "\(list.text)")
    await sevk.stop(with: receiver)
  }

  @Test func aDeadReceiverDelaysNoOtherAndGetsAllLater() async throws {
    let (sevk, receiver) = try await Installation.withReceiver()
    let nobody = try FreePort.find()
    try await sevk.putEndpoint("dead", "http://127.0.0.1:\(nobody)/dead")
    try await sevk.putEndpoint("good", receiver.url("good"))
    try await sevk.putEndpoint("sick", receiver.url("sick"))
    receiver.answers { HTTPResponse(status: $0 == "/sick" ? 500 : 200, body: Array("no".utf8)) }
    var ids: [String] = []
    for player in 1...10 { ids.append(try await sevk.post(player: player)) }
    try await sevk.settled(ids)
    try await receiver.waits(for: ids, at: "good")
    // Their faults are written down and are nobody's dead jobs.
    try await Waiting.until("an attempt is written down", within: .seconds(20)) {
      try await sevk.failures("dead").contains { $0["cause"] as? String == "refused" }
    }
    let sick = try await sevk.failures("sick")
    #expect(sick.contains { $0["http_status"] as? Int == 500 && $0["answer"] as? String == "no" }, "\(sick)")
    #expect(
      try sevk.require("worker", ["job", "list", "--queue", "deliver", "--state", "dead"]).contains("deliver_event")
        == false)
    receiver.answers(204)
    try await sevk.overdue()
    try await receiver.waits(for: ids, at: "sick")
    for id in ids {
      let versions = receiver.taken("sick").filter { $0.subject == id }.map(\.version)
      #expect(versions == versions.sorted(), "\(versions)")
    }
    await sevk.stop(with: receiver)
  }

  @Test func nothingIsLostWithAWorkerOrWithRedis() async throws {
    let (sevk, receiver) = try await Installation.withReceiver()
    try await sevk.putEndpoint("books", receiver.url("books"))
    receiver.answers(503)
    var ids: [String] = []
    for player in 1...5 { ids.append(try await sevk.post(player: player)) }
    try await sevk.settled(ids)
    try await Waiting.until("each was tried", within: .seconds(20)) {
      Set(receiver.posts(to: "books").map(\.subject)).count == 5
    }
    sevk.kill("worker")
    let redis = try sevk.redis.client()
    _ = try await redis.command("FLUSHALL")
    await redis.close()
    receiver.answers(200)
    try await sevk.overdue()
    try await sevk.start("worker")
    try await receiver.waits(for: ids, at: "books")
    await sevk.stop(with: receiver)
  }

  @Test func aRotatedSecretSignsBesideTheOldOne() async throws {
    let (sevk, receiver) = try await Installation.withReceiver()
    let old = try await sevk.putEndpoint("books", receiver.url("books"))
    let rotated = try await sevk.call("POST", "/v1/endpoints/books/rotate-secret", token: sevk.endpointToken)
    let new = try #require(rotated.json["secret"] as? String)
    #expect(new != old && new.hasPrefix("whsec_"))
    let test = try await sevk.call("POST", "/v1/endpoints/books/test", token: sevk.endpointToken)
    #expect(test.status == 202, "\(test.text)")
    try await Waiting.until("the test event comes", within: .seconds(20)) { !receiver.taken("books").isEmpty }
    let post = try #require(receiver.taken("books").first)
    #expect(post.type == "sevk.test" && post.signatures.count == 2)
    let dump = try sevk.dumpDatabase()
    #expect(!dump.contains(old) && !dump.contains(new) && !sevk.logs.contains(new))
    await sevk.stop(with: receiver)
  }

  @Test func pausedKeptAndReplayedEvents() async throws {
    let (sevk, receiver) = try await Installation.withReceiver()
    try await sevk.putEndpoint("books", receiver.url("books"), more: #","types":["sevk.order.completed"]"#)
    #expect(try await sevk.act("books", "pause").json["state"] as? String == "paused")
    let first = try await sevk.post(player: 1)
    try await sevk.settled([first])
    #expect(receiver.posts().isEmpty)
    #expect(try await sevk.act("books", "resume").json["state"] as? String == "active")
    try await Waiting.until("it comes", within: .seconds(20)) { receiver.taken("books").count == 1 }
    #expect(receiver.taken("books").map(\.type) == ["sevk.order.completed"])
    // One that is given up keeps what comes, and posts it when somebody asks.
    receiver.answers(410)
    let second = try await sevk.post(player: 2)
    try await sevk.settled([second])
    try await Waiting.until("it is gone", within: .seconds(20)) {
      try await sevk.call("GET", "/v1/endpoints/books", token: sevk.endpointToken).json["state"] as? String == "gone"
    }
    let third = try await sevk.post(player: 3)
    try await sevk.settled([third])
    receiver.answers(200)
    #expect(try await sevk.act("books", "replay", "{}").status == 409)
    // Before it goes on: what comes only then is posted at once.
    try await Waiting.until("both are kept", within: .seconds(20)) {
      try await sevk.act("books", "replay", #"{"dry_run":true}"#).json["count"] as? Int == 2
    }
    _ = try await sevk.act("books", "resume")
    #expect(receiver.taken("books").count == 1, "kept until asked for")
    #expect(try await sevk.act("books", "replay", "{}").status == 202)
    try await Waiting.until("both come", within: .seconds(20)) { receiver.taken("books").count == 3 }
    #expect(try await sevk.act("books", "replay", #"{"only":"all"}"#).json["count"] as? Int == 3)
    try await Waiting.until("all come", within: .seconds(20)) { receiver.taken("books").count == 6 }
    await sevk.stop(with: receiver)
  }

  /// Five days of nothing but failures, which the books are made to say.
  @Test func anEndpointThatFailsForDaysIsGivenUp() async throws {
    let (sevk, receiver) = try await Installation.withReceiver()
    try await sevk.putEndpoint("books", receiver.url("books"))
    sevk.endpointToken = try sevk.createToken("endpoints:write,operator")
    try await sevk.putEndpoint(
      "ops", receiver.url("ops"), more: #","types":["sevk.endpoint.warned","sevk.endpoint.disabled"]"#)
    receiver.answers { HTTPResponse(status: $0 == "/ops" ? 200 : 500) }
    let id = try await sevk.post(player: 1)
    try await sevk.settled([id])
    try await Waiting.until("it was tried", within: .seconds(20)) { !receiver.posts(to: "books").isEmpty }
    for (age, state, event) in [
      ("4 days", "failing", "sevk.endpoint.warned"), ("5 days", "disabled", "sevk.endpoint.disabled"),
    ] {
      try await sevk.sql(
        "UPDATE endpoints SET failing_since = now() - interval '\(age)' WHERE failing_since IS NOT NULL")
      try await sevk.overdue()
      try await Waiting.until("the other endpoint hears of it", within: .seconds(30)) {
        receiver.taken("ops").map(\.type).last == event
      }
      let shown = try await sevk.call("GET", "/v1/endpoints/books", token: sevk.endpointToken)
      #expect(shown.json["state"] as? String == state, "\(shown.text)")
    }
    try await Waiting.until("all is kept", within: .seconds(20)) {
      let kept = try await sevk.call("GET", "/v1/endpoints/books/deliveries?state=kept", token: sevk.endpointToken)
      return (kept.json["deliveries"] as? [Any])?.count == 3
    }
    await sevk.stop(with: receiver)
  }

  @Test func aReceiverSaysWhatItHasAppliedAndOldVersionsMayBeLeftOut() async throws {
    let (sevk, receiver) = try await Installation.withReceiver()
    receiver.answers { _ in HTTPResponse(status: 503, headers: [("Retry-After", "1")]) }
    try await sevk.putEndpoint("books", receiver.url("books"), more: #","latest_only":true"#)
    let id = try await sevk.post(player: 1)
    try await sevk.settled([id])
    receiver.answers { _ in HTTPResponse(status: 200, headers: [("sevk-applied", "1")]) }
    try await sevk.overdue()
    try await Waiting.until("the newest comes", within: .seconds(30)) {
      receiver.taken("books").map(\.type) == ["sevk.order.completed"]
    }
    let list = try await sevk.call("GET", "/v1/endpoints/books/deliveries", token: sevk.endpointToken)
    let rows = try #require(list.json["deliveries"] as? [[String: Any]])
    #expect(rows.compactMap { $0["state"] as? String } == ["dropped", "dropped", "delivered"], "\(list.text)")
    #expect(rows.last?["applied_version"] as? Int == 1)
    let version = try #require(rows.last?["version"] as? Int)
    let why = try sevk.require("worker", ["order", "why", id])
    #expect(why.contains("books: told version \(version), applied 1"), "\(why)")
    let story = try sevk.require("worker", ["order", "timeline", id])
    #expect(story.contains("books was told version \(version) (sevk.order.completed)"), "\(story)")
    let shown = try sevk.require("worker", ["endpoint", "show", "books"])
    #expect(shown.contains("applied version 1") && shown.contains("answered 503"), "\(shown)")
    #expect(try sevk.require("worker", ["endpoint", "list"]).contains("active"))
    #expect(try sevk.require("worker", ["endpoint", "replay", "books", "--all", "--dry-run"]).contains("3 deliveries"))
    #expect(try sevk.require("dispatcher", ["endpoint", "list"]).contains("/books"))
    await sevk.stop(with: receiver)
  }

  @Test func aShopHearsThatAProviderIsDown() async throws {
    let (sevk, receiver) = try await Installation.withReceiver()
    sevk.endpointToken = try sevk.createToken("endpoints:write,operator")
    try await sevk.putEndpoint(
      "ops", receiver.url("ops"), more: #","types":["sevk.provider.down","sevk.provider.recovered"]"#)
    try await sevk.setFaults(#"{"5xx": 1}"#)
    for player in 1...30 { _ = try await sevk.post(player: player) }
    try await Waiting.until("it hears", within: .seconds(90)) { !receiver.taken("ops").isEmpty }
    let post = try #require(receiver.taken("ops").first)
    #expect(post.type == "sevk.provider.down" && post.subject == "provider/panel", "\(post.body)")
    #expect(post.body.contains(#""source":"sevk/shop""#), "\(post.body)")
    // By every door, at the same position, for who may see it.
    try await sevk.start("gateway")
    let ops = try sevk.createToken("operator")
    let listed = try await sevk.call("GET", "/v1/events", token: ops)
    let events = try #require(listed.json["events"] as? [[String: Any]])
    let types = events.compactMap { ($0["event"] as? [String: Any])?["type"] as? String }
    #expect(types.allSatisfy { $0.hasPrefix("sevk.provider.") }, "no orders without orders:read")
    let place = try #require(types.firstIndex(of: "sevk.provider.down"), "\(listed.text)")
    let position = try #require((events[place]["position"] as? NSNumber)?.int64Value)
    let deliveries = try await sevk.call("GET", "/v1/endpoints/ops/deliveries", token: sevk.endpointToken)
    let ids = (deliveries.json["deliveries"] as? [[String: Any]] ?? []).compactMap { $0["id"] as? String }
    #expect(ids.first?.hasSuffix(".\(position)") == true, "\(deliveries.text)")
    let live = await sevk.live(
      "/v1/events/stream?after=0&types=sevk.provider.down", "Authorization: Bearer \(ops)\r\n",
      until: "event: sevk.provider.down\n")
    #expect(live.contains("id: \(position)\nevent: sevk.provider.down\n"), "\(live)")
    for path in ["/v1/events?types=sevk.provider.down", "/v1/events?types=sevk.order.sent,sevk.endpoint.warned"] {
      let refused = try await sevk.call("GET", path)
      #expect(refused.status == 403 && refused.problemFields == ["types"], "\(refused.text)")
      #expect(refused.text.contains("takes a token with the scope operator"), "\(refused.text)")
    }
    let own = try await sevk.call("GET", "/v1/events?limit=1000").text
    #expect(own.contains("sevk.order.created") && !own.contains("sevk.provider."))
    let refused = try await sevk.call("GET", "/v1/events?types=sevk.order.sent", token: ops)
    #expect(refused.status == 403 && refused.text.contains("the scope orders:read"), "\(refused.text)")
    let order = try await sevk.call("GET", "/v1/events?order=01900000-0000-7000-8000-000000000001", token: ops)
    #expect(order.status == 403, "\(order.text)")
    let shop = try sevk.createToken("endpoints:write")
    let body = #"{"url":"\#(receiver.url("shop"))","types":["sevk.order.held","sevk.provider.down"]}"#
    let denied = try await sevk.call("PUT", "/v1/endpoints/shop", body: body, token: shop)
    #expect(denied.status == 403 && denied.text.contains("sevk.provider.down"), "\(denied.text)")
    #expect(try await sevk.call("PUT", "/v1/endpoints/held", body: body, token: sevk.endpointToken).status == 201)
    let all = #"{"url":"\#(receiver.url("shop"))","types":["*"]}"#
    let plain = try await sevk.call("PUT", "/v1/endpoints/shop", body: all, token: shop)
    #expect(plain.json["types"] as? [String] == ["*"], "\(plain.text)")
    let more = try await sevk.call("PUT", "/v1/endpoints/shop", body: all, token: sevk.endpointToken)
    #expect((more.json["types"] as? [String])?.contains("sevk.provider.unexplained_debit") == true, "\(more.text)")
    await sevk.stop(with: receiver)
  }

  @Test func wrongEndpointsAreRefusedInWords() async throws {
    let (sevk, receiver) = try await Installation.withReceiver()
    let rows: [(body: String, field: String)] = [
      (#"{"types":["*"]}"#, "url"), (#"{"url":"shop.example","types":["*"]}"#, "url"),
      (#"{"url":"http://shop.example/","types":["*"]}"#, "url"),
      (#"{"url":"https://10.0.0.7/","types":["*"]}"#, "url"),
      (#"{"url":"https://me:pass@shop.example/","types":["*"]}"#, "url"),
      (#"{"url":"https://shop.example/"}"#, "types"), (#"{"url":"https://shop.example/","types":[]}"#, "types"),
      (#"{"url":"https://shop.example/","types":["sevk.order.lost"]}"#, "types"),
      (#"{"url":"https://shop.example/","types":["*"],"rate":"fast"}"#, "rate"),
      (#"{"url":"https://shop.example/","types":["*"],"rate":"0/s"}"#, "rate"),
      (#"{"url":"https://shop.example/","types":["*"],"latest_only":1}"#, "latest_only"),
      (#"{"url":"https://shop.example/","types":["*"],"secret":"whsec_c2hvcnQ="}"#, "secret"),
      (#"{"url":"https://shop.example/","types":["*"],"uri":1}"#, "uri"),
    ]
    for (body, field) in rows {
      let answer = try await sevk.call("PUT", "/v1/endpoints/books", body: body, token: sevk.endpointToken)
      #expect(answer.status == 422 && answer.problemFields == [field], "\(body): \(answer.text)")
    }
    let good = #"{"url":"https://shop.example/","types":["*"]}"#
    for name in ["Books", "a%20b", String(repeating: "x", count: 64)] {
      let answer = try await sevk.call("PUT", "/v1/endpoints/\(name)", body: good, token: sevk.endpointToken)
      #expect(answer.status == 422, "\(name): \(answer.text)")
    }
    #expect(try await sevk.call("PUT", "/v1/endpoints/books", body: good).status == 403)
    #expect(try await sevk.call("PUT", "/v1/endpoints/books", body: good, token: sevk.endpointToken).status == 201)
    let again = try await sevk.call("PUT", "/v1/endpoints/books", body: good, token: sevk.endpointToken)
    #expect(again.status == 200 && again.json["secret"] == nil)
    let taken = try await sevk.call(
      "PUT", "/v1/endpoints/books", body: good, token: sevk.endpointToken, headers: [("If-None-Match", "*")])
    #expect(taken.status == 409 && taken.json["code"] as? String == "endpoint_exists")
    #expect(try await sevk.call("GET", "/v1/endpoints/none", token: sevk.endpointToken).status == 404)
    #expect(try await sevk.call("DELETE", "/v1/endpoints/books", token: sevk.endpointToken).status == 204)
    #expect(try await sevk.call("POST", "/v1/deliveries/1.1/resend", token: sevk.endpointToken).status == 404)
    await sevk.stop(with: receiver)
  }
}

extension Installation {
  /// Makes an endpoint; its secret.
  @discardableResult
  func putEndpoint(_ name: String, _ url: String, more: String = #","types":["*"]"#) async throws -> String {
    let types = more.contains("types") ? more : more + #","types":["*"]"#
    let answer = try await call(
      "PUT", "/v1/endpoints/\(name)", body: #"{"url":"\#(url)"\#(types)}"#, token: endpointToken)
    guard answer.status == 201, let secret = answer.json["secret"] as? String else {
      throw ChildProgram.Failure("making an endpoint: \(answer.status) \(answer.text)")
    }
    return secret
  }

  func act(_ endpoint: String, _ what: String, _ body: String? = nil) async throws -> Answer {
    try await call("POST", "/v1/endpoints/\(endpoint)/\(what)", body: body, token: endpointToken)
  }

  /// The failed attempts at all that an endpoint was told.
  func failures(_ endpoint: String) async throws -> [[String: Any]] {
    let list = try await call("GET", "/v1/endpoints/\(endpoint)/deliveries", token: endpointToken)
    return (list.json["deliveries"] as? [[String: Any]] ?? []).flatMap { $0["failures"] as? [[String: Any]] ?? [] }
  }

  /// Makes everything in line due, and has its jobs planned anew, as if their time had come.
  func overdue() async throws {
    try await sql("UPDATE deliveries SET next_at = now() WHERE state = 'waiting'")
    let redis = try redis.client()
    _ = try await redis.command("FLUSHALL")
    await redis.close()
  }
}

extension Receiver {
  /// Waits until it has taken the last event of each order.
  func waits(for orders: [String], at path: String) async throws {
    try await Waiting.until("\(path) has all", within: .seconds(60)) {
      let ended = Set(self.taken(path).filter { $0.type == "sevk.order.completed" }.map(\.subject))
      return ended.isSuperset(of: orders)
    }
  }
}
