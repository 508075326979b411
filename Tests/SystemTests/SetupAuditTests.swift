import Foundation
import PrivateServers
import TestSupport
import Testing

/// Each command that sets up one thing says who did it, in the transaction of the change, and without secrets.
@Suite(.serialized, .timeLimit(.minutes(3)))
struct SetupAuditTests {
  private let sevk: Installation
  private let by = ["--by", "ayse", "--note", "ticket 4711"]

  init() async throws {
    sevk = try await Installation.make()
    _ = try await sevk.rows("DELETE FROM setup_audits RETURNING 1::text")
  }

  private func lines() async throws -> [String] {
    try await sevk.rows("SELECT what || ': ' || array_to_string(changes, '; ') FROM setup_audits ORDER BY id")
  }

  private func run(_ words: String...) throws -> String {
    try sevk.require("dispatcher", words + by).trimmingCharacters(in: .whitespacesAndNewlines)
  }

  @Test func everySingleCommandIsWrittenDown() async throws {
    let url = "http://\(sevk.panel)"
    var secrets = ["other-secret", "newer-secret"]
    _ = try run("tenant", "add", "kiosk")
    _ = try run(
      "provider", "add", "spare", "--adapter", "znet", "--base-url", url, "--credential", "kod=777", "--credential",
      "sifre=other-secret", "--currency", "TRY", "--second-person-above", "99.50")
    _ = try run(
      "provider", "set", "spare", "--timeout", "5s", "--credential", "sifre=newer-secret", "--second-look-share", "0.5",
      "--second-person-above", "off")
    try sevk.require("dispatcher", SetUp.route("pubg-60", to: "spare", tenant: "kiosk") + by)
    _ = try run("route", "set", "--tenant", "kiosk", "--product", "pubg-60", "--cost-max", "40")
    _ = try run("route", "remove", "--tenant", "kiosk", "--product", "pubg-60")
    secrets.append(try run("token", "create", "--tenant", "kiosk", "--scope", "orders:read", "--name", "till"))
    secrets.append(try run("token", "create", "--dashboard", "--role", "decide", "--name", "veli"))
    let number = try await sevk.rows("SELECT id::text FROM api_tokens WHERE name = 'till'")[0]
    secrets.append(try run("token", "rotate", number))
    _ = try run("token", "revoke", number)
    secrets.append(try run("endpoint", "put", "books", "--tenant", "kiosk", "--url", "https://kiosk.example/x"))
    _ = try run("endpoint", "put", "books", "--tenant", "kiosk", "--url", "https://kiosk.example/y")
    secrets.append(try run("endpoint", "rotate-secret", "books", "--tenant", "kiosk"))
    _ = try run("endpoint", "remove", "books", "--tenant", "kiosk")
    let found = try await lines()
    let expected = [
      "tenant add: note: ticket 4711; + tenant kiosk",
      "provider add: note: ticket 4711; + provider spare;     adapter: znet;     base_url: \(url);",
      "provider set: note: ticket 4711; ~ provider spare;     timeout: 20s -> 5s;     second_look_share: 0.5;"
        + "     second_person_above: 99.50 -> (none);     credential sifre: changed",
      "route add: note: ticket 4711; + route kiosk pubg-60 1;     provider: spare;",
      "route set: note: ticket 4711; ~ route kiosk pubg-60 1;     cost_max: 40",
      "route remove: note: ticket 4711; - route kiosk pubg-60 1",
      "token create: note: ticket 4711; + token kiosk till;     scopes: orders:read;     begins with: sevk_",
      "token create: note: ticket 4711; + token dashboard veli;     roles: decide;     begins with: sevk_",
      "token rotate: note: ticket 4711; ~ token \(number):",
      "token revoke: note: ticket 4711; - token \(number) (kiosk till)",
      "endpoint put: note: ticket 4711; + endpoint kiosk books;     url: https://kiosk.example/x;",
      "endpoint put: note: ticket 4711; ~ endpoint kiosk books;     url: https://kiosk.example/x -> https://kiosk.example/y",
      "endpoint rotate-secret: note: ticket 4711; ~ endpoint kiosk books: another secret",
      "endpoint remove: note: ticket 4711; - endpoint kiosk books",
    ]
    #expect(found.count == expected.count, "\(found)")
    for (line, wanted) in zip(found, expected) { #expect(line.hasPrefix(wanted), "\(line)") }
    #expect(found[1].contains("second_person_above: 99.50"), "\(found[1])")
    #expect(try await sevk.rows("SELECT DISTINCT who FROM setup_audits") == ["ayse"])
    let list = try sevk.require("dispatcher", ["audit", "list", "--json"])
    for secret in secrets { #expect(!list.contains(secret) && !secret.isEmpty) }
    #expect(list.contains("token revoke") && list.contains("\"who\":\"ayse\""))
    await sevk.stop()
  }

  /// What changed nothing leaves no row.
  @Test func whatIsRefusedLeavesNoRow() async throws {
    for words in [
      ["tenant", "add", "shop"], ["tenant", "add", "Shop"], ["token", "revoke", "999"], ["token", "rotate", "999"],
      ["token", "create", "--tenant", "nobody", "--scope", "orders:read"],
      ["provider", "add", "panel", "--adapter", "stock"], ["provider", "set", "panel", "--timeout", "nothing"],
      ["route", "remove", "--tenant", "shop", "--product", "none"], ["tenant", "add", "fine", "--by", " "],
      ["route", "add", "--tenant", "nobody", "--product", "p", "--provider", "panel"],
    ] {
      let result = try sevk.command("dispatcher", words)
      #expect(result.code == 64, "\(words): \(result)")
    }
    #expect(try await lines() == [])
    // Nobody said who: who is logged in.
    try sevk.require("dispatcher", ["tenant", "add", "kiosk"])
    #expect(try await sevk.rows("SELECT who FROM setup_audits")[0].contains("@"))
    // A sandbox is a tenant, and a panel the first time.
    try sevk.require("dispatcher", ["token", "create", "--tenant", "kiosk", "--scope", "orders:read", "--sandbox"])
    let made = try await lines()
    #expect(made.contains { $0.contains("+ provider sandbox") } && made.contains { $0.contains("+ token") }, "\(made)")
    await sevk.stop()
  }

  @Test func theFileKnowsAboveWhatTwoPeopleAreNeeded() async throws {
    try sevk.require("dispatcher", ["provider", "set", "panel", "--second-person-above", "150"])
    let text = try sevk.require("dispatcher", ["export", "--setup"])
    #expect(text.contains(#""second_person_above": "150.00""#), "\(text)")
    let file = "\(sevk.folder)/setup.json"
    let environment = ["PANEL_KOD": "555", "PANEL_SIFRE": "panel-secret"]
    func apply(_ text: String, _ more: [String] = ["--yes"]) throws -> ChildProgram.Result {
      try Data(text.utf8).write(to: URL(fileURLWithPath: file))
      return try sevk.command("dispatcher", ["apply", file] + more, environment: environment)
    }
    #expect(try apply(text).output.contains("nothing to change"))
    let changed = try apply(text.replacing(#""150.00""#, with: #""0""#))
    #expect(changed.code == 0, "\(changed)")
    #expect(
      try await sevk.rows("SELECT second_person_above::numeric(9,2)::text FROM providers WHERE name = 'panel'") == [
        "0.00"
      ])
    let dropped = try apply(text.replacing(#", "second_person_above": "150.00""#, with: ""), ["--dry-run"])
    #expect(dropped.output.contains("second_person_above: 0.00 -> (none)"), "\(dropped)")
    let wrong = try apply(text.replacing(#""150.00""#, with: #""much""#))
    #expect(wrong.code == 64 && wrong.errors.contains("providers[0].second_person_above is"), "\(wrong)")
    await sevk.stop()
  }
}
