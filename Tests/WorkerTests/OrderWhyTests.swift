import Jobs
import Orders
import Testing

@testable import Service

@Suite struct OrderWhyTests {
  private static let now: Int64 = 1_790_000_000_000

  private static func order(
    _ status: Status, reason: String? = nil, attempt: Int = 1, due: Duration? = .seconds(300)
  ) -> Order {
    var generator = SystemRandomNumberGenerator()
    return Order(
      id: OrderID(milliseconds: 1, using: &generator), version: 2, status: status, tenantID: 1, product: "pubg-60",
      fields: [:], reference: nil, priority: .normal, quantity: 1, reason: reason, providerID: attempt == 0 ? nil : 1,
      providerReference: attempt == 0 ? nil : "590447", attempt: attempt, checks: 0, age: .seconds(1800),
      sinceSend: attempt == 0 ? nil : .seconds(1700), untilDue: due, cost: nil, hasPin: false,
      createdAt: now - 1_800_000, updatedAt: now - 1_700_000, trace: nil)
  }

  private static func around(
    _ state: JobState? = .ready, paused: Bool = false, ready: Int = 1,
    programs: Set<String> = ["dispatcher", "worker", "scheduler"], queue: QueueName = .dispatch,
    provider: Hindrance? = nil
  ) -> OrderSurroundings {
    let job = state.map {
      ListedJob(record: JobRecord(id: "job-1", kind: "dispatch"), state: $0, remaining: nil, detail: "no such kind")
    }
    return OrderSurroundings(
      known: .init(queue: queue, isPaused: paused, ready: ready, job: job, programs: programs), provider: provider)
  }

  private static let down = Hindrance(kind: .providerDown, text: "panel is closed for sends since 3 min: no answer.")

  @Test(arguments: [
    (OrderSurroundings(known: nil), Hindrance.Kind.redisAway, "Redis does not answer"),
    (around(programs: ["worker", "scheduler"]), .noProcess, "dispatcher run"),
    (around(paused: true, ready: 7), .queuePaused, "paused with 7 ready; worker queue resume dispatch"),
    (around(nil), .jobMissing, "worker doctor --mend"),
    (around(.dead), .jobDead, "(no such kind); when the cause is mended: worker job retry job-1"),
    (around(.delayed, programs: ["dispatcher"]), .noScheduler, "scheduler run"),
    (around(.delayed, provider: down), .providerDown, "closed for sends since 3 min"),
    (around(.ready, ready: 5000), .turn, "5000 jobs are ready"),
    // What is broken comes before what is busy.
    (around(paused: true, provider: down), .queuePaused, "worker queue resume"),
  ])
  func aPendingOrderSaysWhatHoldsItUp(_ around: OrderSurroundings, _ kind: Hindrance.Kind, _ words: String) {
    for attempt in 0...1 {
      let why = OrderWhy(
        order: Self.order(.pending, attempt: attempt), provider: "panel", around: around, now: Self.now)
      #expect(why.hindrance?.kind == kind && why.text.contains(words), "\(why.text)")
      #expect(why.json.contains("\"hindrance\":\"\(kind.rawValue)\""))
      #expect(!why.text.contains("Nothing holds it up"))
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
    #expect(lost.text.contains("590447") && lost.text.contains("not sent again"))
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
    if status == .held { #expect(why.text.contains("a person since") && why.text.contains("worker order resolve")) }
  }

  @Test func nothingFromOutsideControlsTheTerminal() {
    let why = OrderWhy(order: Self.order(.failed, reason: "x\u{1B}[2J"), provider: "panel", now: Self.now)
    #expect(!why.text.contains("\u{1B}"))
  }
}
