import Orders
import Testing

struct BreakerTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    var breaker = Breaker()
    /// Newest first: `+` answered, `-` not.
    let last: String
    var age = Duration.zero
    var concurrencyMax = 16
    let expected: Breaker?
    var testDescription: String { name }
  }

  static let opened = Breaker(mode: .open, pause: .seconds(1))
  static let ramp2 = Breaker(mode: .ramp, pause: .seconds(10), limit: 2)

  @Test(arguments: [
    Case(name: "no send yet", last: "", expected: nil),
    Case(name: "nine in a row", last: "---------+", expected: nil),
    Case(name: "ten in a row", last: "----------+", expected: opened),
    Case(name: "ten in a row, long ago", last: "----------", age: .seconds(600), expected: opened),
    Case(name: "an answer breaks the row", last: "+----------", expected: nil),
    Case(name: "half of twenty", last: "+-+-+-+-+-+-+-+-+-+-", expected: opened),
    Case(name: "less than half", last: "+-+-+-+-+-+-+-+-+-++", expected: nil),
    Case(name: "half, but not twenty", last: "+-+-+-+-+-+-+-+-+-", expected: nil),
    Case(name: "half, but too old", last: "+-+-+-+-+-+-+-+-+-+-", age: .seconds(61), expected: nil),
    Case(name: "open: late answers change nothing", breaker: opened, last: "++++++++++", expected: nil),
    Case(name: "ramp: not yet as many as its limit", breaker: ramp2, last: "+", expected: nil),
    Case(
      name: "ramp: twice as many", breaker: ramp2, last: "++",
      expected: Breaker(mode: .ramp, pause: .seconds(10), limit: 4)),
    Case(
      name: "ramp: one failure opens it for longer", breaker: ramp2, last: "-++",
      expected: Breaker(mode: .open, pause: .seconds(20))),
    Case(
      name: "ramp: never for longer than the maximum",
      breaker: Breaker(mode: .ramp, pause: .seconds(40), limit: 1), last: "-",
      expected: Breaker(mode: .open, pause: .seconds(60))),
    Case(
      name: "ramp: at the provider's own limit it is over",
      breaker: Breaker(mode: .ramp, pause: .seconds(5), limit: 8), last: "++++++++", expected: Breaker()),
    Case(
      name: "ramp: a provider that takes one at a time", breaker: Breaker(mode: .ramp, pause: .seconds(5), limit: 1),
      last: "+", concurrencyMax: 1, expected: Breaker()),
  ])
  func followsFromTheLastSends(_ example: Case) {
    let last = example.last.map { Breaker.Sign(isAnswer: $0 == "+", age: example.age, flow: "a") }
    let change = example.breaker.after(
      last: last, flows: [], answered: last.count { $0.isAnswer }, error: "HTTP 502",
      concurrencyMax: example.concurrencyMax)
    #expect(change?.to == example.expected)
    if change?.to.mode == .open { #expect(change?.why.contains("HTTP 502") == true) }
  }

  struct Flows: Sendable, CustomTestStringConvertible {
    let name: String
    var breaker = Breaker()
    /// Newest first: a capital was answered, a small letter not; the letter is the flow.
    var last = ""
    /// Of each flow, how many of its last sends found fault with the request.
    var odd: [String: Int] = [:]
    /// Flows that were answered lately, besides.
    var others = ""
    let expected: Breaker.Verdict.Kind
    var testDescription: String { name }
  }

  @Test(arguments: [
    Flows(name: "nothing", expected: .working),
    Flows(name: "all of the only flow", last: "aaaaaaaaaa", expected: .failing),
    Flows(name: "all of one flow, and others work", last: "aaaaaaaaaa", others: "b", expected: .doubtful),
    Flows(name: "all of one flow, and another works in between", last: "aaaaaBaaaaa", expected: .working),
    Flows(name: "of two flows", last: "aaaaaaaaab", others: "ab", expected: .failing),
    Flows(name: "half, of one flow", last: "aBaBaBaBaBaBaBaBaBaB", expected: .doubtful),
    Flows(name: "half, and one of another that works", last: "abaBaBaBaBaBaBaBaBaB", expected: .doubtful),
    Flows(name: "half, of both", last: "abABabABabABabABabAB", expected: .failing),
    Flows(
      name: "recovering: one flow fails, another is answered", breaker: ramp2, last: "aB", expected: .doubtful),
    Flows(name: "recovering: the only flow fails", breaker: ramp2, last: "a", expected: .failing),
    Flows(name: "recovering: both fail", breaker: ramp2, last: "ab", expected: .failing),
    Flows(name: "any number of faults of one flow", odd: ["a": 1000], expected: .doubtful),
    Flows(name: "of one flow, and some of another", odd: ["a": 1000, "b": 2], others: "b", expected: .doubtful),
    Flows(name: "of two flows in a row", odd: ["a": 7, "b": 3], expected: .failing),
    Flows(name: "of two flows, too few", odd: ["a": 6, "b": 3], expected: .working),
    Flows(name: "faults don't count among failures", last: "aaaaaaaaa", odd: ["a": 9], expected: .working),
    Flows(
      name: "open: nothing is judged", breaker: opened, last: "aaaaaaaaaa", odd: ["a": 9, "b": 9], expected: .working),
  ])
  func oneFlowAloneNeverClosesAProviderForOthers(_ example: Flows) {
    let last = example.last.map {
      Breaker.Sign(isAnswer: $0.isUppercase, age: .zero, flow: $0.lowercased())
    }
    let answered = Set(example.others.map(String.init) + example.last.filter(\.isUppercase).map { $0.lowercased() })
    let flows = answered.union(example.odd.keys).map {
      Breaker.Flow(
        name: $0, answeredAgo: answered.contains($0) ? .seconds(9) : nil, oddInARow: example.odd[$0] ?? 0)
    }
    let verdict = example.breaker.verdict(last: last, flows: flows, error: "HTTP 414")
    #expect(verdict.kind == example.expected, "\(verdict)")
    let change = example.breaker.after(
      last: last, flows: flows, answered: 0, error: "HTTP 414", concurrencyMax: 16)
    #expect((change?.to.mode == .open) == (example.expected == .failing))
  }

  @Test func aDoubtIsDispelledByAProbeOrBorneOut() {
    #expect(Breaker().afterProbe(.working(balance: Money(tenThousandths: 1)), ofDoubt: "all fail") == nil)
    let change = Breaker().afterProbe(.notWorking("HTTP 403"), ofDoubt: "all fail")
    #expect(change?.to == Self.opened && change?.why == "all fail; and a probe failed: HTTP 403")
    #expect(Self.opened.afterProbe(.notWorking("HTTP 403"), ofDoubt: "all fail") == nil)
  }

  @Test func aProbeOpensForOneOrWaitsTwiceAsLong() {
    let working = Self.opened.afterProbe(.working(balance: Money(tenThousandths: 1)))
    #expect(working.to == Breaker(mode: .ramp, pause: .seconds(1), limit: 1))
    var breaker = Self.opened
    var pauses: [Duration] = []
    for _ in 0..<7 {
      breaker = breaker.afterProbe(.notWorking("HTTP 502")).to
      #expect(breaker.mode == .open)
      pauses.append(breaker.pause)
    }
    #expect(pauses == [2, 4, 8, 16, 32, 60, 60].map { .seconds($0) })
  }

  struct Relapse: Sendable, CustomTestStringConvertible {
    let name: String
    var breaker = Breaker()
    var last: (pause: Duration, age: Duration)?
    /// nil: nothing changes.
    let pause: Duration?
    var testDescription: String { name }
  }

  /// One answer is enough, and a probe that works while sends don't is no reason to begin anew.
  @Test(arguments: [
    Relapse(name: "the first", pause: .seconds(1)),
    Relapse(name: "again soon after", last: (.seconds(4), .seconds(30)), pause: .seconds(8)),
    Relapse(name: "again, the pause not counted", last: (.seconds(60), .seconds(650)), pause: .seconds(60)),
    Relapse(name: "another one, much later", last: (.seconds(60), .seconds(700)), pause: .seconds(1)),
    Relapse(
      name: "in the ramp", breaker: Breaker(mode: .ramp, pause: .seconds(16), limit: 1),
      last: (.seconds(1), .seconds(30)), pause: .seconds(32)),
    Relapse(name: "stopped already", breaker: opened, last: (.seconds(1), .zero), pause: nil),
  ])
  func troubleOfTheAccountClosesAtOnce(_ example: Relapse) {
    for trouble in [Breaker.Trouble.access, .balance] {
      let change = example.breaker.afterTrouble(trouble, "IP geçersiz", last: example.last)
      #expect(change?.to == example.pause.map { Breaker(mode: .open, pause: $0) })
      if let change { #expect(change.why.contains("IP geçersiz") && change.why.contains(trouble.words)) }
    }
  }

  /// A probe that works and sends that do not, for ten minutes: some ten sends.
  @Test func aProbeThatWorksBesideTroubleDoesNotFlap() {
    var (breaker, time, sends) = (Breaker(), Duration.zero, 0)
    var last: (pause: Duration, at: Duration)?
    while time < .seconds(600) {
      sends += 1
      let change = breaker.afterTrouble(.access, "login", last: last.map { ($0.pause, time - $0.at) })
      guard let change else { return #expect(Bool(false), "it stayed as it was") }
      (breaker, last) = (change.to, (change.to.pause, time))
      time += breaker.pause
      breaker = breaker.afterProbe(.working(balance: nil)).to
      // Some orders fare better and close it, every other time.
      if sends % 2 == 0 { breaker = Breaker() }
    }
    #expect((10...16).contains(sends))
  }

  /// A 30-minute outage is met with probes only, and fewer than one for each of its seconds by far.
  @Test func aLongOutageIsProbedByTheMinute() {
    var breaker = Self.opened
    var time = breaker.pause
    var probes = 0
    while time < .seconds(1800) {
      probes += 1
      breaker = breaker.afterProbe(.notWorking("down")).to
      time += breaker.pause
    }
    #expect((31...35).contains(probes))
  }
}

extension Breaker.Verdict {
  enum Kind { case working, failing, doubtful }
  fileprivate var kind: Kind {
    switch self {
    case .working: .working
    case .failing: .failing
    case .doubtful: .doubtful
    }
  }
}

struct QuestionBreakerTests {
  @Test func questionsThatAreNotAnsweredComeEverMoreSlowly() {
    var breaker = QuestionBreaker()
    func note(_ isAnswer: Bool, asked: Int) -> Bool { breaker.note(isAnswer: isAnswer, asked: asked) }
    for _ in 1..<QuestionBreaker.failuresInARowMax { #expect(!note(false, asked: 0)) }
    #expect(!note(true, asked: 0), "an answer breaks the row")
    for _ in 1..<QuestionBreaker.failuresInARowMax { #expect(!note(false, asked: 0)) }
    #expect(!breaker.isSlow)
    #expect(note(false, asked: 0))
    #expect(breaker.pause == .seconds(1))
    // Those that were under way already are no reason to wait for longer.
    for _ in 0..<100 { #expect(!note(false, asked: 0)) }
    #expect(breaker.pause == .seconds(1))
    var pauses: [Duration] = []
    for _ in 0..<7 {
      #expect(note(false, asked: breaker.version))
      pauses.append(breaker.pause)
    }
    #expect(pauses == [2, 4, 8, 16, 32, 60, 60].map { .seconds($0) })
    // Whenever it was asked: an answer is an answer.
    #expect(note(true, asked: 0))
    #expect(!breaker.isSlow && breaker.failuresInARow == 0)
  }
}

struct BalanceWatchTests {
  struct Send: Sendable {
    var cost: Int64? = 10
    let balance: Int64?
    var others = 0
    /// Sends that were noted while it was under way.
    var meanwhile = 0
    var isUnknown = false
  }
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let sends: [Send]
    /// What each send raises, by its place.
    var alarms: [Int: Int64] = [:]
    var testDescription: String { name }
  }

  @Test(arguments: [
    Case(name: "one after the other", sends: [Send(balance: 100), Send(balance: 90), Send(balance: 80)]),
    Case(
      name: "debited twice", sends: [Send(balance: 100), Send(balance: 80), Send(balance: 70)], alarms: [1: 10]),
    Case(
      name: "answers in another order than the debits",
      sends: [
        Send(balance: 100), Send(balance: 70, others: 2), Send(balance: 90, others: 1), Send(balance: 80),
        Send(balance: 60),
      ]),
    Case(
      name: "one answer is very late",
      sends: [
        Send(balance: 100), Send(balance: 80, others: 1), Send(balance: 70, others: 1), Send(balance: 60, others: 1),
        Send(balance: 90), Send(balance: 50), Send(balance: 40),
      ]),
    Case(
      name: "debited twice among others",
      sends: [
        Send(balance: 100), Send(balance: 60, others: 2), Send(balance: 80, others: 1), Send(balance: 70),
        Send(balance: 50),
      ], alarms: [1: 10]),
    Case(
      name: "debited twice, seen when it is quiet",
      sends: [Send(balance: 100), Send(balance: 70, others: 2), Send(balance: 60, others: 1)], alarms: [2: 10]),
    Case(
      name: "a lost answer may have cost money",
      sends: [Send(balance: 100), Send(balance: nil, isUnknown: true), Send(balance: 80), Send(balance: 70)]),
    Case(
      name: "a lost answer explains one order, not two",
      sends: [Send(balance: 100), Send(balance: nil, isUnknown: true), Send(balance: 70)], alarms: [2: 10]),
    // It refused what it booked, and that answer came before the one to a send that was booked earlier.
    Case(
      name: "a balance from before a lost answer's debit",
      sends: [
        Send(balance: 100), Send(balance: nil, isUnknown: true), Send(balance: 90, meanwhile: 1), Send(balance: 70),
        Send(balance: 60),
      ]),
    Case(
      name: "debited twice after a balance from before a lost answer's debit",
      sends: [
        Send(balance: 100), Send(balance: nil, isUnknown: true), Send(balance: 90, meanwhile: 1), Send(balance: 60),
        Send(balance: 50),
      ], alarms: [3: 10]),
    Case(
      name: "a lost send that never arrived hides nothing for long",
      sends: [
        Send(balance: 100), Send(balance: nil, isUnknown: true), Send(balance: 90, meanwhile: 1), Send(balance: 80),
        Send(balance: 60),
      ], alarms: [4: 10]),
    Case(
      name: "of several lost answers only the late one is kept",
      sends: [
        Send(balance: 100), Send(balance: nil, isUnknown: true), Send(balance: nil, isUnknown: true),
        Send(balance: 70, meanwhile: 1), Send(balance: 50), Send(balance: 30),
      ], alarms: [5: 10]),
    // The lost one is in the second balance, and the accepted one is not.
    Case(
      name: "a balance from before an accepted send's debit, with a lost one in it",
      sends: [
        Send(balance: 100), Send(balance: nil, isUnknown: true), Send(balance: 70, others: 1),
        Send(balance: 80, meanwhile: 1), Send(balance: 60), Send(balance: 50),
      ]),
    Case(
      name: "money comes back or is paid in",
      sends: [Send(balance: 100), Send(balance: 100), Send(balance: 500), Send(balance: 490)]),
    Case(
      name: "paid in while it is busy, and debited twice later",
      sends: [
        Send(balance: 100), Send(balance: 590, others: 1), Send(balance: 580, others: 1), Send(balance: 570, others: 1),
        Send(balance: 540, others: 1),
      ], alarms: [4: 10]),
    Case(name: "a cost that was not said", sends: [Send(balance: 100), Send(cost: nil, balance: 90)]),
    Case(name: "no balance is said", sends: [Send(balance: nil), Send(balance: nil)]),
    Case(
      name: "wrong cost: says 5, takes 10", sends: [Send(balance: 100), Send(cost: 5, balance: 90)], alarms: [1: 5]),
  ])
  func raisesOnlyWhatNothingExplains(_ example: Case) {
    var watch = BalanceWatch()
    for (place, send) in example.sends.enumerated() {
      // It is kept as text between two sends.
      watch = BalanceWatch(watch.text)
      guard !send.isUnknown else {
        watch.noteUnknown()
        continue
      }
      let drop = watch.note(
        cost: send.cost.map { Money(tenThousandths: $0) }, balance: send.balance.map { Money(tenThousandths: $0) },
        othersUnderWay: send.others, notedMeanwhile: send.meanwhile)
      #expect(drop?.amount.tenThousandths == example.alarms[place], "send \(place) in \(watch.text)")
      if let drop { #expect(drop.mayBeBookedTwice) }
    }
  }

  /// Money that somebody takes out is no order that was booked twice: in a chaos run such drops made alarms of double
  /// debits that came to 30,000 times what was booked twice.
  @Test func aWithdrawalIsNoDoubleDebit() {
    var watch = BalanceWatch()
    func note(_ balance: Int64, others: Int = 0) -> BalanceWatch.Drop? {
      watch.note(
        cost: Money(tenThousandths: 10), balance: Money(tenThousandths: balance), othersUnderWay: others)
    }
    #expect(note(1_000_000) == nil)
    #expect(note(500) == BalanceWatch.Drop(amount: Money(tenThousandths: 999_490), mayBeBookedTwice: false))
    // What is left is watched as before.
    #expect(note(490) == nil)
    #expect(note(470) == BalanceWatch.Drop(amount: Money(tenThousandths: 10), mayBeBookedTwice: true))
    // Two that were under way may both have been booked twice before it is seen; four can't have been.
    #expect(note(440, others: 2) == nil)
    #expect(note(430) == BalanceWatch.Drop(amount: Money(tenThousandths: 20), mayBeBookedTwice: true))
    #expect(note(380)?.mayBeBookedTwice == false)
  }

  /// In the same run one withdrawal rang ten times: answers from before money was paid in came late, each as if the money
  /// were gone again.
  @Test func anAnswerFromBeforeMoneyCameIsNoWithdrawal() {
    var watch = BalanceWatch()
    func note(_ balance: Int64, others: Int) -> BalanceWatch.Drop? {
      // It is kept as text between two sends.
      watch = BalanceWatch(watch.text)
      return watch.note(
        cost: Money(tenThousandths: 10), balance: Money(tenThousandths: balance), othersUnderWay: others)
    }
    #expect(note(500, others: 0) == nil)
    // Paid in while three are under way, whose answers are late.
    var balance = Int64(1_000_490)
    for _ in 0..<6 {
      balance -= 10
      #expect(note(balance, others: 3) == nil)
    }
    for late in [Int64(480), 470, 460] { #expect(note(late, others: 3) == nil) }
    for _ in 0..<3 {
      balance -= 10
      #expect(note(balance, others: 3) == nil)
    }
    // Taken out while it is busy: all that come say so, and it rings once.
    var drops: [BalanceWatch.Drop] = []
    for number in 1...12 {
      if let drop = note(1000 - Int64(number) * 10, others: 3) { drops.append(drop) }
    }
    #expect(drops.map(\.mayBeBookedTwice) == [false])
    #expect(drops.first.map { (990_000...1_000_000).contains($0.amount.tenThousandths) } == true, "\(drops)")
  }

  /// What Redis or a provider says must not end the process.
  @Test(arguments: [Int64.max, .min, 1_000_000_000_000_000_000])
  func absurdAmountsEndNothing(_ amount: Int64) {
    let absurd = Money(tenThousandths: amount)
    for text in [
      "", "\(amount) \(amount) 7 7 \(amount) 7 \(amount) 7 \(amount)", "\(amount) 0 \(Int64.max) 0 0 0 0 0 0",
    ] {
      var watch = BalanceWatch(text)
      for _ in 0..<4 {
        watch.noteUnknown()
        _ = watch.note(cost: absurd, balance: absurd, othersUnderWay: .max)
        _ = watch.note(cost: absurd, balance: Money(tenThousandths: -(amount / 2)), othersUnderWay: 3)
        watch = BalanceWatch(watch.text)
      }
    }
  }

  @Test(arguments: ["", "garbage", "1 2 3", "- x 0 0 0 0 0"])
  func startsAfreshFromWhatItCannotRead(_ text: String) {
    #expect(BalanceWatch(text) == BalanceWatch())
  }
}
