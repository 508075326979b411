import Jobs
import Kinds
import Orders
import Testing

@testable import CommandLine
@testable import Store
@testable import Support

@Suite struct OrderWhyTests {
  private static let now: Int64 = 1_790_000_000_000

  private static func order(
    _ status: Status, reason: String? = nil, attempt: Int = 1, due: Duration? = .seconds(300)
  ) -> Order {
    var generator = SystemRandomNumberGenerator()
    return Order(
      id: OrderID(milliseconds: 1, using: &generator), version: 2, status: status, tenantID: 1, product: "pubg-60",
      fields: [:], shopReference: nil, priority: .normal, quantity: 1, reason: reason,
      providerID: attempt == 0 ? nil : 1,
      sendReference: attempt == 0 ? nil : "590447", sends: attempt, checks: 0, age: .seconds(1800),
      sinceSend: attempt == 0 ? nil : .seconds(1700), untilDue: due, cost: nil, hasPin: false,
      createdAt: now - 1_800_000, updatedAt: now - 1_700_000, trace: nil)
  }

  private static func around(
    _ state: JobState? = .ready, paused: Bool = false, ready: Int = 1,
    programs: Set<String> = ["dispatcher", "worker", "scheduler"], queue: QueueName = .dispatch,
    provider: [Hindrance] = []
  ) -> OrderSurroundings {
    let job = state.map {
      ListedJob(record: JobRecord(id: "job-1", kind: "dispatch"), state: $0, remaining: nil, detail: "no such kind")
    }
    return OrderSurroundings(
      known: .init(queue: queue, isPaused: paused, ready: ready, job: job, programs: programs), provider: provider)
  }

  private static let down = Hindrance(
    kind: .providerDown, text: "panel has been closed for sends for 3 min: no answer.")

  @Test(arguments: [
    (OrderSurroundings(known: nil), Hindrance.Kind.redisAway, "Redis does not answer"),
    (around(programs: ["worker", "scheduler"]), .noProcess, "dispatcher run"),
    (
      around(paused: true, ready: 7), .queuePaused,
      "paused with 7 jobs waiting in it; worker queue resume dispatch ends"
    ),
    (around(nil), .jobMissing, "worker doctor --mend"),
    (around(.dead), .jobDead, "(no such kind); when the cause is mended: worker job retry job-1"),
    (around(.delayed, programs: ["dispatcher"]), .noScheduler, "scheduler run"),
    (around(.delayed, provider: [down]), .providerDown, "closed for sends for 3 min"),
    (around(.ready, ready: 5000), .turn, "5000 jobs are ready"),
    // All that has to end is named, what is most fundamental first.
    (around(paused: true, ready: 0, provider: [down]), .queuePaused, "is paused; worker queue resume dispatch ends"),
    (around(paused: true, provider: [down]), .queuePaused, "ends that. panel has been closed for sends"),
  ])
  func aPendingOrderSaysWhatHoldsItUp(_ around: OrderSurroundings, _ kind: Hindrance.Kind, _ words: String) {
    for attempt in 0...1 {
      let why = OrderWhy(
        order: Self.order(.pending, attempt: attempt), provider: "panel", around: around, now: Self.now)
      #expect(why.hindrance?.kind == kind && why.text.contains(words), "\(why.text)")
      #expect(why.json.contains("\"hindrance\":\"\(kind.rawValue)\""))
      #expect(!why.text.contains("Nothing holds it up") && !why.text.contains("tries it again"))
    }
  }

