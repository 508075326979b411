import Orders
import Seeded

/// One random life of one order at a desk: partners, a shop, a customer and the clock speak of it, each from what they saw last and
/// at their own pace, over a model of the rows. What is written is what `Fulfilments` writes; the decisions are the real ones.
struct DeskHistory {
  enum Mistake: CaseIterable {
    case none
    /// A word is written whatever was written meanwhile.
    case forgetTheFence
    /// Whoever gave it up is asked again.
    case askAgain
    /// The order goes on to the next route while its shop has claimed the refund.
    case forgetTheClaim
    /// A wrong hand-over code completes it.
    case believeAnyCode
  }

  private struct Said {
    let word: FulfilmentWord
    /// What whoever speaks saw.
    let seen: Fulfilment
    let at: Duration
  }

  let mistake: Mistake
  private(set) var violation: String?
  private(set) var story: [String] = []
  private(set) var now: Fulfilment
  private var random: SeededGenerator
  private var time = Duration.zero
  private var deadline: Duration?
  private var waiting: [Said] = []
  /// Partners to whom it was said that they have it, and who did not give it up, nor was it taken from them.
  private var haveIt: Set<Int64> = []
  private var gaveUp: Set<Int64> = []
  private var wrongCodes = 0
  /// The shop was told that it gets its money back.
  private var wasToldSafe = false
  private var events = 0

  init(seed: UInt64, mistake: Mistake = .none) {
    self.mistake = mistake
    random = SeededGenerator(seed: seed)
    let count = Int64.random(in: 1...4, using: &random)
    let rule = OfferRule.allCases.randomElement(using: &random) ?? .all
    let candidates = Array(1...count)
    now = Fulfilment(
      orderID: OrderID(milliseconds: 1, using: &random), version: 3, status: .sent, revision: 1,
      flow: Flow.allCases.randomElement(using: &random) ?? .pickup, rule: rule,
      whenNobody: WhenNobody.allCases.randomElement(using: &random) ?? .next, acceptWithin: .seconds(900),
      handOver: Bool.random(using: &random) ? .code : .none, stage: .offered, holder: nil,
      offers: (rule == .first ? [1] : candidates).map { .init($0, .offered) }, candidates: candidates, cancel: nil,
      tries: 0, untilDeadline: .seconds(900), isRefundClaimed: false, names: [:], providerID: 1)
    deadline = .seconds(900)
  }

  mutating func run() {
    for _ in 0..<300 where violation == nil && now.status == .sent {
      time += .seconds(Int.random(in: 0...120, using: &random))
      speak()
      while waiting.contains(where: { $0.at <= time }) { hear() }
    }
    // What is still on its way changes nothing any more.
    let end = now
    while violation == nil, !waiting.isEmpty { hear() }
    if now.status != .sent, end.status != .sent, now != end { fail("it changed after it had ended") }
  }

  // MARK: Words

  private mutating func speak() {
    if Int.random(in: 0..<40, using: &random) == 0 { now.isRefundClaimed = true }
    let partner = Int64.random(in: 1...5, using: &random)
    let word: FulfilmentWord
    switch Int.random(in: 0..<20, using: &random) {
    case 0 where Bool.random(using: &random): word = .cancelWanted(CancelRequest(by: .customer, who: "c"))
    case 1, 2: word = .chosen(partner, by: .shop)
    case 3, 4, 5, 6: word = .clock
    default:
      // Mostly something that makes sense.
      let allowed = AfterPartner.allowed(partner, look())
      let any = PartnerWord.Target.allCases
      let target = (Int.random(in: 0..<4, using: &random) == 0 ? any : allowed.isEmpty ? any : allowed)
        .randomElement(using: &random)
      var said = PartnerWord(target ?? .accepted, note: Bool.random(using: &random) ? "n" : "")
      said.code = [.right, .wrong, .wrong, .missing].randomElement(using: &random) ?? .missing
      if Bool.random(using: &random) { said.price = Money(tenThousandths: 10_000) }
      word = .partner(partner, said)
    }
    let delay = Bool.random(using: &random) ? Duration.zero : .seconds(Int.random(in: 0...600, using: &random))
    waiting.append(Said(word: word, seen: look(), at: time + delay))
  }

  private func look() -> Fulfilment {
    var seen = now
    seen.untilDeadline = deadline.map { $0 - time }
    return seen
  }

  private mutating func hear() {
    waiting.sort { $0.at < $1.at }
    guard let said = waiting.first else { return }
    waiting.removeFirst()
    time = max(time, said.at)
    // Judged from what was seen; the fence makes them look again.
    var seen = said.seen
    if mistake != .forgetTheFence, seen.revision != now.revision || seen.isRefundClaimed != now.isRefundClaimed {
      seen = look()
    }
    if case .clock = said.word { seen.untilDeadline = deadline.map { $0 - time } }
    var word = said.word
    if mistake == .believeAnyCode, case .partner(let partner, var says) = word {
      if says.code == .wrong { says.code = .right }
      word = .partner(partner, says)
    }
    if mistake == .forgetTheClaim { seen.isRefundClaimed = false }
    if mistake == .askAgain {
      seen.offers = seen.offers.map { offer in
        var offer = offer
        offer.hasGivenUp = false
        return offer
      }
    }
    switch AfterPartner.decide(word, seen) {
    case .change(let change): write(change, said.word, seen)
    case .wrongCode(let change, _, _):
      wrongCodes += 1
      write(change, said.word, seen)
    case .asItIs, .notYet, .refused, .notFound: break
    }
  }

