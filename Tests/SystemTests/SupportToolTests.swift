import EventLoop
import Foundation
import PrivateServers
import Redis
import TestSupport
import Testing

/// What support types, on the real binaries: lists, searches, the history of a queue, the live screen.
@Suite(.serialized, .timeLimit(.minutes(3)))
struct SupportToolTests {
  @Test func ordersAreListedPageByPageAndFoundByEveryName() async throws {
    let sevk = try await Installation.make()
    try await sevk.startAll()
    var ids: [String] = []
    for player in 1...3 { ids.append(try await sevk.post(player: player)) }
    try await sevk.settled(ids)
    let newestFirst = Array(ids.reversed())
    func page(_ flags: String...) throws -> (ids: [String], next: String?) {
      let text = try sevk.require("worker", ["order", "list", "--json"] + flags)
      let object = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
      let orders = object?["orders"] as? [[String: Any]] ?? []
      return (orders.compactMap { $0["id"] as? String }, object?["next"] as? String)
    }
    let first = try page("--limit", "2", "--status", "completed", "--tenant", "shop", "--provider", "panel")
    #expect(first.ids == Array(newestFirst.prefix(2)))
    let next = try #require(first.next)
    #expect(try page("--limit", "2", "--after", next).ids == [newestFirst[2]])
    #expect(try page("--status", "open").ids.isEmpty && page("--older", "1h").ids.isEmpty)
    #expect(try page("--product", "other").ids.isEmpty)
    // The printed command goes on where the page ended.
    let text = try sevk.require("worker", ["order", "list", "--limit", "2", "--product", "pubg-60"])
    let more = try #require(text.split(separator: "\n").last { $0.hasPrefix("more: worker ") })
    let words = more.dropFirst("more: worker ".count).split(separator: " ").map(String.init)
    #expect(try sevk.require("worker", words).contains(newestFirst[2]))

    let wrong = try sevk.command("worker", ["order", "list", "--stauts", "open"])
    #expect(wrong.code == 64 && wrong.errors.contains("did you mean --status?"))
    let near = try sevk.command("worker", ["order", "lst"])
    #expect(near.code == 64 && near.errors.contains("did you mean: worker order list"))
    #expect(try sevk.command("worker", ["order", "list", "--tenant", "shpo"]).errors.contains("did you mean shop?"))

    _ = try await sevk.rows("UPDATE orders SET reference = 'twice' RETURNING status")
    let several = try sevk.command("worker", ["order", "why", "twice"])
    #expect(several.code == 1)
    for id in ids { #expect(several.errors.contains("worker order why \(id)"), "\(several.errors)") }
    await sevk.stop()
  }

  @Test func theHistoryAndTheOverviewTellWhatWasDone() async throws {
    let sevk = try await Installation.make()
    try await sevk.startAll()
    let id = try await sevk.post(player: 1)
    try await sevk.settled([id])
    // A job is settled after its order.
    var history = ""
    repeat {
      history = try sevk.require("worker", ["queue", "history", "dispatch", "--json"])
    } while !history.contains("\"done\":1")
    let table = try sevk.require("worker", ["queue", "history", "--since", "25h"])
    #expect(
      table.contains("dispatch, the last 25h, each hour") && table.contains("deliver: nothing happened"), "\(table)")
    #expect(try sevk.command("worker", ["queue", "history", "--since", "2d"]).code == 64)

    let held = try sevk.command("worker", ["top", "--once", "--json"])
    let top = try JSONSerialization.jsonObject(with: Data(held.output.utf8)) as? [String: Any]
    #expect(held.code == 0 && (top?["problems"] as? [Any])?.isEmpty == true)
    #expect((top?["processes"] as? [[String: Any]])?.count == 3)
    #expect((top?["orders"] as? [[String: Any]])?.count == 6)
    let provider = (top?["providers"] as? [[String: Any]])?.first
    #expect(provider?["health"] as? String == "working" && provider?["last_answered"] as? Int == 1)

    // Without a terminal: plain blocks, until it is told to stop.
    let blocks = try sevk.spawn("worker", ["top", "--interval", "200ms"])
    while blocks.output.components(separatedBy: "Sevk at").count < 3 {
      try await EventLoop.sleep(for: .milliseconds(20))
    }
    blocks.signal(SIGINT)
    #expect(blocks.wait().code == 0)
    #expect(!blocks.output.contains("\u{1B}") && blocks.output.contains("panel"))

    // On a terminal of its own: the second screen is taken and given back, and so are the keys.
    let program = "\(Installation.binaries)/worker"
    let screen = try ChildProgram.run(
      "/bin/sh",
      ["-c", "printf q | script -qec 'stty cols 60 rows 12; \(program) top; echo code $?; stty -a' /dev/null"],
      environment: sevk.environment, folder: sevk.folder)
    let drawn = screen.output
    #expect(
      drawn.contains("\u{1B}[?1049h") && drawn.contains("\u{1B}[?1049l") && drawn.contains("\u{1B}[?25h"), "\(drawn)")
    #expect(drawn.contains("code 0") && drawn.contains(" icanon") && drawn.contains(" echo "), "\(drawn)")
    #expect(drawn.contains("more lines"))

    sevk.redis.stop()
    let away = try sevk.command("worker", ["top", "--once"])
    #expect(away.code == 69 && away.output.contains("WRONG: Redis") && away.output.contains("ORDERS"))
    #expect(try sevk.command("worker", ["order", "why", id]).output.contains("delivered"))
    await sevk.stop()
  }

  @Test func thousandsOfJobsAreChangedAtOnceAndOnlyThose() async throws {
    let sevk = try await Installation.make()
    let redis = try sevk.redis.client()
    let script = """
      for i = 1, 3000 do
        redis.call('HSET', KEYS[1], 'job-' .. i, i % 3 == 0 and 'n1 other 0 0  ' or 'n1 check 0 0  ')
        redis.call('ZADD', KEYS[2], i, 'job-' .. i)
      end
      """
    _ = try await redis.command("EVAL", .string(script), 2, "sevk:{check}:2:jobs", "sevk:{check}:2:dead")
    let bulk = ["job", "retry", "--all", "--state", "dead", "--kind", "check"]
    #expect(try sevk.require("worker", bulk + ["--dry-run"]).contains("2000 jobs would be made ready"))
    #expect(try sevk.require("worker", bulk + ["--yes", "--json"]).contains("{\"changed\":2000}"))
    let list = try sevk.require("worker", ["queue", "list", "--json"])
    #expect(list.contains("\"ready\":2000") && list.contains("\"dead\":1000"), "\(list)")
    #expect(try sevk.require("worker", ["job", "delete", "--all", "--state", "dead", "--yes"]).contains("1000 jobs"))
    #expect(try sevk.require("worker", ["queue", "purge", "check", "--yes"]).contains("removed 2000 jobs"))
    await redis.close()
    await sevk.stop()
  }
}
