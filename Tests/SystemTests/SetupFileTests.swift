import Foundation
import PrivateServers
import TestSupport
import Testing

/// `dispatcher export` and `dispatcher apply`, and what takes things out of the set-up.
@Suite(.serialized, .timeLimit(.minutes(3)))
struct SetupFileTests {
  private static let yaml = """
    tenants:
      - name: shop
      - name: kiosk
    providers:
      - name: panel
        adapter: znet
        base_url: http://PANEL
        credentials:
          kod: {env: PANEL_KOD}
          sifre: {file: FOLDER/sifre}
        timeout: 1s
        concurrency: 64
        rate: 20/s
      - name: spare
        adapter: znet
        base_url: http://PANEL/spare
        credentials: {kod: {env: PANEL_KOD}, sifre: {file: FOLDER/sifre}}
        second_look: [1h, 24h]
    routes:
      - tenant: shop
        product: pubg-60
        provider: panel
        params: {oyun: "1", kupur: "60", oyuncu_bilgi: "{player_id}", musteri_tel: "{phone}"}
        failover_after: 30s
      - tenant: shop
        product: pubg-60
        provider: spare
        params: {oyun: "1", kupur: "60", oyuncu_bilgi: "{player_id}", musteri_tel: "{phone}"}
        cost_max: "1.50"
        share: 30
    tokens:
      - {tenant: kiosk, name: till, scopes: [orders:write, orders:read], rate: 100/s}
    endpoints:
      - {tenant: kiosk, name: books, url: "http://127.0.0.1:9/x", types: [sevk.order.completed]}
    """

  private let sevk: Installation
  private var file: String { "\(sevk.folder)/setup.yaml" }

  init() async throws {
    sevk = try await Installation.make(environment: ["PANEL_KOD": "555"])
    try Data("panel-secret\n".utf8).write(to: URL(fileURLWithPath: "\(sevk.folder)/sifre"))
  }

  private func write(_ text: String, to name: String = "setup.yaml") throws {
    try Data(
      text.replacing("FOLDER", with: sevk.folder).replacing("PANEL/", with: "\(sevk.panel)/").replacing(
        "http://PANEL\n", with: "http://\(sevk.panel)\n"
      ).utf8
    )
    .write(to: URL(fileURLWithPath: "\(sevk.folder)/\(name)"))
  }

  private func apply(_ more: String..., file name: String = "setup.yaml") throws -> ChildProgram.Result {
    try sevk.command("dispatcher", ["apply", "\(sevk.folder)/\(name)"] + more)
  }