  // MARK: Rows

  private mutating func write(_ change: FulfilmentChange, _ word: FulfilmentWord, _ seen: Fulfilment) {
    let before = now
    if mistake != .forgetTheFence, seen.revision != now.revision { return fail("a stale word was written") }
    story.append("\(word) \(change.to) \(change.stage)")
    now.revision += 1
    if change.isTold {
      now.version += 1
      events += 1
    }
    if before.stage != change.stage, !before.flow.canGo(from: before.stage, to: change.stage) {
      return fail("it went from \(before.stage) to \(change.stage)")
    }
    if before.status != .sent { return fail("it was \(before.status) and became \(change.to)") }
    now.status = change.to
    (now.stage, now.holder, now.cancel, now.tries) = (change.stage, change.holder, change.cancel, change.tries)
    switch change.deadline {
    case .kept: break
    case .accept(let within): deadline = time + within
    case .done: deadline = time + .seconds(86_400)
    case .none: deadline = nil
    }
    for offer in change.offers {
      if let index = now.offers.firstIndex(where: { $0.partner == offer.partner }) {
        let old = now.offers[index].state
        if old != offer.state, !old.leadsTo.contains(offer.state) {
          return fail("the offer to \(offer.partner) went from \(old) to \(offer.state)")
        }
        now.offers[index] = offer
      } else {
        if offer.state != .offered { return fail("an offer began as \(offer.state)") }
        now.offers.append(offer)
      }
    }
    judge(before, change, word)
  }

  // MARK: What must hold

  private mutating func judge(_ before: Fulfilment, _ change: FulfilmentChange, _ word: FulfilmentWord) {
    if let holder = before.holder, now.holder != holder {
      guard case .partner(holder, let said) = word, said.to == .cancelled else {
        return fail("it was taken from \(holder) by \(word)")
      }
      gaveUp.insert(holder)
      haveIt.remove(holder)
    }
    if let holder = now.holder { haveIt.insert(holder) }
    if haveIt.count > 1 { return fail("\(haveIt.sorted()) have it") }
    if (now.holder == nil) != (now.stage == .offered) { return fail("\(now.stage), but \(now.holder ?? 0) has it") }
    if let holder = now.holder, now.status != .cancelled, now.offer(to: holder)?.state != .accepted {
      return fail("whoever has it has no offer")
    }
    if now.offers.contains(where: { $0.state == .accepted && $0.partner != now.holder }) {
      return fail("somebody was told that it is theirs, and it is not")
    }
    let open = now.offers.filter(\.state.isOpen)
    if now.holder != nil || now.status != .sent, !open.isEmpty { return fail("an offer is open that nobody can take") }
    if now.status == .sent, now.holder == nil, open.isEmpty { return fail("nobody is asked, and it waits") }
    if open.contains(where: { gaveUp.contains($0.partner) }) { return fail("whoever gave it up is asked again") }
    if now.rule == .first, open.count > 1 { return fail("two are asked at once") }
    if now.status == .sent, deadline == nil { return fail("it waits for ever") }
    if wasToldSafe { return fail("the shop was told that its money is safe, and it went on") }
    switch now.status {
    case .completed:
      guard case .partner(let partner, let said) = word, partner == before.holder, said.to == .completed else {
        return fail("completed by \(word)")
      }
      if now.handOver == .code, said.code != .right { return fail("completed with a code that is \(said.code)") }
      if !now.flow.canComplete(at: now.stage) { return fail("completed while \(now.stage)") }
    case .sent where before.isRefundClaimed && before.holder == nil && now.holder != nil:
      return fail("somebody took it though its refund was claimed")
    case .pending, .failed:
      if before.isRefundClaimed { return fail("\(now.status) though its refund was claimed") }
      if now.holder != nil || !haveIt.isEmpty { return fail("\(now.status), and somebody has it") }
    case .cancelled:
      if let holder = now.holder {
        guard case .partner(holder, _) = word, before.cancel != nil else {
          return fail("cancelled over the head of \(holder)")
        }
      }
    case .held, .sent: break
    default: return fail("it is \(now.status)")
    }
    if [.pending, .failed, .cancelled].contains(now.status) { wasToldSafe = true }
    if wrongCodes > HandOver.triesMax, now.status == .sent, before.holder == now.holder, now.tries == 0, gaveUp.isEmpty
    {
      return fail("\(wrongCodes) wrong codes")
    }
    if !change.isTold, before.stage != now.stage || before.holder != now.holder || before.status != now.status {
      return fail("a change that nobody is told")
    }
  }

  private mutating func fail(_ why: String) { violation = violation ?? "\(why), after \(story.suffix(6))" }
}
