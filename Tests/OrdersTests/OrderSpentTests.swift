import Orders
import Testing

/// What an order waited for, as its job carries it, and on what its time went.
@Suite struct OrderSpentTests {
  private static let down = OrderWaits.Wait(.down, at: 3)
  private static let rate = OrderWaits.Wait(.rate, at: 4)

  @Test func aWaitLastsUntilTheNextLookAndNoLongerThanItWasMeantTo() {
    var waits = OrderWaits(sends: 1)
    var carried = waits.waiting(for: Self.down, .seconds(10), age: .seconds(2))
    // It came back a second early, since somebody hurried it; then 4 s late.
    waits = OrderWaits(carried: carried, sends: 1)
    waits.end(age: .seconds(11))
    #expect(waits.stored == "down@3=9000")
    carried = waits.waiting(for: Self.rate, .seconds(1), age: .seconds(11))
    waits = OrderWaits(carried: carried, sends: 1)
    waits.end(age: .seconds(16))
    #expect(waits.stored == "down@3=9000,rate@4=1000")
    carried = waits.waiting(for: Self.down, .seconds(10), age: .seconds(16))
    waits = OrderWaits(carried: carried, sends: 1)
    waits.end(age: .seconds(26))
    #expect(waits.stored == "down@3=19000,rate@4=1000" && waits.milliseconds == 20_000)
    // A clock that was set back takes nothing away.
    waits = OrderWaits(carried: waits.waiting(for: Self.down, .seconds(1), age: .seconds(30)), sends: 1)
    waits.end(age: .seconds(20))
    #expect(waits.milliseconds == 20_000)
  }

  @Test func whatIsCarriedIsReadWholeOrNotAtAll() {
    let waits = OrderWaits(carried: Array("w1 2 down@3:1200+5000 rate@3=700".utf8), sends: 2)
    #expect(waits.stored == "rate@3=700")
    #expect(OrderWaits(carried: Array("w1 2 down@3:1200+5000 rate@3=700".utf8), sends: 3) == OrderWaits(sends: 3))
    for text in [
      "", "w1", "w2 2 - rate@3=700", "w1 2 - rate@3=-700", "w1 2 - rate@3=7e2", "w1 2 down@3:1+ rate@3=700",
      "w1 2 down@3 rate@3=700", "w1 2 - rate@3=700,", "w1 2 - rate@3=99999999999999", "w1 2 -  rate@3=700",
      "w1 2 - " + (1...9).map { "rate@\($0)=1" }.joined(separator: ","), "w1 2 - \u{0}=1",
      "w1 2 - rate@3=700 " + String(repeating: "x", count: 1000),
    ] {
      #expect(OrderWaits(carried: Array(text.utf8), sends: 2) == OrderWaits(sends: 2), "\(text)")
    }
    // A newer program's cause is left out.
    #expect(OrderWaits.parts(stored: "moon@3=5,rate@3=7") == [.init(.init(.rate, at: 3), milliseconds: 7)])
    #expect(OrderWaits.parts(stored: "moon") == nil)
  }

  @Test func onlySoManyPartsAreCarried() {
    var waits = OrderWaits(sends: 0)
    for provider in 1...20 as ClosedRange<Int64> {
      let carried = waits.waiting(for: .init(.down, at: provider), .seconds(1), age: .seconds(provider))
      waits = OrderWaits(carried: carried, sends: 0)
      waits.end(age: .seconds(provider + 1))
    }
    #expect(waits.parts.count == 8)
  }

  private static func spent(
    _ steps: [(Status, Int64)], _ sends: [OrderSpent.Send] = [], now: Int64 = 1_000_000
  ) -> OrderSpent? {
    OrderSpent(steps.map { .init($0.0, at: $0.1) }, sends, now: now)
  }

