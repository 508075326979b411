import EventLoop
import Foundation
import HTTPClient
import Postgres
import PrivateServers
import TestSupport
import Testing

/// A provider's statement beside our orders, with the real command and a panel that writes one.
@Suite(.serialized, .timeLimit(.minutes(4)))
struct ReconcileTests {
  private static let window = ["--from", "2020-01-01", "--to", "2099-01-01"]
  private static let words = ["--status", "delivered=delivered,cancelled=cancelled,waiting=waiting"]

  private struct Outcome {
    let code: Int32
    let json: [String: Any]
    let errors: String
    func count(_ kind: String) -> Int {
      ((json["kinds"] as? [String: Any])?[kind] as? [String: Any])?["count"] as? Int ?? 0
    }
    var differences: [[String: Any]] { json["differences"] as? [[String: Any]] ?? [] }
    func words(_ kind: String) -> [String] {
      differences.filter { $0["kind"] as? String == kind }.compactMap { $0["words"] as? String }
    }
  }

  private func reconcile(
    _ sevk: Installation, _ csv: String?, _ more: [String] = [], name: String = "panel"
  ) throws -> Outcome {
    var arguments = ["provider", "reconcile", name, "--json"] + Self.window + more
    if let csv {
      let path = "\(sevk.folder)/statement.csv"
      try csv.write(toFile: path, atomically: true, encoding: .utf8)
      arguments += ["--file", path]
    }
    let result = try sevk.command("worker", arguments)
    let json = (try? JSONSerialization.jsonObject(with: Data(result.output.utf8))) as? [String: Any]
    return Outcome(code: result.code, json: json ?? [:], errors: result.errors)
  }

  private func statement(_ sevk: Installation) async throws -> String {
    let reply = try await sevk.http.perform(
      HTTPClientRequest(url: "http://\(sevk.panel)/_statement", connection: .fresh))
    return String(decoding: reply.body, as: UTF8.self)
  }

  @Test func theBooksOfADayAreEqualAndEachDifferenceIsNamed() async throws {
    let sevk = try await Installation.make(panel: ["--cancel-rate", "0.2"])
    try await sevk.startAll()
    var ids: [String] = []
    for player in 1...20 { ids.append(try await sevk.post(player: player)) }
    try await sevk.settled(ids)
    let csv = try await statement(sevk)
    let equal = try reconcile(sevk, csv, Self.words)
    #expect(equal.code == 0 && equal.json["equal"] as? Bool == true && equal.count("matched") == 20, "\(equal)")
    #expect(equal.json["difference"] as? String == "0.00")
    // In the words and the times of others.
    let foreign = csv.replacing("reference,amount,status,at,id", with: "İşlem;Tutar;Durum;Zaman;No").replacing(
      ",", with: ";")
    let turkish = try reconcile(
      sevk, foreign,
      ["--columns", "reference=İşlem,amount=Tutar,status=Durum,at=Zaman,id=No", "--zone", "+03:00"] + Self.words)
    #expect(turkish.code == 0 && turkish.count("matched") == 20, "\(turkish)")
    let byID = csv.split(separator: "\n").map { $0.split(separator: ",").dropFirst().joined(separator: ",") }

    var lines = csv.split(separator: "\n").map(String.init)
    let delivered = lines.indices.filter { lines[$0].contains("delivered") }
    #expect(delivered.count > 8)
    func fields(_ index: Int) -> [String] { lines[index].split(separator: ",").map(String.init) }
    let gone = lines[delivered[0]]
    lines[delivered[1]] = ([fields(delivered[1])[0], "999.00"] + fields(delivered[1])[2...]).joined(separator: ",")
    lines[delivered[2]] = lines[delivered[2]].replacing("delivered", with: "cancelled")
    lines.append(lines[delivered[3]])
    lines.append("123456789012345678,7.00,delivered,2026-01-01T00:00:00Z,77")
    lines[delivered[4]] = ([fields(delivered[4])[0], "seven"] + fields(delivered[4])[2...]).joined(separator: ",")
    lines.remove(at: delivered[0])
    let differs = try reconcile(
      sevk, lines.joined(separator: "\n"), Self.words + ["--edge", "0s", "--csv", "\(sevk.folder)/out.csv"])
    #expect(differs.code == 2, "one line can't be read: \(differs.errors)")
    #expect(differs.json["unread_all"] as? Int == 1)
    for kind in ["other_amount", "other_status", "twice", "missing_here", "missing_there"] {
      #expect(differs.count(kind) == 1, "\(kind): \(differs)")
    }
    #expect(differs.count("matched") == 16)
    let out = try String(contentsOfFile: "\(sevk.folder)/out.csv", encoding: .utf8)
    #expect(out.split(separator: "\n").count == 6 && out.contains(gone.split(separator: ",")[0]))
    // So near to now it may be in the next one.
    let edge = try reconcile(
      sevk, csv.replacing(gone + "\n", with: ""), ["--from", "2020-01-01", "--to", "2099-01-01"] + Self.words)
    #expect(edge.code == 1 && edge.count("missing_there") == 1)
    #expect(!byID.isEmpty)
    await sevk.stop()
  }

