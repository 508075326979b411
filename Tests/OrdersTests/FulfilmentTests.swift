import Orders
import Seeded
import Testing

/// What people say of an order at a desk, as tables: the flows, the offers, the hand-over code, and what each word leads to.
@Suite struct FulfilmentTests {
  private static let (ali, veli, can): (Int64, Int64, Int64) = (1, 2, 3)

  private static func at(
    _ stage: Stage = .offered, _ flow: Flow = .pickup, _ rule: OfferRule = .all, holder: Int64? = nil,
    handOver: HandOver = .none, _ offers: [Int64: OfferState]? = nil, whenNobody: WhenNobody = .next
  ) -> Fulfilment {
    let states = offers ?? [ali: holder == ali ? .accepted : .offered, veli: holder == nil ? .offered : .withdrawn]
    var random = SeededGenerator(seed: 1)
    return Fulfilment(
      orderID: OrderID(milliseconds: 1, using: &random), version: 3, status: .sent, revision: 1, flow: flow, rule: rule,
      whenNobody: whenNobody, acceptWithin: .seconds(900), handOver: handOver, stage: stage, holder: holder,
      offers: [ali, veli, can].compactMap { id in states[id].map { .init(id, $0, hasResponded: $0 == .responded) } },
      candidates: [ali, veli, can].filter { states[$0] != nil || rule == .first }, cancel: nil, tries: 0,
      untilDeadline: .seconds(60), isRefundClaimed: false, names: [ali: "ali", veli: "veli", can: "can"], providerID: 9)
  }

  private static func change(_ verdict: FulfilmentVerdict) throws -> FulfilmentChange {
    guard case .change(let change) = verdict else { throw NoChange(verdict: verdict) }
    return change
  }

  private struct NoChange: Error { let verdict: FulfilmentVerdict }

  private static func say(
    _ target: PartnerWord.Target, _ partner: Int64, _ now: Fulfilment, code: PartnerWord.Code = .missing
  )
    -> FulfilmentVerdict
  { AfterPartner.decide(.partner(partner, PartnerWord(target, note: "n", code: code)), now) }

  private func states(_ change: FulfilmentChange) -> [Int64: OfferState] {
    Dictionary(change.offers.map { ($0.partner, $0.state) }, uniquingKeysWith: { _, last in last })
  }

  // MARK: Tables

  @Test func flowsGoForwardAndMaySkipWhatIsOptional() {
    let next: [Flow: [Stage: [Stage]]] = [
      .pickup: [.offered: [.accepted], .accepted: [.preparing, .ready], .preparing: [.ready], .ready: []],
      .delivery: [
        .offered: [.accepted], .accepted: [.preparing, .ready, .delivering], .preparing: [.ready, .delivering],
        .ready: [.delivering], .delivering: [],
      ],
      .work: [.offered: [.accepted], .accepted: [.started], .started: []],
    ]
    let completable: [Flow: Set<Stage>] = [
      .pickup: [.accepted, .preparing, .ready], .delivery: [.accepted, .preparing, .ready, .delivering],
      .work: [.started],
    ]
    for flow in Flow.allCases {
      for stage in Stage.allCases {
        #expect(flow.next(after: stage) == next[flow]?[stage] ?? [], "\(flow) \(stage)")
        #expect(flow.canComplete(at: stage) == completable[flow]?.contains(stage), "\(flow) \(stage)")
        for other in Stage.allCases {
          let isBack = other == .offered && stage != .offered && flow.stages.contains(stage)
          #expect(flow.canGo(from: stage, to: other) == (isBack || next[flow]?[stage]?.contains(other) ?? false))
        }
      }
    }
  }

