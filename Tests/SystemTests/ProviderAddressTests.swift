import Foundation
import PrivateServers
import TestSupport
import Testing

/// A provider's URL is data: it must not lead into our own network unless ops said so.
@Suite(.serialized, .timeLimit(.minutes(2)))
struct ProviderAddressTests {
  @Test func aPrivateURLIsRefusedWithWhatToDo() async throws {
    let sevk = try await Installation.make()
    let rows: [(url: String, allowed: String, words: [String])] = [
      ("http://127.0.0.1:1", "", ["127.0.0.1", "SEVK_PROVIDER_PRIVATE_HOSTS=127.0.0.1"]),
      ("http://localhost:1", "", ["127.0.0.1", "SEVK_PROVIDER_PRIVATE_HOSTS=localhost"]),
      ("http://0x7f.1/panel", "", ["127.0.0.1"]), ("http://[::ffff:10.0.0.1]", "", ["10.0.0.1"]),
      ("http://[fd00::1]", "10.0.0.0/8", ["fd00::1"]),
      ("http://169.254.169.254", "10.0.0.0/8,::1", ["169.254.169.254"]),
      ("ftp://bayi.example", "all", ["http://"]), ("file:///etc/passwd", "all", ["http://"]),
      ("http://kod:sifre@bayi.example", "", ["--credential"]), ("http://bayi.example/?a=1", "", ["no ?"]),
      ("http://bayi.example/#a", "", ["no ?"]), ("bayi.example", "", ["http://"]), ("http://", "", ["http://"]),
    ]
    func add(_ url: String, _ command: [String], allowed: String) throws -> ChildProgram.Result {
      try sevk.command(
        "dispatcher", ["provider"] + command + ["--base-url", url],
        environment: ["SEVK_PROVIDER_PRIVATE_HOSTS": allowed])
    }
    let new = ["add", "x", "--adapter", "znet", "--credential", "kod=1", "--credential", "sifre=geheim"]
    for row in rows {
      for command in [new, ["set", "panel"]] {
        let result = try add(row.url, command, allowed: row.allowed)
        #expect(result.code == 64 && row.words.allSatisfy(result.errors.contains), "\(row.url): \(result.errors)")
        #expect(result.errors.split(separator: "\n").count == 1 && !result.errors.contains("geheim"))
      }
    }
    let listed = try sevk.require("dispatcher", ["provider", "list"])
    #expect(listed.contains(sevk.panel) && listed.split(separator: "\n").count == 1)
    // The rest of a provider's settings needs no permission, and public addresses none.
    let set = try sevk.command(
      "dispatcher", ["provider", "set", "panel", "--timeout", "1s"], environment: ["SEVK_PROVIDER_PRIVATE_HOSTS": ""])
    #expect(set.code == 0, "\(set.errors)")
    #expect(try add("https://bayi.example/panel/", new, allowed: "").code == 0)
    let test = try sevk.command(
      "dispatcher", ["provider", "test", "panel"], environment: ["SEVK_PROVIDER_PRIVATE_HOSTS": "10.0.0.0/8"])
    #expect(test.code == 69 && test.errors.contains("SEVK_PROVIDER_PRIVATE_HOSTS"), "\(test.errors)")
    await sevk.stop()
  }

  /// Nothing left, so the order waits and is sent, once, when ops allow the address.
  @Test func aForbiddenAddressIsProvablyNotSentTo() async throws {
    let sevk = try await Installation.make()
    try await sevk.start("dispatcher", environment: ["SEVK_PROVIDER_PRIVATE_HOSTS": "10.0.0.0/8"])
    let id = try await sevk.post(player: 1)
    let dispatcher = try #require(sevk.process("dispatcher"))
    try await sevk.waitForLog("order not sent", of: dispatcher)
    let log = dispatcher.errors
    #expect(log.contains("leads to 127.0.0.1, which is not public") && log.contains("SEVK_PROVIDER_PRIVATE_HOSTS"))
    let order = try await sevk.call("GET", "/v1/orders/\(id)")
    #expect(["pending", "sending"].contains(order.json["status"] as? String), "\(order.text)")
    #expect((try await sevk.audit()["orders"] as? [Any])?.isEmpty == true)
    sevk.kill("dispatcher")

    // Nor does a variable of the environment lead calls elsewhere.
    let proxies = ["http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"].map {
      ($0, "http://127.0.0.1:9")
    }
    for (name, value) in proxies { sevk.setEnvironment(name, value) }
    try await sevk.startAll()
    try await sevk.checkSettled(id, player: 1, story: ["created", "sent", "completed"])
    await sevk.stop()
  }
}
