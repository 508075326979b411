import Foundation
import TestSupport
import Testing

/// A shop that asks, cheaply.
@Suite(.serialized, .timeLimit(.minutes(3)))
struct PollingTests {
  @Test func anUnchangedOrderIsNotSentAgain() async throws {
    let sevk = try await Installation.make()
    try sevk.require("worker", ["queue", "pause", "dispatch"])
    try await sevk.startAll()
    let id = try await sevk.post(player: 1)
    let path = "/v1/orders/\(id)"
    func ask(_ tag: String, _ query: String = "", method: String = "GET") async throws -> Installation.Answer {
      try await sevk.call(method, path + query, headers: [("If-None-Match", tag)])
    }
    let first = try await sevk.call("GET", path)
    let tag = try #require(first.header("ETag"))
    #expect(first.status == 200 && tag.hasPrefix("\"1-"))
    for method in ["GET", "HEAD"] {
      let same = try await ask(tag, method: method)
      #expect(same.status == 304 && same.text.isEmpty && same.header("ETag") == tag)
      #expect(same.header("Cache-Control") == "no-store" && same.header("Content-Type") == nil)
    }
    #expect(try await ask("\"0\", W/\(tag)").status == 304)
    #expect(try await ask("\"0\"").status == 200)
    // Nobody learns by a tag what he may not read.
    try sevk.require("dispatcher", ["tenant", "add", "rival"])
    let rival = try sevk.createToken("orders:read,pins:read", tenant: "rival")
    #expect(try await sevk.call("GET", path, token: rival, headers: [("If-None-Match", "*")]).status == 404)

    try sevk.require("worker", ["queue", "resume", "dispatch"])
    try await sevk.settled([id])
    let second = try await ask(tag)
    let after = try #require(second.header("ETag"))
    #expect(second.status == 200 && after != tag && second.json["status"] as? String == "completed")
    #expect(try await ask(after).status == 304)
    // With the PIN it is another answer.
    let pin = try await ask(after, "?include=pin")
    let shown = try #require(pin.header("ETag"))
    #expect(pin.status == 200 && pin.json["pin"] is String && shown != after)
    #expect(try await ask(shown, "?include=pin").status == 304)
    // What the answer shows beside the order counts too.
    try sevk.require("dispatcher", ["provider", "set", "panel", "--currency", "TRY"])
    var answer = try await ask(after)
    while answer.status == 304 { answer = try await ask(after) }
    #expect(answer.status == 200 && answer.header("ETag") != after)
    await sevk.stop()
  }

  @Test func whatChangedSinceIsListed() async throws {
    let sevk = try await Installation.make()
    try await sevk.startAll()
    let old = try await sevk.post(player: 1)
    try await sevk.settled([old])
    let last = try #require(try await sevk.call("GET", "/v1/orders/\(old)").json["updated_at"] as? String)
    let new = try await sevk.post(player: 2)
    try await sevk.settled([new])
    func list(_ query: String) async throws -> (ids: [String], next: String?) {
      let answer = try await sevk.call("GET", "/v1/orders?\(query)")
      #expect(answer.status == 200, "\(answer.text)")
      let orders = answer.json["orders"] as? [[String: Any]] ?? []
      return (orders.compactMap { $0["id"] as? String }, answer.json["next"] as? String)
    }
    let page = try await list("updated_after=\(last)")
    #expect(page.ids.filter { $0 != old } == [new])
    let next = try #require(page.next)
    #expect(try await list("updated_after=\(last)&after=\(next)").ids.isEmpty)
    #expect(try await list("updated_after=2099-01-01T00:00:00%2B03:00").ids.isEmpty)
    #expect(try await list("updated_after=2000-01-01T00:00:00Z&status=completed").ids.count == 2)
    #expect(try await list("player=2").ids == [new])
    #expect(try await list("idempotency_key=key-1").ids == [old])
    #expect(try await list("status=completed,failed&limit=1").ids == [new])
    #expect(try await list("created_after=\(last)").ids == [new])
    #expect(try await list("created_before=\(last)").ids == [old])
    for query in [
      "updated_after=2026-11-29T10:00:00+03:00", "order=newest&updated_after=\(last)", "status=failed,", "status=,",
      "created_after=1", "order=changed&reference=x", "idempotency_key=%22", "updated_after=\(last)&player=1",
    ] {
      #expect(try await sevk.call("GET", "/v1/orders?\(query)").status == 422, "\(query)")
    }
    await sevk.stop()
  }

