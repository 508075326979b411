import Foundation
import TestSupport
import Testing

/// Orders by way of each grammar, and what people are shown of it.
@Suite(.serialized, .timeLimit(.minutes(3)))
struct ProviderWayTests {
  private static let fields = #"{"player_id":"5123","phone":"5321234567"}"#

  private func post(_ sevk: Installation, _ product: String) async throws -> String {
    let body = #"{"product":"\#(product)","reference":"\#(product)","fields":\#(Self.fields)}"#
    let answer = try await sevk.call("POST", "/v1/orders", body: body, key: product)
    return try #require(answer.json["id"] as? String, "\(answer.json)")
  }

  private func add(_ sevk: Installation, _ adapter: String, credentials: [String], parameters: [String]) throws {
    try sevk.require(
      "dispatcher",
      ["provider", "add", "\(adapter)-site", "--adapter", adapter, "--base-url", "http://\(sevk.panel)"]
        + credentials.flatMap { ["--credential", $0] })
    try sevk.require(
      "dispatcher",
      ["route", "add", "--tenant", "shop", "--product", adapter, "--provider", "\(adapter)-site"]
        + parameters.flatMap { ["--param", $0] })
  }

  @Test func eachGrammarDelivers() async throws {
    let sevk = try await Installation.make(panel: ["--token", "store-secret", "--fault", "unknown-status=#1"])
    try add(
      sevk, "zdk", credentials: ["token=store-secret"], parameters: ["product=101", "playerId={player_id}"])
    try add(
      sevk, "znet-tl", credentials: ["bayi_kodu=555", "sifre=panel-secret"],
      parameters: ["operator=Turkcell", "tip=tam", "kontor=100", "gsmno={phone}"])
    try add(
      sevk, "znet-fatura", credentials: ["kod=555", "sifre=panel-secret"],
      parameters: [
        "kurum_id=12", "abone_adi=Ali", "son_odeme_tarihi=2026-12-31", "tesisat_no={player_id}", "fatura_no=7",
        "fatura_tutari=149.90",
      ])
    try sevk.require("dispatcher", ["provider", "test", "zdk-site"])
    // Sevk sets it itself.
    let refused = try sevk.command(
      "dispatcher",
      [
        "route", "add", "--tenant", "shop", "--product", "other", "--provider", "zdk-site", "--param", "product=101",
        "--param", "order_uuid=x",
      ])
    #expect(refused.code == 64 && refused.errors.contains("order_uuid"))
    try await sevk.startAll()
    // The first question about it is answered with a status that nobody has described.
    let store = try await post(sevk, "zdk")
    try await sevk.settled([store])
    let others = [try await post(sevk, "znet-tl"), try await post(sevk, "znet-fatura")]
    try await sevk.settled(others)
    for id in [store] + others {
      #expect(try await sevk.call("GET", "/v1/orders/\(id)").json["status"] as? String == "completed")
    }
    let audit = try await sevk.audit()
    let orders = audit["orders"] as? [[String: Any]] ?? []
    #expect(orders.count == 3 && orders.allSatisfy { $0["debits"] as? Int == 1 && $0["sends"] as? Int == 1 })
    let bought = orders.first { $0["oyun"] as? String == "1" }
    let pin = try #require(bought?["pin"] as? String)
    #expect(try await sevk.call("GET", "/v1/orders/\(store)?include=pin").json["pin"] as? String == pin)
    #expect(!sevk.logs.contains(pin) && !sevk.logs.contains("store-secret"))
    #expect(!(try sevk.dumpDatabase()).contains(pin))

    let listed = try sevk.require("worker", ["provider", "unfamiliar", "zdk-site", "--json"])
    let replies = try JSONSerialization.jsonObject(with: Data(listed.utf8)) as? [[String: Any]] ?? []
    let reply = replies.first?["reply"] as? String ?? ""
    #expect(replies.count == 1 && replies.first?["order"] as? String == store, "\(listed)")
    #expect(reply.contains("processing") && !listed.contains(pin))
    #expect(try sevk.require("worker", ["provider", "unfamiliar", "zdk-site"]).contains("processing"))
    #expect(try sevk.require("worker", ["provider", "unfamiliar", "panel"]).contains("explained"))
    #expect(sevk.logs.components(separatedBy: "its contract does not explain").count == 2)
    await sevk.stop()
  }

  @Test func contractsAreShownToPeople() async throws {
    let sevk = try await Installation.make()
    let shown = try sevk.require("worker", ["provider", "contract", "panel"])
    for word in ["OK|2|{any}|{any…}", "delivered, with a PIN", "said twice", "live x2", "@access"] {
      #expect(shown.contains(word), "\(word)")
    }
    let json = try sevk.require("worker", ["provider", "contract", "zdk", "--json"])
    let contract = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any] ?? [:]
    #expect(contract["adapter"] as? String == "zdk")
    let facts = contract["facts"] as? [String: Any] ?? [:]
    #expect(facts["resend_same_reference"] as? String == "sequential")
    let rows = contract["rows"] as? [[String: Any]] ?? []
    #expect(rows.contains { $0["means"] as? String == "not-found" && $0["on"] as? String == "query" })
    #expect(rows.allSatisfy { ($0["evidence"] as? String)?.isEmpty == false && $0["allows"] is String })
    #expect(try sevk.command("worker", ["provider", "contract", "nobody"]).code == 1)
    let help = try sevk.require("dispatcher", ["provider", "add", "--help"])
    for word in ["--adapter zdk: --credential token=…", "--credential bayi_kodu=…", "kupur=VALUE"] {
      #expect(help.contains(word), "\(word)")
    }
    await sevk.stop()
  }

  /// What people must know of a provider before they use it stands in one place.
  @Test func eachAdapterHasItsEntry() throws {
    let page = try Repository.text("ops/PROVIDERS.md")
    let registry = try Repository.text("Sources/Adapters/AdapterRegistry.swift")
    let folders = try FileManager.default.contentsOfDirectory(
      atPath: "\(Repository.root)/Sources/Adapters/Providers")
    #expect(folders.count > 4)
    for folder in folders where folder != "Sandbox" {
      #expect(registry.contains("\(folder)()"), "\(folder) is not in the registry")
      let source = try Repository.text("Sources/Adapters/Providers/\(folder)/\(folder).swift")
      let name = try #require(source.firstMatch(of: /static let name = "([a-z-]+)"/)?.1)
      let entry = page.components(separatedBy: "\n## ").dropFirst().first { $0.hasPrefix("`\(name)`") }
      #expect(entry != nil, "\(name) has no entry")
      for part in ["dispatcher provider add", "dispatcher route add", "Known", "To test live"] {
        #expect(entry?.contains(part) == true, "\(name): \(part)")
      }
    }
  }
}
