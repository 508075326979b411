import Cipher
import EventLoop
import Foundation
import HTTPServer
import PrivateServers
import TestSupport
import Testing

/// PINs in events: sealed, and for nobody but who has the key. On the real binaries and servers.
@Suite(.serialized, .timeLimit(.minutes(3)))
struct SealedPinTests {
  private static let key = RandomBytes.make(SealedBox.keyBytes)
  private static let sealedTo = Base64.encode(SealedBox.publicKey(of: key))
  private static let sealing = #","types":["*"],"sealed_to":"\#(sealedTo)""#

  @Test func completedOrdersBringTheirPinToWhoHasTheKey() async throws {
    let (sevk, receiver) = try await Installation.withReceiver(scopes: "endpoints:write,pins:read")
    try await sevk.putEndpoint("sealed", receiver.url("sealed"), more: Self.sealing)
    try await sevk.putEndpoint("plain", receiver.url("plain"))
    var ids: [String] = []
    for player in 1...5 { ids.append(try await sevk.post(player: player)) }
    try await sevk.settled(ids)
    for path in ["sealed", "plain"] { try await receiver.waits(for: ids, at: path) }
    let posts = receiver.taken("sealed").filter { $0.type == "sevk.order.completed" }
    // Others and other events have none.
    #expect(receiver.posts().filter { $0.body.contains("pin_sealed") }.count == posts.count)
    let pins = try open(posts, sevk)
    for (post, pin) in zip(posts, pins) {
      let order = try await sevk.call("GET", "/v1/orders/\(post.subject)?include=pin")
      #expect(pin != nil && pin == order.json["pin"] as? String, "\(order.text)")
      #expect(!post.body.contains(pin ?? "PIN"))
    }
    #expect(Set(pins).count == 5)
    // It opens in its own event alone.
    let (first, second) = (posts[0], posts[1])
    var moved = second
    moved.body = second.body.replacing(try sealed(second), with: try sealed(first))
    #expect(try open([moved], sevk) == [nil])

    // Once more: the same event, sealed anew.
    let list = try await sevk.call("GET", "/v1/endpoints/sealed/deliveries?limit=200", token: sevk.endpointToken)
    let rows = try #require(list.json["deliveries"] as? [[String: Any]])
    let delivery = try #require(rows.first { $0["event"] as? String == first.headers["webhook-id"] }?["id"] as? String)
    #expect(try await sevk.call("POST", "/v1/deliveries/\(delivery)/resend", token: sevk.endpointToken).status == 202)
    func both() -> [Receiver.Post] {
      receiver.taken("sealed").filter { $0.headers["webhook-id"] == first.headers["webhook-id"] }
    }
    try await Waiting.until("it comes again", within: .seconds(20)) { both().count == 2 }
    #expect(try sealed(both()[0]) != sealed(both()[1]))
    #expect(try open(both(), sevk) == [pins[0], pins[0]])
    await sevk.stop(with: receiver)
  }