  @Test func metadataComesBackUntouched() async throws {
    let sevk = try await Installation.make()
    try await sevk.startAll()
    let metadata = "{ \"basket\": 12345678901234567890,\"b\":[1.50,\"\\u015f\"],\n\"a\":{} }"
    let order = Installation.order(player: 1)
    func body(_ metadata: String) -> String { String(order.dropLast()) + ",\"metadata\":\(metadata)}" }
    let first = try await sevk.call("POST", "/v1/orders", body: body(metadata), key: "k")
    let id = try #require(first.json["id"] as? String)
    #expect(first.status == 201 && first.text.contains(metadata), "\(first.text)")
    try await sevk.settled([id])
    for path in ["/v1/orders/\(id)", "/v1/orders", "/v1/orders?order=changed", "/v1/orders/\(id)?include=pin"] {
      let answer = try await sevk.call("GET", path)
      #expect(answer.status == 200 && answer.text.contains(metadata), "\(path): \(answer.text)")
    }
    let again = try await sevk.call(
      "POST", "/v1/orders", body: body(#"{"a":{},"b":[1.50,"\u015f"],"basket":12345678901234567890}"#), key: "k")
    #expect(again.status == 200 && again.text.contains(metadata), "\(again.text)")
    for other in [body("{}"), order] {
      #expect(try await sevk.call("POST", "/v1/orders", body: other, key: "k").status == 409)
    }
    let item = String(body(metadata).dropLast()) + #","idempotency_key":"b"}"#
    let batch = try await sevk.call("POST", "/v1/orders:batch", body: #"{"orders":[\#(item)]}"#)
    #expect(batch.text.contains(metadata), "\(batch.text)")
    await sevk.stop()
  }

  /// The function that the page for shops shows, on real answers.
  @Test func thePageRecomputesTheDigest() async throws {
    let page = try Repository.text("docs/shops.md")
    let block = try #require(page.components(separatedBy: "    import datetime, hashlib\n").dropFirst().first)
    let lines = block.components(separatedBy: "\n").prefix { $0.hasPrefix("    ") }.map { $0.dropFirst(4) }
    #expect((9...10).contains(lines.count))

    let sevk = try await Installation.make()
    try await sevk.startAll()
    var ids: [String] = []
    for player in 1...5 { ids.append(try await sevk.post(player: player)) }
    try await sevk.settled(ids)
    // By the id, so that it holds at midnight too.
    let milliseconds = try #require(Int64(ids[0].filter { $0 != "-" }.prefix(12), radix: 16))
    let day = Date(timeIntervalSince1970: Double(milliseconds) / 1000).ISO8601Format().prefix(10)
    let orders = try await sevk.call("GET", "/v1/orders?limit=200")
    let digest = try await sevk.call("GET", "/v1/orders:digest?day=\(day)")
    #expect(digest.status == 200 && digest.json["day"] as? String == String(day))
    let script =
      "import datetime, hashlib, json, sys\n" + lines.joined(separator: "\n") + """

        orders, answer = json.loads(sys.argv[1])["orders"], json.loads(sys.argv[2])
        own = digest([(o["id"], o["version"], o["status"]) for o in orders], answer["day"])
        assert own == answer["hours"], (own, answer)
        assert sum(h["count"] for h in own) > 0 and len(own) == 24
        print("same")
        """
    let python = Process()
    python.executableURL = URL(filePath: "/usr/bin/env")
    python.arguments = ["python3", "-c", script, orders.text, digest.text]
    let output = Pipe()
    (python.standardOutput, python.standardError) = (output, output)
    try python.run()
    let said = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    python.waitUntilExit()
    #expect(said == "same\n", "\(said)")
    await sevk.stop()
  }
}
