import CommandLine
import Jobs
import Kinds
import Orders
import Store
import Testing

@testable import Support
@testable import Worker

@Suite struct TopLayoutTests {
  private static func overview(at seconds: Int64, minutes: [QueueMinute] = []) -> Overview {
    var overview = Overview(time: seconds * 1000)
    var id = SystemRandomNumberGenerator()
    overview.orders = [
      WaitingOrders(
        status: .unresolved, count: 3, oldest: OrderID(milliseconds: 1, using: &id), oldestAge: .seconds(4000)),
      WaitingOrders(status: .held, count: 0, oldest: nil, oldestAge: nil),
    ]
    overview.queues = [
      .init(
        queue: .dispatch, counts: .init(ready: 12, leased: 4, delayed: 100, dead: 1, isPaused: true),
        overdue: .seconds(9), now: 20, minutes: minutes)
    ]
    var provider = Overview.ProviderLine(name: "bayi\u{1B}[2J", health: .down, concurrencyMax: 16)
    provider.why = "zaman aşımı: مهلة 👩‍💻"
    provider.inFlight = 3
    provider.balance = Money(parsing: "12.5")
    (provider.lastSends, provider.lastAnswered) = (20, 7)
    overview.providers = [provider]
    var silent = Overview.ProcessLine(name: "worker@vm:1:x")
    silent.silentSeconds = 7
    overview.processes = [silent]
    return overview
  }

  private static func minute(_ minute: Int64, done: Int) -> QueueMinute {
    var tally = QueueTally()
    tally[.done] = done
    return QueueMinute(minute: minute, tally: tally)
  }

  @Test func saysWhatIsWrongAndHowFastItGoes() {
    let before = Self.overview(at: 1000, minutes: [Self.minute(19, done: 500), Self.minute(20, done: 10)])
    var now = Self.overview(at: 1004, minutes: [Self.minute(20, done: 30), Self.minute(21, done: 11)])
    now.problems = ["Redis: away"]
    let text = TopLayout.lines(now, since: before, on: .plain).joined(separator: "\n")
    for words in [
      "WRONG: Redis: away", "unresolved", "66 min", "PAUSED", "DOWN", "3/16", "7/20", "12.5", "DOES NOT ANSWER",
    ] {
      #expect(text.contains(words), "\(words) in\n\(text)")
    }
    // 31 in four seconds; the 500 of the minute before were known already.
    #expect(text.contains("7.8") && !text.contains("\u{1B}"), "\(text)")
  }

  @Test func whatWasNotReadIsLeftOut() {
    let lines = TopLayout.lines(Overview(time: 0), since: nil, on: .plain)
    #expect(lines.count == 1)
    #expect(Overview(time: 0).rate(of: .dispatch, since: Overview(time: 0)) == nil)
    // Redis was emptied between.
    let before = Self.overview(at: 1000, minutes: [Self.minute(20, done: 10)])
    #expect(Self.overview(at: 1002).rate(of: .dispatch, since: before) == nil)
  }

  @Test(arguments: [1, 2, 7, 20, 40, 79, 80, 200], [2, 5, 50])
  func fitsTheScreen(_ columns: Int, _ rows: Int) {
    let output = TextOutput(isTerminal: true, columns: columns, rows: rows)
    let lines = TopLayout.lines(Self.overview(at: 5), since: nil, on: output)
    #expect(lines.count <= rows)
    for line in lines {
      #expect(DisplayWidth.of(line) <= columns, "\(line)")
      #expect(!line.unicodeScalars.contains { $0.value < 0x20 })
    }
  }
}