  @Test func aCodeIsReadAsPeopleTypeIt() {
    var random = SeededGenerator(seed: 5)
    for _ in 0..<200 {
      let code = HandOver.make(using: &random)
      #expect(code.count == HandOver.codeCharacters && !code.contains { "01258BILOSUZ".contains($0) }, "\(code)")
      #expect(HandOver.matches(code, code: code) && HandOver.matches(code.lowercased(), code: code))
      #expect(HandOver.matches(" \(code.prefix(4))-\(code.suffix(4)) ", code: code))
      for wrong in ["", String(code.dropLast()), code + "A", "A" + code, String(code.reversed()) + "x"] {
        #expect(!HandOver.matches(wrong, code: code), "\(wrong) \(code)")
      }
      for index in code.indices {
        var other = code
        other.replaceSubrange(index...index, with: code[index] == "A" ? "C" : "A")
        #expect(!HandOver.matches(other, code: code), "\(other) \(code)")
      }
    }
    #expect(!HandOver.matches("", code: "") && !HandOver.matches("ACDEFGHJ", code: ""))
  }

  @Test func phonesHaveTheirCountry() {
    for good in ["+905551234567", "+90 555 123-45-67", "00905551234567", "+1 (212) 5551234"] {
      #expect(PhoneNumber(good) != nil, "\(good)")
    }
    #expect(PhoneNumber("00 90 555 123 45 67")?.text == "+905551234567")
    for bad in ["", "905551234567", "05551234567", "+05551234567", "+90555", "+9055512345678901", "+90555123456x", "+"]
    {
      #expect(PhoneNumber(bad) == nil, "\(bad)")
    }
  }

  // MARK: Words

  @Test func whoAcceptsFirstHasIt() throws {
    let change = try Self.change(Self.say(.accepted, Self.ali, Self.at(handOver: .code)))
    #expect(change.to == .sent && change.stage == .accepted && change.holder == Self.ali && change.isTold)
    #expect(change.makesCode && change.deadline == .done)
    #expect(states(change) == [Self.ali: .accepted, Self.veli: .withdrawn])
    let taken = Self.at(.accepted, holder: Self.ali)
    #expect(Self.say(.accepted, Self.veli, taken) == .refused("it is already taken", allowed: []))
    #expect(Self.say(.accepted, Self.ali, taken) == .asItIs)
    // Whoever is out of it learns nothing, nor does who was never asked.
    #expect(Self.say(.completed, Self.veli, taken) == .notFound && Self.say(.accepted, Self.can, taken) == .notFound)
  }

  @Test func everyStepIsOneOfTheTable() {
    for flow in Flow.allCases {
      for stage in flow.stages where stage != .offered {
        let now = Self.at(stage, flow, holder: Self.ali)
        let allowed = AfterPartner.allowed(Self.ali, now)
        for target in PartnerWord.Target.allCases {
          let verdict = Self.say(target, Self.ali, now)
          switch verdict {
          case .change: #expect(allowed.contains(target), "\(flow) \(stage) \(target)")
          case .asItIs: #expect(target.rawValue == stage.rawValue)
          case .refused(_, let told):
            #expect(told == allowed && !allowed.contains(target), "\(flow) \(stage) \(target)")
          case .notYet, .wrongCode, .notFound: Issue.record("\(flow) \(stage) \(target): \(verdict)")
          }
        }
      }
    }
    #expect(AfterPartner.allowed(Self.ali, Self.at()) == [.accepted, .declined])
  }