  /// A receiver that prints what it was told, and what it has made of it.
  @Test func whatAReceiverPrintsIsKeptWithoutThePin() async throws {
    let (sevk, receiver) = try await Installation.withReceiver(scopes: "endpoints:write,pins:read")
    receiver.answers(503)
    for path in ["sealed", "plain"] {
      try await sevk.putEndpoint(
        path, receiver.url(path),
        more: #","types":["sevk.order.completed"]"# + (path == "sealed" ? #","sealed_to":"\#(Self.sealedTo)""# : ""))
    }
    let id = try await sevk.post(player: 1)
    try await sevk.settled([id])
    try await Waiting.until("each was tried", within: .seconds(20)) {
      Set(receiver.posts().map(\.path)).count == 2
    }
    let pin = try #require(try await sevk.call("GET", "/v1/orders/\(id)?include=pin").json["pin"] as? String)
    receiver.answers { _ in HTTPResponse(status: 500, body: Array("the code \(pin) is not stored".utf8)) }
    try await sevk.overdue()
    for path in ["sealed", "plain"] {
      try await Waiting.until("\(path) answers 500", within: .seconds(20)) {
        try await sevk.failures(path).contains { $0["http_status"] as? Int == 500 }
      }
    }
    #expect(try await sevk.failures("sealed").allSatisfy { $0["answer"] == nil })
    let answers = try await sevk.failures("plain").compactMap { $0["answer"] as? String }
    #expect(answers == ["the code •••• is not stored"])
    #expect(try !sevk.dumpDatabase().contains(pin))
    await sevk.stop(with: receiver)
  }

  /// Delivered, and reversed later: nobody is told its PIN then.
  @Test func aContestedOrderTellsNoPin() async throws {
    let panel = StubPanel()
    let (sevk, receiver) = try await Installation.withReceiver(scopes: "endpoints:write,pins:read") { sevk in
      try sevk.require(
        "dispatcher", ["provider", "set", "panel", "--base-url", try await panel.start(), "--second-look", "1s"])
    }
    try await sevk.putEndpoint("sealed", receiver.url("sealed"), more: Self.sealing)
    let id = try await sevk.post(player: 1)
    try await sevk.settled([id])
    try await receiver.waits(for: [id], at: "sealed")
    panel.set { $0.status = "OK|3| |İade edildi" }
    try await Waiting.until("it is contested", within: .seconds(30)) {
      receiver.taken("sealed").contains { $0.type == "sevk.order.contested" }
    }
    let before = receiver.taken("sealed").count
    #expect(try await sevk.act("sealed", "replay", #"{"only":"all"}"#).status == 202)
    try await Waiting.until("all comes again", within: .seconds(20)) { receiver.taken("sealed").count >= 2 * before }
    let completed = receiver.taken("sealed").filter { $0.type == "sevk.order.completed" }
    #expect(completed.map { $0.body.contains("pin_sealed") } == [true, false])
    #expect(Set(completed.map { $0.headers["webhook-id"] }).count == 1)
    await panel.stop()
    await sevk.stop(with: receiver)
  }

  @Test func aSandboxSealsItsOwn() async throws {
    let (sevk, receiver) = try await Installation.withReceiver(scopes: "endpoints:write,pins:read")
    let token = try sevk.createToken("orders:write,orders:read,pins:read,endpoints:write", ["--sandbox"])
    sevk.endpointToken = token
    try await sevk.putEndpoint("sealed", receiver.url("sealed"), more: Self.sealing)
    let made = try await sevk.call(
      "POST", "/v1/orders", body: Installation.order(player: 510), key: "sandbox", token: token)
    let id = try #require(made.json["id"] as? String, "\(made.text)")
    try await receiver.waits(for: [id], at: "sealed")
    let post = try #require(receiver.taken("sealed").first { $0.type == "sevk.order.completed" })
    let order = try await sevk.call("GET", "/v1/orders/\(id)?include=pin", token: token)
    #expect(try open([post], sevk) == [order.json["pin"] as? String] && order.json["pin"] != nil)
    await sevk.stop(with: receiver)
  }

  @Test func keysAreForWhoMayReadPins() async throws {
    let (sevk, receiver) = try await Installation.withReceiver(scopes: "endpoints:write,pins:read")
    let url = receiver.url("books")
    func put(_ key: String, _ token: String) async throws -> Installation.Answer {
      try await sevk.call(
        "PUT", "/v1/endpoints/books", body: #"{"url":"\#(url)","types":["*"],"sealed_to":\#(key)}"#, token: token)
    }
    let blind = try sevk.createToken("endpoints:write")
    let refused = try await put("\"\(Self.sealedTo)\"", blind)
    #expect(refused.status == 403 && refused.text.contains("pins:read"), "\(refused.text)")
    #expect(try await put("null", blind).status == 201)
    #expect(try await put("\"\(Self.sealedTo)\"", sevk.endpointToken).json["sealed_to"] as? String == Self.sealedTo)
    let low = Base64.encode([UInt8](repeating: 0, count: 32))
    for key in [#""""#, #""AAAA""#, #""x""#, "7", #""\#(low)""#, #""\#(Self.sealedTo.dropLast())""#] {
      let answer = try await put(key, sevk.endpointToken)
      #expect(answer.status == 422 && answer.problemFields == ["sealed_to"], "\(key): \(answer.text)")
    }
    // Whoever may not read PINs may still take the key away.
    #expect(try await put("null", blind).json["sealed_to"] is NSNull)
    let wrong = try sevk.command(
      "dispatcher",
      ["endpoint", "put", "ops", "--tenant", "shop", "--url", url, "--sealed-to", low])
    #expect(wrong.code == 64 && wrong.errors.contains("--sealed-to"), "\(wrong.errors)")
    try sevk.require(
      "dispatcher", ["endpoint", "put", "ops", "--tenant", "shop", "--url", url, "--sealed-to", Self.sealedTo])
    #expect(try sevk.require("worker", ["endpoint", "show", "ops"]).contains("sealed to \(Self.sealedTo)"))
    await sevk.stop(with: receiver)
  }

  // MARK: Opening

  /// With the library that others use, by the function that the page for shops shows.
  private func open(_ posts: [Receiver.Post], _ sevk: Installation) throws -> [String?] {
    let file = "\(sevk.folder)/sealed.json"
    try Data("[\(posts.map(\.body).joined(separator: ","))]".utf8).write(to: URL(fileURLWithPath: file))
    let opened = try ChildProgram.run(
      PythonClient.interpreter,
      [
        try PythonClient.script("open_pin.py"), "\(Repository.root)/docs/shops.md", Base64.encode(Self.key), file,
      ], environment: ChildProgram.environment, folder: sevk.folder)
    let pins = try? JSONDecoder().decode([String?].self, from: Data(opened.output.utf8))
    return try #require(pins, "\(opened.errors)")
  }

  private func sealed(_ post: Receiver.Post) throws -> String {
    let event = try JSONSerialization.jsonObject(with: Data(post.body.utf8)) as? [String: Any]
    return try #require((event?["data"] as? [String: Any])?["pin_sealed"] as? String, "\(post.body)")
  }
}