  @Test func aLineSettlesWhatNobodyKnew() async throws {
    let sevk = try await Installation.make(environment: ["SEVK_CHECK_DEADLINE": "1s"])
    try sevk.require(
      "dispatcher", SetUp.route("code", to: "panel", tenant: "shop") + ["--pin", "required"])
    try await sevk.startAll()
    let done = try await sevk.post(player: 9)
    try await sevk.settled([done])
    // Answers are lost and questions fail, so that orders are a person's by their deadline.
    try await sevk.setFaults(#"{"lose-answer":1,"query-fails":1}"#)
    var ids: [String] = []
    for player in 1...4 { ids.append(try await sevk.post(player: player)) }
    let code = try await sevk.post(player: 5, product: "code")
    for id in ids + [code] { _ = try await sevk.timeline(of: id) { $0.last == "held" } }
    try await sevk.script("UPDATE attempts SET begun_at = begun_at - interval '2 hours'")
    func reference(_ id: String) async throws -> String { try #require(try await sevk.references(of: id).first) }
    var lines = try await statement(sevk).split(separator: "\n").map(String.init)
    for (id, change) in [(ids[1], "cancelled"), (done, "cancelled")] {
      let of = try await reference(id)
      let index = try #require(lines.firstIndex { $0.hasPrefix(of) })
      lines[index] = lines[index].replacing("delivered", with: change)
    }
    let doubled = try await reference(ids[2])
    lines.append(try #require(lines.first { $0.hasPrefix(doubled) }))
    // What nobody explained settles nothing.
    let fourth = try await reference(ids[3])
    lines = lines.map { $0.hasPrefix(fourth) ? $0.replacing("delivered", with: "Delivered") : $0 }
    let csv = lines.joined(separator: "\n")

    let look = try reconcile(sevk, csv, Self.words)
    #expect(look.code == 1 && look.json["settleable"] as? Int == 4 && look.json["settled"] as? Int == 0, "\(look)")
    for id in ids { #expect(try await sevk.call("GET", "/v1/orders/\(id)").json["status"] as? String == "held") }
    // A line that hides its reference may be a second one about any order.
    let hidden = try reconcile(sevk, csv + "\n,5.00,delivered,,\n", Self.words + ["--settle", "--note", "x", "--yes"])
    #expect(hidden.code == 2 && hidden.json["settled"] as? Int == 0, "\(hidden)")

    let settled = try reconcile(
      sevk, csv, Self.words + ["--settle", "--note", "statement of November", "--by", "books", "--yes"])
    #expect(settled.code == 1 && settled.json["settled"] as? Int == 4, "\(settled)")
    let became = settled.differences.reduce(into: [String: String]()) { all, one in
      if let order = one["order"] as? String { all[order] = one["settled"] as? String }
    }
    #expect(became[ids[0]] == "completed" && became[ids[1]] == "failed" && became[code] == "sent", "\(became)")
    #expect(became[done] == "contested" && became[ids[2]] == nil && became[ids[3]] == nil)
    let story = try sevk.require("worker", ["order", "timeline", ids[1]])
    #expect(
      story.contains("resolved by books as failed") && story.contains("statement statement.csv, line"), "\(story)")
    let contested = try await sevk.call("GET", "/v1/orders/\(done)").json
    #expect(contested["status"] as? String == "contested" && contested["reason_code"] as? String == "second_look")
    #expect(try sevk.require("worker", ["order", "timeline", done]).contains("completed → contested"))
    // Said again, nothing is done twice.
    let again = try reconcile(sevk, csv, Self.words + ["--settle", "--note", "again", "--yes"])
    #expect(again.json["settled"] as? Int == 0 && again.count("twice") == 1, "\(again)")
    await sevk.stop()
  }

  @Test func aStockHasItsOwnBooks() async throws {
    let sevk = try await Installation.make()
    try sevk.require("dispatcher", ["provider", "add", "own", "--adapter", "stock"])
    try sevk.require(
      "dispatcher",
      ["route", "add", "--tenant", "shop", "--product", "gift", "--provider", "own", "--param", "product=gift-10"])
    let path = "\(sevk.folder)/codes.csv"
    try ("code,cost\n" + (1...5).map { "ABCD-000\($0)-WXYZ,2.50" }.joined(separator: "\n"))
      .write(toFile: path, atomically: true, encoding: .utf8)
    try sevk.require("worker", ["stock", "add", "gift-10", "--file", path])
    try await sevk.startAll()
    var ids: [String] = []
    for player in 1...3 { ids.append(try await sevk.post(player: player, product: "gift")) }
    try await sevk.settled(ids)
    let books = try reconcile(sevk, nil, name: "own")
    #expect(books.code == 0 && books.count("matched") == 3, "\(books)")
    #expect((books.json["together"] as? [String: Any])?["theirs"] as? String == "7.50")
    let refused = try sevk.command("worker", ["provider", "reconcile", "panel"] + Self.window)
    #expect(refused.code == 64 && refused.errors.contains("--file is missing"))
    await sevk.stop()
  }
}
