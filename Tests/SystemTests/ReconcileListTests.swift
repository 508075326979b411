import Foundation
import PrivateServers
import TestSupport
import Testing

/// `worker provider reconcile` without a file, with the real command and providers that list what they booked.
@Suite(.serialized, .timeLimit(.minutes(4)))
struct ReconcileListTests {
  private struct Outcome {
    let code: Int32
    let json: [String: Any]
    let text: String
    func count(_ kind: String) -> Int {
      ((json["kinds"] as? [String: Any])?[kind] as? [String: Any])?["count"] as? Int ?? 0
    }
    func settled(_ id: String) -> String? {
      (json["differences"] as? [[String: Any]])?.first { $0["order"] as? String == id }?["settled"] as? String
    }
  }

  private func reconcile(_ sevk: Installation, _ name: String, _ more: [String] = []) throws -> Outcome {
    let result = try sevk.command(
      "worker", ["provider", "reconcile", name, "--json", "--from", "2020-01-01", "--to", "2099-01-01"] + more)
    let json = (try? JSONSerialization.jsonObject(with: Data(result.output.utf8))) as? [String: Any]
    return Outcome(code: result.code, json: json ?? [:], text: result.output + result.errors)
  }

  private enum Desk: String, CaseIterable {
    case airtime, cards, values

    var adapter: String { self == .values ? "dtone" : "reloadly" }
    func credentials(_ panel: String) -> [String] {
      let login = ["client_id=555", "client_secret=panel-secret", "auth_url=http://\(panel)"]
      return switch self {
      case .airtime: login + ["audience=topups"]
      case .cards: login + ["audience=giftcards"]
      case .values: ["key=555", "secret=panel-secret"]
      }
    }
    var parameters: [String] {
      switch self {
      case .airtime: ["operatorId=100", "amount=100", "countryCode=TR", "number={phone}"]
      case .cards: ["productId=101", "unitPrice=32.50", "senderName=Shop", "userId={player_id}"]
      case .values: ["product_id=201", "mobile_number={phone}"]
      }
    }
  }

  private func make(_ desk: Desk, _ environment: [String: String] = [:]) async throws -> Installation {
    let sevk = try await Installation.make(environment: environment)
    let name = desk.rawValue
    try sevk.require(
      "dispatcher",
      ["provider", "add", name, "--adapter", desk.adapter, "--base-url", "http://\(sevk.panel)"]
        + desk.credentials(sevk.panel).flatMap { ["--credential", $0] })
    try sevk.require(
      "dispatcher",
      ["route", "add", "--tenant", "shop", "--product", name, "--provider", name]
        + desk.parameters.flatMap { ["--param", $0] } + (desk == .cards ? ["--pin", "required"] : []))
    try await sevk.startAll()
    return sevk
  }

  private func post(_ sevk: Installation, _ product: String, _ number: Int) async throws -> String {
    let fields = #"{"player_id":"51\#(number)","phone":"53212345\#(10 + number)"}"#
    let body = #"{"product":"\#(product)","reference":"\#(product)-\#(number)","fields":\#(fields)}"#
    let answer = try await sevk.call("POST", "/v1/orders", body: body, key: "\(product)-\(number)")
    return try #require(answer.json["id"] as? String, "\(answer.json)")
  }

  @Test(arguments: Desk.allCases)
  private func theBooksAreClosedWithoutAFile(_ desk: Desk) async throws {
    let sevk = try await make(desk)
    let name = desk.rawValue
    var ids: [String] = []
    for number in 1...3 { ids.append(try await post(sevk, name, number)) }
    try await sevk.settled(ids)
    let books = try reconcile(sevk, name)
    #expect(books.code == 0 && books.count("matched") == 3, "\(name): \(books)")
    let theirs = (books.json["together"] as? [String: Any])?["theirs"] as? String
    #expect(theirs == (desk == .cards ? "97.50" : "291.00"), "\(name): \(books)")
    // What goes wrong on the way is got over; what is not whole says nothing, and least of all that something is missing.
    try await sevk.setFaults(##"{"truncated":"#1","token-refused":"#1","5xx":"#1"}"##)
    #expect(try reconcile(sevk, name).code == 0)
    try await sevk.setFaults(#"{"truncated":0,"token-refused":0,"5xx":0,"deny":1}"#)
    let short = try reconcile(sevk, name, ["--edge", "0s"])
    #expect(
      short.code == 2 && short.json.isEmpty && short.text.contains("the list says that it has 3 lines"), "\(short)")
    try await sevk.setFaults(#"{"deny":0}"#)
    // One that nobody here knows, and one that is not there.
    let reference = try #require(try await sevk.references(of: ids[0]).first)
    try await sevk.script(
      "UPDATE attempts SET reference = '999999999999999999', begun_at = begun_at - interval '2 hours' "
        + "WHERE reference = '\(reference)'")
    let differs = try reconcile(sevk, name)
    #expect(differs.code == 1 && differs.count("matched") == 2, "\(differs)")
    #expect(differs.count("missing_here") == 1 && differs.count("missing_there") == 1, "\(differs)")
    // Another currency is no amount to compare.
    try sevk.require("dispatcher", ["provider", "set", name, "--currency", "TRY"])
    let foreign = try reconcile(sevk, name)
    #expect(foreign.code == 2 && foreign.json["unread_all"] as? Int == 3, "\(foreign)")
    #expect(foreign.text.contains("is in USD, and the account in TRY"), "\(foreign)")
    await sevk.stop()
  }

  @Test(arguments: Desk.allCases)
  private func aListSettlesWhatNobodyKnew(_ desk: Desk) async throws {
    let sevk = try await make(desk, ["SEVK_CHECK_DEADLINE": "1s"])
    let name = desk.rawValue
    try await sevk.setFaults(#"{"lose-answer":1,"query-fails":1}"#)
    let id = try await post(sevk, name, 1)
    _ = try await sevk.timeline(of: id) { $0.last == "held" }
    try await sevk.setFaults(#"{"lose-answer":0,"query-fails":0}"#)
    let look = try reconcile(sevk, name)
    #expect(look.code == 1 && look.json["settleable"] as? Int == 1, "\(name): \(look)")
    let settled = try reconcile(sevk, name, ["--settle", "--note", "the list", "--by", "books", "--yes"])
    // A card's code does not stand on a list: it is asked for.
    #expect(settled.settled(id) == (desk == .cards ? "sent" : "completed"), "\(name): \(settled)")
    let story = try sevk.require("worker", ["order", "timeline", id])
    #expect(story.contains("(statement the provider's list, line 1: "), "\(story)")
    try await sevk.settled([id])
    await sevk.stop()
  }
}
