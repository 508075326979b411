import EventLoop
import Foundation
import TestSupport
import Testing

@testable import Dispatcher

/// Bodies that are made to cost much: they are refused before anything is built of them.
@Suite(.serialized, .timeLimit(.minutes(2)))
struct HostileBodyTests {
  private func scan(_ text: String) -> JSONScan.Finding {
    JSONScan.elements(of: "orders", in: Array(text.utf8), elementsMax: 3, valuesMax: 20)
  }

  @Test(arguments: [
    (#"{"orders":[]}"#, []), (#" { "orders" : [ 1 , {"a":[1,2]},"],}" ] } "#, ["1 ", #"{"a":[1,2]}"#, #""],}" "#]),
    (#"{"orders":["\\",{"a":"\"]"}]}"#, [#""\\""#, #"{"a":"\"]"}"#]),
  ])
  func findsTheOrdersOfABatch(text: String, elements: [String]) {
    let bytes = Array(text.utf8)
    guard case .elements(let ranges) = scan(text) else {
      Issue.record("\(text)")
      return
    }
    #expect(ranges.map { String(decoding: bytes[$0], as: UTF8.self) } == elements)
  }

  @Test(
    arguments: [
      ("", .other), ("[", .other), ("{}", .other), ("[1]", .other), (#"{"orders":1}"#, .other),
      (#"{"orders":[1],"more":1}"#, .other), (#"{"more":1,"orders":[1]}"#, .other), (#"{"orders":[1]} x"#, .other),
      (#"{"orders":[1"#, .other), (#"{"orders":[1,]}"#, .other), (#"{"orders":["1]}"#, .other),
      (#"{"orders":[1,1,1,1]}"#, .tooManyElements), (#"{"orders":[1,1,1,1"#, .tooManyElements),
      (#"{"orders":[[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0"#, .tooManyValues),
      (#"{"a":[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0"#, .tooManyValues),
      (#"{"orders":["# + String(repeating: "[", count: 40), .tooManyValues),
    ] as [(String, JSONScan.Finding)])
  func findsWhatIsNoBatch(text: String, finding: JSONScan.Finding) {
    #expect(scan(text) == finding, "\(text)")
  }

  @Test func countsWhatABodyHolds() {
    func excess(_ text: String, _ most: Int) -> JSONScan.Finding? {
      JSONScan.excess(in: Array(text.utf8), valuesMax: most)
    }
    #expect(excess(#"{"a":[1,2,3],"b":"[[[[[["}"#, 5) == nil)
    #expect(excess(#"{"a":[1,2,3],"b":"[[[[[["}"#, 4) == .tooManyValues)
    #expect(excess(String(repeating: "[", count: 33), 1000) == .tooDeep)
    #expect(excess(String(repeating: "]1,", count: 33), 10) == nil)
  }

  @Test func isAnsweredAtOnceAndTakesNothing() async throws {
    let sevk = try await Installation.make()
    try await sevk.start("dispatcher")
    let most = 4_194_304
    func fill(_ before: String, _ part: String, _ after: String = "") -> String {
      before + String(repeating: part, count: (most - before.utf8.count - after.utf8.count) / part.utf8.count) + after
    }
    let bodies = [
      fill(#"{"orders":["#, "0,", "0]}"), fill(#"{"orders":[["#, "0,", "0]]}"), fill(#"{"orders":["#, "["),
      fill(#"{"a":["#, "0,", "0]}"), fill("[", "0,", "0]"), fill("[", "{},", "{}]"), fill(#"{"orders":"#, #"{"a":"#),
      fill(#"{"orders":[{"#, #""a":1,"#, #""a":1}]}"#), fill(#"{"orders":[{"product":""#, "x", #""}]}"#),
      fill(#"{"orders":[{"product":""#, "\u{301}", #""}]}"#), fill(#"{"orders":[""#, #"\u0061"#, #""]}"#),
      fill("", " "), fill("", "\""), fill("", ","), fill("", "]"),
    ]
    for body in bodies {
      let answer = try await sevk.call("POST", "/v1/orders:batch", body: body)
      let isRefused = [400, 422].contains(answer.status)
      let orders = answer.json["results"] as? [[String: Any]] ?? []
      #expect(isRefused || !orders.isEmpty && orders.allSatisfy { $0["status"] as? Int == 422 }, "\(body.prefix(40))")
    }
    let small = try await sevk.call(
      "POST", "/v1/orders", body: #"{"a":["# + String(repeating: "0,", count: 2000) + "0]}", key: "k")
    #expect(
      try await sevk.call("POST", "/v1/orders", body: String(repeating: "[", count: 20_000), key: "k").status == 400)
    #expect(small.status == 422 && small.problemFields == ["(body)"], "\(small.text)")
    #expect(((try await sevk.call("GET", "/v1/orders")).json["orders"] as? [Any])?.isEmpty == true)
    await sevk.stop()
  }

  @Test func uploadsWithoutATokenThatStallKeepNobodyOut() async throws {
    let sevk = try await Installation.make()
    try sevk.require("dispatcher", ["tenant", "add", "rival"])
    try sevk.addRoute("pubg-60", to: "panel", tenant: "rival")
    let rival = try sevk.createToken("orders:write", tenant: "rival")
    try await sevk.start("dispatcher")
    var stalled: [RawCall] = []
    // Thirty-two of these were once all the memory that there is for bodies.
    let begun = String(repeating: "x", count: 4_000_000)
    for number in 0..<33 {
      let call = try await RawCall(sevk.api)
      let token = number % 2 == 0 ? "" : "Authorization: Bearer sevk_wrong\r\n"
      await call.send("POST /v1/orders:batch HTTP/1.1\r\nHost: x\r\n\(token)Content-Length: 4194304\r\n\r\n" + begun)
      let answer = await call.until("\r\n\r\n")
      #expect(answer.hasPrefix("HTTP/1.1 401 ") || answer.hasPrefix("HTTP/1.1 429 "), "\(answer)")
      stalled.append(call)
    }
    // With a token, one shop's stalled uploads keep another shop out no more.
    for _ in 0..<33 {
      let call = try await RawCall(sevk.api)
      await call.send(
        "POST /v1/orders:batch HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(sevk.token)\r\n"
          + "Content-Length: 4194304\r\n\r\n" + begun)
      stalled.append(call)
    }
    // Eight of them fit into the shop's share, whichever come first.
    while await stalled.suffix(33).refused < 25 { try await EventLoop.sleep(for: .milliseconds(10)) }
    let call = try await RawCall(sevk.api)
    let order = Installation.order(player: 1)
    // Its body comes after its head, so it has to be admitted.
    await call.send(
      "POST /v1/orders HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(rival)\r\nIdempotency-Key: k\r\n"
        + "Expect: 100-continue\r\nContent-Length: \(order.utf8.count)\r\n\r\n")
    #expect(await call.until("\r\n\r\n").hasPrefix("HTTP/1.1 100 "))
    await call.send(order)
    #expect(await call.until("\"id\"").contains("HTTP/1.1 201 Created\r\n"))
    for call in stalled { await call.close() }
    await sevk.stop()
  }
}

extension ArraySlice<RawCall> {
  /// Those that were answered 503.
  fileprivate var refused: Int {
    get async {
      var count = 0
      for call in self where await call.text.hasPrefix("HTTP/1.1 503 ") { count += 1 }
      return count
    }
  }
}