  @Test func aFileIsShownThenDoneOnce() async throws {
    try write(Self.yaml)
    let dry = try apply("--dry-run")
    #expect(dry.code == 2, "\(dry.errors)")
    for line in [
      "+ tenant kiosk", "~ provider panel", "    rate: 20/s", "+ provider spare", "    failover_after: 30s",
      "+ route shop pubg-60 2", "+ token kiosk till", "+ endpoint kiosk books",
    ] { #expect(dry.output.contains("\(line)\n"), "\(line): \(dry.output)") }
    #expect(!dry.output.contains("panel-secret") && !dry.output.contains("credential"))
    #expect(try !sevk.require("dispatcher", ["tenant", "list"]).contains("kiosk"))
    // Nobody said yes.
    #expect(try apply().code == 64)
    #expect(try !sevk.require("dispatcher", ["tenant", "list"]).contains("kiosk"))

    let done = try apply("--yes", "--by", "ayse", "--note", "opening the kiosk")
    #expect(done.code == 0, "\(done.errors)")
    let token = try #require(done.output.firstMatch(of: /token kiosk till: (sevk_[0-9a-f]{48})/)?.output.1)
    #expect(done.output.contains("endpoint kiosk books: whsec_"))
    let again = try apply("--yes")
    #expect(again.code == 0 && again.output.contains("nothing to change"), "\(again.output)")
    #expect(try apply("--dry-run").code == 0)
    #expect(try apply("--dry-run", "--json").output.contains(#""changes":[]"#))

    let audit = try sevk.require("dispatcher", ["audit", "list", "--json"])
    #expect(audit.contains(#""who":"ayse""#) && audit.contains("opening the kiosk") && audit.contains("+ tenant kiosk"))
    #expect(!audit.contains(token) && !audit.contains("panel-secret"))
    // The token works, with the rights that the file says.
    let tokens = try sevk.require("dispatcher", ["token", "list", "--tenant", "kiosk", "--json"])
    #expect(
      tokens.contains(#""scopes":["orders:read","orders:write"]"#)
        || tokens.contains(#""scopes":["orders:write","orders:read"]"#), "\(tokens)")
    #expect(tokens.contains(#""rate_per_second":100"#))
    try sevk.require("dispatcher", ["provider", "test", "panel"])
    // What is exported is the same set-up, both ways.
    for format in ["json", "yaml"] {
      let text = try sevk.require("dispatcher", ["export", "--setup", "--format", format])
      #expect(!text.contains("panel-secret") && text.contains("PANEL_SIFRE"))
      try write(text, to: "exported.\(format)")
      let same = try apply("--dry-run", file: "exported.\(format)")
      #expect(same.code == 0 && same.output.contains("nothing to change"), "\(same.output) \(same.errors)")
      #expect(same.output.contains("note: providers[0].credentials.sifre: the variable PANEL_SIFRE is not set"))
    }
    await sevk.stop()
  }

  @Test func aWrongFileNamesItsPlace() async throws {
    let cases: [(String, String, String)] = [
      ("adapter: znet", "adapter: zent", "providers[0].adapter"),
      ("timeout: 1s", "timeout: 1 second", "providers[0].timeout"),
      ("rate: 20/s", "rate: 20", "providers[0].rate must be a string: write it in quotes"),
      ("concurrency: 64", "concurency: 64", "providers[0].concurency is not known; did you mean concurrency?"),
      ("{env: PANEL_KOD}\n", "555\n", "providers[0].credentials.kod must be an object"),
      ("{env: PANEL_KOD}\n", "\"555\"\n", "providers[0].credentials.kod must not stand in the file"),
      (
        "kod: {env: PANEL_KOD}, ", "kod: {env: NOWHERE}, ",
        "providers[1].credentials.kod: the variable NOWHERE is not set"
      ),
      ("provider: spare", "provider: spar", "routes[1].provider names spar"),
      ("provider: spare", "provider: panel", "routes[1].provider is that of routes[0] too"),
      ("kupur: \"60\"", "kupr: \"60\"", "routes[0].params kupr"),
      ("scopes: [orders:write", "scopes: [orders:wirte", "tokens[0].scopes orders:wirte is not known"),
      ("types: [sevk.order.completed]", "types: [sevk.order.done]", "endpoints[0].types has"),
      ("- name: kiosk", "- name: Kiosk", "tenants[1].name must be"),
      ("- name: kiosk", "- name: shop", "tenants: tenant shop is there twice"),
      ("  - name: kiosk", "  - name: kiosk\n    name: kiosk", "setup.yaml: line 4: the member \"name\" is there twice"),
      ("tenants:", "tenants: &x", "line 1: anchors and tags are not taken"),
      ("tenants:", "tenant:", "tenant is not known; did you mean tenants?"),
    ]
    for (from, to, words) in cases {
      let text = Self.yaml.replacing(from, with: to, maxReplacements: 1)
      #expect(text != Self.yaml)
      try write(text)
      let refused = try apply("--dry-run")
      #expect(refused.code == 64 && refused.errors.contains(words), "\(words): \(refused.errors)")
      #expect(refused.errors.split(separator: "\n").count == 1 && !refused.errors.contains("555"))
    }
    try write(#"{"tenants": [}"#, to: "setup.json")
    let refused = try apply(file: "setup.json")
    #expect(
      refused.code == 64 && refused.errors.contains("setup.json: line 1: a value is missing"), "\(refused.errors)")
    await sevk.stop()
  }

  @Test func whatWouldSendWronglyIsRefusedAndNothingDone() async throws {
    try await sevk.setFaults(#"{"never-ends": 1}"#)
    for program in ["scheduler", "dispatcher"] { try await sevk.start(program) }
    _ = try await sevk.post(player: 1)
    _ = try await sevk.events { $0.contains { $0.type == "sevk.order.sent" } }
    try write(Self.yaml.replacing("base_url: http://PANEL\n", with: "base_url: http://127.0.0.1:9\n"))
    for flag in ["--dry-run", "--yes"] {
      let refused = try apply(flag)
      #expect(refused.code == 1 && refused.errors.contains("1 orders are open at panel"), "\(refused.errors)")
    }
    #expect(try !sevk.require("dispatcher", ["tenant", "list"]).contains("kiosk"))
    // Nor is the last route taken away from an order, nor its provider, nor its tenant.
    try write("{\"tenants\": [], \"providers\": [], \"routes\": []}", to: "setup.json")
    let pruned = try apply("--prune", "--yes", file: "setup.json")
    #expect(pruned.code == 1, "\(pruned.output)")
    for words in ["1 orders for pubg-60 are not settled", "panel stays", "shop stays: it has orders"] {
      #expect(pruned.errors.contains(words), "\(words): \(pruned.errors)")
    }
    let left = try apply("--dry-run", file: "setup.json")
    #expect(left.code == 0 && left.output.contains("? route shop pubg-60 1 is not in the file and stays"))
    for command in [["provider", "remove", "panel"], ["tenant", "remove", "shop"]] {
      let refused = try sevk.command("dispatcher", command + ["--yes"])
      #expect(refused.code == 1 && refused.errors.contains("stays"), "\(refused.errors)")
    }
    await sevk.stop()
  }

  @Test func whatNothingNeedsIsRemoved() async throws {
    try write(Self.yaml)
    #expect(try apply("--yes").code == 0)
    // By a file.
    let shorter = Self.yaml.split(separator: "\ntokens:")[0].replacing("  - name: kiosk\n", with: "")
    try write(shorter + "\ntokens: []\nendpoints: []\n")
    let kept = try apply("--dry-run")
    #expect(kept.code == 0 && kept.output.contains("? tenant kiosk is not in the file"), "\(kept.output)")
    let pruned = try apply("--prune", "--yes", "--json")
    #expect(pruned.code == 0, "\(pruned.errors)")
    #expect(try !sevk.require("dispatcher", ["tenant", "list"]).contains("kiosk"))
    #expect(try sevk.require("dispatcher", ["endpoint", "list", "--json"]) == "[]\n")
    // The one that the installation made has no name, so no file could have meant it.
    #expect(try !sevk.require("dispatcher", ["token", "list", "--tenant", "shop"]).contains("REVOKED"))
    // By hand.
    let refused = try sevk.command("dispatcher", ["provider", "remove", "spare", "--yes"])
    #expect(refused.code == 1 && refused.errors.contains("route shop pubg-60 2"), "\(refused.errors)")
    try sevk.require("dispatcher", ["route", "remove", "--tenant", "shop", "--product", "pubg-60", "--position", "2"])
    try sevk.require("dispatcher", ["provider", "remove", "spare", "--yes"])
    #expect(try !sevk.require("dispatcher", ["provider", "list", "--json"]).contains("spare"))
    try sevk.require("dispatcher", ["tenant", "add", "gone"])
    try sevk.require("dispatcher", ["tenant", "remove", "gone", "--yes"])
    #expect(try !sevk.require("dispatcher", ["tenant", "list", "--json"]).contains("gone"))
    #expect(try sevk.command("dispatcher", ["tenant", "remove", "gone", "--yes"]).code == 64)
    await sevk.stop()
  }

  @Test func madeSecretsGoToAFileThatOnlyItsOwnerReads() async throws {
    try write(Self.yaml)
    let secrets = "\(sevk.folder)/secrets"
    let done = try apply("--yes", "--secrets", secrets)
    #expect(done.code == 0 && !done.output.contains("sevk_") && !done.output.contains("whsec_"), "\(done.output)")
    let text = try String(contentsOfFile: secrets, encoding: .utf8)
    #expect(text.contains("token kiosk till: sevk_") && text.contains("endpoint kiosk books: whsec_"))
    let mode = try FileManager.default.attributesOfItem(atPath: secrets)[.posixPermissions] as? Int
    #expect(mode == 0o600)
    // A file that is there is never written over.
    try write(Self.yaml.replacing("name: till", with: "name: other"))
    let refused = try apply("--yes", "--secrets", secrets)
    #expect(refused.code == 64 && refused.errors.contains("nothing was changed"), "\(refused.errors)")
    #expect(try !sevk.require("dispatcher", ["token", "list"]).contains("other"))
    // A right that the file gives is given to the token that is there.
    try write(Self.yaml.replacing("orders:read]", with: "orders:read, pins:read]"))
    let changed = try apply("--yes")
    #expect(changed.output.contains("~ token kiosk till") && !changed.output.contains("sevk_"), "\(changed.output)")
    #expect(try sevk.require("dispatcher", ["token", "list"]).contains("pins:read"))
    await sevk.stop()
  }
}