  @Test func theTimeIsThatOfEachStatusInTurn() throws {
    let waits = [OrderWaits.Part(Self.down, milliseconds: 640_000), .init(Self.rate, milliseconds: 500)]
    let spent = try #require(
      Self.spent(
        [(.pending, 0), (.sending, 640_600), (.sent, 642_600), (.completed, 664_600)], [.init(at: 3, waits: waits)]))
    #expect(spent.end == .completed && spent.milliseconds == 664_600 && spent.providerID == 3)
    #expect(
      spent.parts == [
        TimePart(.down, at: 3, milliseconds: 640_000), TimePart(.rate, at: 4, milliseconds: 500),
        TimePart(.turn, at: nil, milliseconds: 100), TimePart(.call, at: 3, milliseconds: 2000),
        TimePart(.provider, at: 3, milliseconds: 22_000),
      ])
    #expect(spent.longest?.kind == .down)
  }

  @Test func severalSendsAndPeopleAreAddedUp() throws {
    let spent = try #require(
      Self.spent(
        [
          (.pending, 0), (.sending, 10), (.pending, 30), (.sending, 100), (.unresolved, 200), (.held, 1200),
          (.sent, 5200), (.failed, 5300), (.contested, 9000), (.completed, 9900),
        ], [.init(at: 1, waits: []), .init(at: 2, waits: [.init(.init(.again, at: 1), milliseconds: 50)])]))
    #expect(spent.end == .failed && spent.milliseconds == 5300, "until it first ended")
    #expect(
      spent.parts == [
        TimePart(.turn, at: nil, milliseconds: 30), TimePart(.call, at: 1, milliseconds: 20),
        TimePart(.again, at: 1, milliseconds: 50), TimePart(.call, at: 2, milliseconds: 100),
        TimePart(.lost, at: 2, milliseconds: 1000), TimePart(.person, at: nil, milliseconds: 4000),
        TimePart(.provider, at: 2, milliseconds: 100),
      ])
    #expect(spent.parts.reduce(0) { $0 + $1.milliseconds } == spent.milliseconds)
  }

  @Test func whatIsNotThereIsNotMadeUp() throws {
    #expect(Self.spent([]) == nil)
    #expect(Self.spent([(.sent, 5), (.completed, 9)]) == nil, "its beginning was dropped")
    // More is said to have been waited than there was: not more than there was.
    let spent = try #require(
      Self.spent(
        [(.pending, 0), (.sending, 100), (.completed, 90)],
        [.init(at: 3, waits: [.init(Self.down, milliseconds: 999)])]))
    #expect(spent.parts == [TimePart(.down, at: 3, milliseconds: 100)] && spent.milliseconds == 100)
    let open = try #require(Self.spent([(.pending, 0)], now: 700))
    #expect(open.end == nil && open.parts == [TimePart(.turn, at: nil, milliseconds: 700)])
    // A send that was left out by a restore has no name.
    let bare = try #require(Self.spent([(.pending, 0), (.sending, 1), (.sent, 3)], now: 9))
    #expect(bare.parts.map(\.providerID) == [nil, nil, nil] && bare.milliseconds == 9)
  }

  /// What passes while no worker runs is not said to have been the provider's.
  @Test func timeInWhichNobodyAskedIsNotTheProviders() throws {
    let schedule = CheckSchedule(first: .seconds(10), backoff: .seconds(10), backoffMax: .seconds(40), jitter: 0)
    let steps: [OrderSpent.Step] = [
      .init(.pending, at: 0), .init(.sending, at: 0), .init(.sent, at: 1000), .init(.completed, at: 301_000),
    ]
    func spent(_ questions: [OrderSpent.Question], _ schedules: [Int64: CheckSchedule]) throws -> [TimePart] {
      try #require(
        OrderSpent(steps, [.init(at: 3, waits: [])], questions: questions, schedules: schedules, now: 0)
      ).parts
    }
    func question(_ at: Int64, send: Int = 1) -> OrderSpent.Question {
      .init(ofSend: send, at: at, tookMilliseconds: 500)
    }
    let call = TimePart(.call, at: 3, milliseconds: 1000)
    // Asked at 11 s, then not before 300.5 s: 10 s of that were planned.
    let late = try spent([question(11_500), question(301_000)], [3: schedule])
    #expect(
      late == [
        call, TimePart(.provider, at: 3, milliseconds: 21_000), TimePart(.unasked, at: 3, milliseconds: 279_000),
      ])
    // Never more than a minute late: the provider took its time.
    let onTime = (1...7).map { question(Int64($0) * 43_000) }
    let whole = [call, TimePart(.provider, at: 3, milliseconds: 300_000)]
    #expect(try spent(onTime, [3: schedule]) == whole)
    // Nothing is made up where questions are not kept, are another send's, or the schedule is not known.
    #expect(try spent([], [3: schedule]) == whole)
    #expect(try spent([question(11_500, send: 2)], [3: schedule]) == whole)
    #expect(try spent([question(11_500), question(301_000)], [:]) == whole)

    // After a lost answer it asks sooner; an order that waits still counts till now.
    let lost = try #require(
      OrderSpent(
        [.init(.pending, at: 0), .init(.sending, at: 0), .init(.unresolved, at: 1000)], [.init(at: 3, waits: [])],
        questions: [question(6500)], schedules: [3: schedule], now: 206_500))
    #expect(
      lost.parts == [
        call, TimePart(.lost, at: 3, milliseconds: 10_500), TimePart(.unasked, at: 3, milliseconds: 195_000),
      ])
    #expect(lost.parts.reduce(0) { $0 + $1.milliseconds } == lost.milliseconds)
  }
}