  @Test func onlyTheRightCodeCompletes() throws {
    var now = Self.at(.ready, holder: Self.ali, handOver: .code)
    #expect(try Self.change(Self.say(.completed, Self.ali, now, code: .right)).to == .completed)
    guard case .refused(_, let allowed) = Self.say(.completed, Self.ali, now) else { return #expect(Bool(false)) }
    #expect(allowed == [.completed, .cancelled])
    for tries in 0..<HandOver.triesMax - 1 {
      now.tries = tries
      guard case .wrongCode(let change, let left, _) = Self.say(.completed, Self.ali, now, code: .wrong) else {
        return #expect(Bool(false))
      }
      #expect(change.tries == tries + 1 && !change.isTold && change.to == .sent && left == 4 - tries)
    }
    now.tries = HandOver.triesMax - 1
    guard case .wrongCode(let locked, 0, []) = Self.say(.completed, Self.ali, now, code: .wrong) else {
      return #expect(Bool(false))
    }
    #expect(locked.to == .held && locked.reason.code == .handoverLocked && locked.tries == 0 && locked.isTold)
    // Without a code nobody asks for one.
    now.handOver = .none
    #expect(try Self.change(Self.say(.completed, Self.ali, now, code: .wrong)).to == .completed)
  }

  @Test func whatIsGivenUpIsOfferedToAllButThem() throws {
    var now = Self.at(
      .preparing, .delivery, .choose, holder: Self.ali,
      [Self.ali: .accepted, Self.veli: .withdrawn, Self.can: .declined])
    now.offers[1].hasResponded = true
    now.offers[1].price = Money(tenThousandths: 120_000)
    let change = try Self.change(Self.say(.cancelled, Self.ali, now))
    #expect(change.stage == .offered && change.holder == nil && change.reason.code == .offeredAgain)
    #expect(change.reason.text?.contains("ali gave it up: n") ?? false)
    // A former response counts again.
    #expect(states(change) == [Self.ali: .declined, Self.veli: .responded, Self.can: .offered])
    #expect(change.offers.first { $0.partner == Self.veli }?.price == now.offers[1].price)
    #expect(change.offers.first { $0.partner == Self.ali }?.hasGivenUp ?? false)
    // Nobody else is there.
    let alone = Self.at(.accepted, holder: Self.ali, [Self.ali: .accepted])
    #expect(try Self.change(Self.say(.cancelled, Self.ali, alone)).to == .pending)
    // Nobody else is asked for what the shop wants back.
    now.isRefundClaimed = true
    let back = try Self.change(Self.say(.cancelled, Self.ali, now))
    #expect(back.to == .cancelled && back.sendState == .refused && back.holder == nil && back.stage == .offered)
  }

  @Test func oneAfterTheOther() throws {
    var now = Self.at(.offered, .pickup, .first, [Self.ali: .offered])
    let next = try Self.change(Self.say(.declined, Self.ali, now))
    #expect(
      states(next) == [Self.ali: .declined, Self.veli: .offered] && next.deadline == .accept(.seconds(900))
        && next.isTold)
    now = Self.at(.offered, .pickup, .first, [Self.ali: .declined, Self.veli: .expired, Self.can: .offered])
    now.untilDeadline = .zero
    let nobody = try Self.change(AfterPartner.decide(.clock, now))
    #expect(nobody.to == .pending && nobody.reason.code == .nobodyAccepted && nobody.sendState == .refused)
    #expect(states(nobody) == [Self.can: .expired])
    // Whoever has it gives it up: a new round, from the first on.
    now = Self.at(
      .accepted, .pickup, .first, holder: Self.can, [Self.ali: .declined, Self.veli: .expired, Self.can: .accepted])
    #expect(
      states(try Self.change(Self.say(.cancelled, Self.can, now)))
        == [Self.can: .declined, Self.ali: .offered, Self.veli: .withdrawn])
  }

  @Test(arguments: [(WhenNobody.next, Status.pending), (.failed, .failed), (.held, .held)])
  func nobodyInTime(_ rule: WhenNobody, _ status: Status) throws {
    var now = Self.at(whenNobody: rule)
    #expect(AfterPartner.decide(.clock, now) == .notYet(.seconds(60)))
    now.untilDeadline = .zero
    let change = try Self.change(AfterPartner.decide(.clock, now))
    #expect(change.to == status && change.reason.code == .nobodyAccepted && change.deadline == .none)
    #expect(change.sendState == (rule == .held ? .notReceived : .refused))
    #expect(states(change) == [Self.ali: .expired, Self.veli: .expired])
    // The last who declines is as good as the clock; one of two is not.
    let one = try Self.change(Self.say(.declined, Self.ali, Self.at(whenNobody: rule)))
    #expect(one.to == .sent && !one.isTold && states(one) == [Self.ali: .declined])
    let last = Self.at(.offered, [Self.ali: .declined, Self.veli: .offered], rule)
    #expect(try Self.change(Self.say(.declined, Self.veli, last)).to == status)
    now.isRefundClaimed = true
    #expect(try Self.change(AfterPartner.decide(.clock, now)).to == .cancelled)
    #expect(AfterPartner.allowed(Self.ali, now) == [.declined])
    guard case .refused(_, [.declined]) = Self.say(.accepted, Self.ali, now) else { return #expect(Bool(false)) }
    #expect(try Self.change(Self.say(.declined, Self.ali, now)).to == .cancelled)
  }

  private static func at(_ stage: Stage, _ offers: [Int64: OfferState], _ rule: WhenNobody) -> Fulfilment {
    at(stage, .pickup, .all, offers, whenNobody: rule)
  }

  @Test func somebodyChooses() throws {
    var now = Self.at(.offered, .work, .choose)
    let response = try Self.change(
      AfterPartner.decide(
        .partner(Self.ali, PartnerWord(.accepted, note: "soon", price: Money(tenThousandths: 5))), now))
    #expect(
      response.holder == nil && response.stage == .offered && states(response) == [Self.ali: .responded]
        && response.isTold)
    #expect(AfterPartner.decide(.chosen(Self.ali, by: .customer), now) != .notFound)
    now.offers[0] = response.offers[0]
    let chosen = try Self.change(AfterPartner.decide(.chosen(Self.ali, by: .customer), now))
    #expect(chosen.holder == Self.ali && states(chosen) == [Self.ali: .accepted, Self.veli: .withdrawn])
    // Too late for those who said nothing; who chooses has as long again.
    now.untilDeadline = .zero
    let late = try Self.change(AfterPartner.decide(.clock, now))
    #expect(late.to == .sent && states(late) == [Self.veli: .expired] && late.deadline == .accept(.seconds(900)))
    now.offers[1].state = .expired
    let over = try Self.change(AfterPartner.decide(.clock, now))
    #expect(over.to == .pending && states(over) == [Self.ali: .expired])
    #expect(AfterPartner.decide(.chosen(Self.ali, by: .shop), Self.at()) != .asItIs)
  }

  @Test func whoeverHasItIsAskedBeforeItIsCancelled() throws {
    let request = CancelRequest(by: .customer, who: "customer", note: "too late")
    let free = try Self.change(AfterPartner.decide(.cancelWanted(request), Self.at()))
    #expect(free.to == .cancelled && states(free) == [Self.ali: .withdrawn, Self.veli: .withdrawn])
    var now = Self.at(.preparing, holder: Self.ali)
    let asked = try Self.change(AfterPartner.decide(.cancelWanted(request), now))
    #expect(asked.to == .sent && asked.cancel == request && asked.reason.code == .cancelRequested && asked.isTold)
    now.cancel = request
    #expect(AfterPartner.decide(.cancelWanted(request), now) == .asItIs)
    #expect(AfterPartner.allowed(Self.ali, now) == [.ready, .completed, .declined, .cancelled])
    let refused = try Self.change(Self.say(.declined, Self.ali, now))
    #expect(refused.to == .sent && refused.cancel == nil && refused.holder == Self.ali)
    let agreed = try Self.change(Self.say(.cancelled, Self.ali, now))
    #expect(agreed.to == .cancelled && agreed.holder == Self.ali && agreed.reason.code == .cancelAgreed)
    #expect(states(agreed) == [Self.ali: .withdrawn] && agreed.sendState == .refused)
  }

  @Test func nothingIsSaidOfWhatIsNotSent() {
    for status in Status.allCases where status != .sent {
      var now = Self.at(.accepted, holder: Self.ali)
      now.status = status
      for target in PartnerWord.Target.allCases {
        let verdict = Self.say(target, Self.ali, now)
        if status == .completed, target == .completed {
          #expect(verdict == .asItIs)
        } else {
          #expect(verdict == .refused("the order is \(status.rawValue)", allowed: []), "\(status) \(target)")
        }
      }
      #expect(AfterPartner.decide(.clock, now) == .notYet(nil) && AfterPartner.allowed(Self.ali, now).isEmpty)
    }
  }

  @Test func theDeadlineOfWhoeverHasItIsAPersons() throws {
    var now = Self.at(.delivering, .delivery, holder: Self.ali)
    now.untilDeadline = .milliseconds(-1)
    let change = try Self.change(AfterPartner.decide(.clock, now))
    #expect(
      change.to == .held && change.reason.code == .noFinalAnswer && change.sendState == nil && change.holder == Self.ali
    )
    // A person gave it back.
    now.untilDeadline = nil
    #expect(AfterPartner.decide(.clock, now) == .notYet(nil))
  }
}