  @Test func anOrderThatNothingHoldsUpSaysWhenItGoesOn() {
    let due = LocalTime.minute(Self.now + 300_000, now: Self.now)
    let new = OrderWhy(order: Self.order(.pending, attempt: 0), provider: nil, around: Self.around(), now: Self.now)
    #expect(new.text.contains("since \(LocalTime.minute(Self.now - 1_800_000, now: Self.now)), 30 min"), "\(new.text)")
    #expect(new.text.hasSuffix("Nothing holds it up; a dispatcher sends it within seconds."))
    var waiting = Self.around(.delayed)
    waiting.known?.job?.remaining = .seconds(300)
    let later = OrderWhy(order: Self.order(.pending, attempt: 0), provider: nil, around: waiting, now: Self.now)
    #expect(later.text.contains("tries it again at \(due) (in 5 min); nothing else"), "\(later.text)")
    let sent = OrderWhy(
      order: Self.order(.sent, reason: "İşlem sırada"), provider: "panel", deadline: .seconds(86_400),
      around: Self.around(.delayed, queue: .check), now: Self.now)
    #expect(sent.hindrance == nil && sent.text.contains("asked again at \(due) (in 5 min)"), "\(sent.text)")
    let end = LocalTime.minute(Self.now + 84_700_000, now: Self.now)
    #expect(
      sent.text.contains("from \(end) on a person is asked") && sent.text.contains("(İşlem sırada)"), "\(sent.text)")
    let lost = OrderWhy(order: Self.order(.unresolved), provider: "panel", now: Self.now)
    #expect(lost.text.contains("590447") && lost.text.contains("not sent under another"))
  }

  @Test func anOverdueStepSaysSinceWhen() {
    let order = Self.order(.sent, due: .seconds(-600))
    let why = OrderWhy(
      order: order, provider: "panel", around: Self.around(queue: .check), now: Self.now)
    #expect(why.text.contains("it was due at \(LocalTime.minute(Self.now - 600_000, now: Self.now)), 10 min ago"))
    let nobody = OrderWhy(
      order: order, provider: "panel", around: Self.around(programs: ["dispatcher"], queue: .check), now: Self.now)
    #expect(nobody.hindrance?.kind == .noProcess && nobody.text.contains("worker run"))
  }

  @Test(arguments: [Status.held, .completed, .failed, .cancelled])
  func whatNeedsNoProcessIsNotHeldUpByOne(_ status: Status) {
    let why = OrderWhy(
      order: Self.order(status, reason: "look", due: nil), provider: "panel", around: OrderSurroundings(), now: Self.now
    )
    #expect(why.hindrance == nil && !why.text.contains("Redis"), "\(why.text)")
    if status == .held { #expect(why.text.contains("for a person since")) }
  }

  @Test func nothingFromOutsideControlsTheTerminal() {
    let why = OrderWhy(order: Self.order(.failed, reason: "x\u{1B}[2J"), provider: "panel", now: Self.now)
    #expect(!why.text.contains("\u{1B}"))
  }

  // MARK: What was kept of the order

  private static func send(_ state: SendState, accepted: Bool = false, denied: Bool = false) -> Send {
    Send(
      number: 1, provider: "panel", sendReference: "590447", state: state,
      cost: accepted ? Money(parsing: "32.50") : nil,
      time: "", begunAt: now - 1_700_000, answeredAt: now - 1_690_000, age: .seconds(1700), wasAccepted: accepted,
      isDeniedByPerson: denied)
  }

  private static func step(_ kind: Exchange.Kind, _ reply: String, error: String? = nil) -> TimelineStep {
    let exchange = Exchange(
      kind: kind, request: "GET /", status: error == nil ? 200 : nil, reply: Array(reply.utf8), error: error,
      duration: .zero)
    return TimelineStep(time: "", kind: .exchange(exchange, send: 1))
  }

  @Test func anAnswerThatLeavesItOpenIsNoLostAnswer() {
    var order = Self.order(.unresolved, reason: "the question failed: HTTP 500")
    order.checks = 2
    let status = TimelineStep(
      time: "", kind: .status(.unresolved, reason: "the answer was lost: code 8, which says either of two things"))
    var why = OrderWhy(
      order: order, provider: "panel", past: OrderPast(sends: [], steps: [Self.step(.send, "8|Hata"), status]),
      now: Self.now)
    #expect(why.text.contains("with “8|Hata”, which does not say whether it took it."), "\(why.text)")
    #expect(!why.text.contains("lost") && why.text.contains("The last question: the question failed: HTTP 500."))
    why.past?.steps = [Self.step(.send, "", error: "no answer within 1 s"), status]
    #expect(why.text.contains("lost 28 min ago (no answer within 1 s)."), "\(why.text)")
  }

  @Test func questionsThatFailAreNotTakenForWork() {
    var order = Self.order(.sent, reason: "the question failed: HTTP 500")
    order.reasonCode = .askingAgain
    order.checks = 4
    let steps = [Self.step(.query, "OK|1|waiting")] + (0..<3).map { _ in Self.step(.query, "", error: "HTTP 500") }
    let why = OrderWhy(
      order: order, provider: "panel", past: OrderPast(sends: [Self.send(.accepted, accepted: true)], steps: steps),
      now: Self.now)
    #expect(
      why.text.contains("the last 3 questions failed (HTTP 500), so what became of it is not known"), "\(why.text)")
    #expect(!why.text.contains("working on it"))
    let login = OrderWhy(order: order, provider: "panel", now: Self.now)
    #expect(login.text.contains("settled nothing (the question failed: HTTP 500), so what"), "\(login.text)")
    // By the code, whatever the words are.
    order.reasonCode = .inProgress
    #expect(OrderWhy(order: order, provider: "panel", now: Self.now).text.contains("is working on it"))
  }

  @Test func anOrderThatWasNotSentSaysWhy() {
    var order = Self.order(.pending, reason: "not sent: this process was held up")
    order.reasonCode = .sendingAgain
    func why(_ steps: [TimelineStep] = []) -> String {
      OrderWhy(order: order, provider: "panel", past: OrderPast(sends: [], steps: steps), now: Self.now).text
    }
    #expect(why().hasPrefix("It was not sent: this process was held up. A dispatcher tries it again"), "\(why())")
    #expect(why([Self.step(.send, "", error: "no route to 10.0.0.9")]).hasPrefix("It was not sent (no route to"))
    order.reason = "the provider refused, so the next one is tried: no stock"
    order.reasonCode = .nextProvider
    #expect(why().hasPrefix("It was not sent (the provider refused, so the next one is tried: no stock). A"))
  }

  @Test func whatAPersonDecidedIsSaidWithWhoWhenAndWhy() {
    let at = LocalTime.minute(Self.now - 60_000, now: Self.now)
    for (status, choice, did) in [
      (Status.completed, PersonChoice.completed, "marked it delivered"), (.failed, .failed, "marked it failed"),
      (.cancelled, .cancel, "withdrew it"),
    ] {
      var audit = Audit(
        time: "", choice: choice, from: "held", to: status.rawValue, who: "ayşe", note: "seen there", version: 2,
        at: Self.now - 60_000)
      let order = Self.order(status, due: nil)
      let why = OrderWhy(
        order: order, provider: "panel", past: OrderPast(sends: [], audits: [audit]), now: Self.now)
      #expect(why.text.hasPrefix("ayşe \(did) at \(at) (“seen there”);"), "\(why.text)")
      if status == .completed { #expect(why.text.hasSuffix("they gave no PIN: no PIN is stored.")) }
      // That somebody asked the provider since decides nothing.
      var asked = Audit(
        time: "", choice: nil, from: status.rawValue, to: status.rawValue, who: "veli", note: "x", version: 2, at: 0)
      asked.otherName = Audit.askName
      let still = OrderWhy(
        order: order, provider: "panel", past: OrderPast(sends: [], audits: [audit, asked]), now: Self.now)
      #expect(still.text == why.text, "\(still.text)")
      // Of another move.
      audit = Audit(
        time: "", choice: choice, from: "held", to: status.rawValue, who: "ayşe", note: "x", version: 1, at: 0)
      let later = OrderWhy(
        order: order, provider: "panel", past: OrderPast(sends: [], audits: [audit]), now: Self.now)
      #expect(!later.text.contains("ayşe"))
    }
  }

  @Test func aHeldOrderSaysWhichItIsAndWhatEachCommandDoes() {
    var order = Self.order(.held, reason: "look", due: nil)
    order.shopReference = "web-1"
    order.player = "70001"
    let why = OrderWhy(
      order: order, provider: "panel", past: OrderPast(sends: [Self.send(.unknown)]), now: Self.now)
    #expect(why.report.hasPrefix("web-1: pubg-60 for player 70001, posted "))
    for flag in ["--received", "--completed --pin-file FILE", "--failed", "--not-received"] {
      #expect(why.report.contains("worker order resolve \(order.id) \(flag) --note TEXT"), "\(why.report)")
    }
    #expect(why.report.contains("SENDS IT AGAIN") && !why.text.contains("worker order"))
    #expect(why.json.contains("\"commands\":[{"))
  }

  /// Who looks at the panel finds what they see once, and beside it what to press.
  @Test(arguments: [false, true]) func eachSightAtThePanelLeadsToOneChoice(_ isAccepted: Bool) throws {
    let order = Self.order(.held, reason: "look", due: nil)
    let commands = PersonCommands.choices(order, [Self.send(isAccepted ? .accepted : .unknown, accepted: isAccepted)])
    #expect(commands.map(\.choice) == [.received, .completed, .failed, .notReceived])
    #expect(Set(commands.map(\.sight)).count == commands.count)
    let again = try #require(commands.last)
    #expect(again.then == "SENDS IT AGAIN" && again.mayBuyTwice)
    // What was accepted is there: nobody is told to press that it is not.
    #expect(
      again.sight.contains("cancelled there") == isAccepted && again.sight.contains("surely not there") != isAccepted)
    #expect(again.when == "\(again.sight): SENDS IT AGAIN")
  }

  /// A person's word about an accepted send is noted beside what was known, not over it.
  @Test func anAcceptanceIsNeverForgotten() {
    let overruled = Self.send(.notReceived, accepted: true, denied: true)
    #expect(SendText.outcome(overruled) == "was accepted; a person said it was not received")
    #expect(overruled.mayHaveCost && !Self.send(.notReceived, denied: true).mayHaveCost)
    #expect(Self.send(.unknown).mayHaveCost && !Self.send(.refused).mayHaveCost)
  }

  @Test func theProvidersOwnNameIsShownWhereItIsKnown() {
    var send = Self.send(.accepted, accepted: true)
    #expect(!SendText.json(send).contains("provider_order_id") && !SendText.line(send, now: Self.now).contains("own"))
    send.providerOrderID = "TX\u{1B}77"
    #expect(SendText.json(send).contains(#""provider_order_id":"TX\u001b77""#))
    #expect(SendText.line(send, now: Self.now).hasSuffix("cost 32.50; its own order TX\u{1B}77"))
    let step = TimelineStep(
      time: "", kind: .send(number: 1, sendReference: "5", provider: "panel"), providerOrderID: "77")
    #expect(TimelineText.line(step).contains("send 1 to panel under reference 5, its own order 77"))
  }

  @Test func aPinThatTwoOrdersGotMayNotWork() {
    let (order, other) = (Self.order(.completed, due: nil), Self.order(.held, due: nil))
    let why = OrderWhy(
      order: order, provider: "panel", past: OrderPast(sends: [], pinAlsoGivenTo: [other.id]), now: Self.now)
    #expect(why.text.contains("order \(other.id) was given the same PIN by panel; it may not work."), "\(why.text)")
  }
}
