import Orders
import Seeded
import Testing

struct RouteChoiceTests {
  private typealias Candidate = RouteChoice.Candidate
  private static let after = Duration.seconds(30)

  private func candidate(
    _ id: Int64 = 1, refusals: Int = 0, notSent: Int = 0, share: Int? = nil, cost: Int64? = nil, most: Int64? = nil,
    shut: Int? = nil, _ why: RouteChoice.Shut.Why = .down, after: Int? = nil
  ) -> Candidate {
    Candidate(
      providerID: id, refusals: refusals, sendsNotSent: notSent, share: share,
      cost: cost.map { Money(tenThousandths: $0 * 10_000) }, costMax: most.map { Money(tenThousandths: $0 * 10_000) },
      shut: shut.map { .init(why, for: .seconds($0)) }, failoverAfter: after.map { .seconds($0) })
  }

  private func order(_ number: UInt64) -> OrderID {
    var random = SeededGenerator(seed: number)
    return OrderID(milliseconds: 1_700_000_000_000 + number, using: &random)
  }

  private func expect(
    _ candidates: [Candidate], isByCost: Bool = false, _ index: Int?, _ why: RouteChoice.Why = .first,
    goesOn: (index: Int, after: Int, isOpen: Bool)? = nil, isTooDear: Bool = false,
    _ location: SourceLocation = #_sourceLocation
  ) {
    let choice = RouteChoice.next(among: candidates, isByCost: isByCost)
    #expect(choice?.index == index, sourceLocation: location)
    guard let choice else { return }
    #expect(choice.why == why && choice.isTooDear == isTooDear, sourceLocation: location)
    #expect(choice.goesOn?.index == goesOn?.index, sourceLocation: location)
    #expect(choice.goesOn?.after == goesOn.map { .seconds($0.after) }, sourceLocation: location)
    #expect(choice.goesOn?.isOpen == goesOn?.isOpen, sourceLocation: location)
  }

  @Test func asItWasWithoutAnyTerms() {
    expect([candidate(), candidate()], 0)
    expect([candidate(refusals: 1), candidate()], 1, .refused)
    expect([candidate(notSent: 1), candidate()], 1, .notReached)
    expect([candidate(notSent: 1), candidate(notSent: 1)], 0)
    expect([candidate(notSent: 1), candidate(notSent: 1), candidate()], 2, .notReached)
    expect([candidate(refusals: 1), candidate(refusals: 2)], nil)
    expect([], nil)
    // Shut, and nobody said that its orders may go on.
    expect([candidate(shut: 4000), candidate()], 0)
  }

  @Test func aShutOneIsGivenUpInItsTimeAndNotBefore() {
    for why in RouteChoice.Shut.Why.allCases {
      expect([candidate(shut: 12, why, after: 30), candidate()], 0, goesOn: (1, 18, true))
      expect([candidate(shut: 29, why, after: 30), candidate()], 0, goesOn: (1, 1, true))
      expect([candidate(shut: 30, why, after: 30), candidate()], 1, .failover)
      expect([candidate(shut: 4000, why, after: 30), candidate()], 1, .failover)
    }
    // Back at once when it opens.
    expect([candidate(after: 30), candidate()], 0)
    // Nobody else has it.
    expect([candidate(shut: 40, after: 30)], 0)
    expect([candidate(shut: 40, after: 30), candidate(refusals: 1)], 0)
    // The second is shut as well: the first open one, else the first, and whichever opens.
    expect([candidate(shut: 40, after: 30), candidate(shut: 1), candidate()], 2, .failover)
    expect([candidate(shut: 40, after: 30), candidate(shut: 1, after: 30)], 0, goesOn: (1, 0, false))
    expect([candidate(shut: 10, after: 30), candidate(shut: 1)], 0, goesOn: (1, 20, false))
    // The first refused it, so the second is whose turn it is.
    expect([candidate(refusals: 1), candidate(shut: 40, after: 30), candidate()], 2, .failover)
    expect([candidate(refusals: 1), candidate(shut: 40), candidate()], 1, .refused)
    // It was not sent to the first once, and the second is shut: back to the first.
    expect([candidate(notSent: 1), candidate(shut: 40, after: 30)], 0, .failover)
    // One that can't take it as it is is no way out.
    var unfit = candidate()
    unfit.isUnfit = true
    expect([candidate(shut: 40, after: 30), unfit], 0)
    expect([unfit, candidate()], 1)
    expect([unfit], nil)
  }

  @Test func whatAsksTooMuchIsLeftOut() {
    expect([candidate(cost: 16, most: 15), candidate(cost: 16, most: 17)], 1, .tooDear)
    expect([candidate(cost: 15, most: 15), candidate()], 0)
    // What nobody knows the price of is sent as ever.
    expect([candidate(most: 15), candidate()], 0)
    expect([candidate(cost: 16, most: 15), candidate(cost: 18, most: 17)], 0, .tooDear, isTooDear: true)
    expect([candidate(cost: 16, most: 15)], 0, .tooDear, isTooDear: true)
    expect([candidate(refusals: 1, cost: 1, most: 15), candidate(cost: 18, most: 17)], 1, .tooDear, isTooDear: true)
    // Shut is no reason to pay more than may be paid.
    expect([candidate(shut: 40, after: 30), candidate(cost: 18, most: 17)], 0)
    expect([candidate(cost: 18, most: 17), candidate(shut: 40, after: 30), candidate()], 2, .failover)
  }

  @Test func theCheapestFirst() {
    expect([candidate(cost: 12), candidate(cost: 11), candidate(cost: 13)], isByCost: true, 1, .cost)
    expect([candidate(cost: 12), candidate(cost: 12)], isByCost: true, 0, .cost)
    expect([candidate(), candidate(cost: 99)], isByCost: true, 1, .cost)
    expect([candidate(), candidate()], isByCost: true, 0)
    expect([candidate(cost: 12), candidate(cost: 11, shut: 40, after: 30)], isByCost: true, 0, .failover)
    expect([candidate(cost: 12), candidate(cost: 11, shut: 40)], isByCost: true, 1, .cost)
    expect([candidate(cost: 12), candidate(refusals: 1, cost: 11)], isByCost: true, 0, .refused)
    expect([candidate(cost: 12), candidate(cost: 11)], 0)
  }

  @Test func sharesAreHonestAndTheSameForEachTry() {
    let candidates = [candidate(1, share: 30), candidate(2, share: 50), candidate(3, share: 20), candidate(4)]
    var counts = [0, 0, 0, 0]
    for number in 0..<20_000 {
      let choice = RouteChoice.next(among: candidates, order: order(UInt64(number)))
      #expect(choice == RouteChoice.next(among: candidates, order: order(UInt64(number))))
      #expect(choice?.why == .share)
      counts[choice?.index ?? 3] += 1
    }
    // 20,000 draws: five standard deviations are less than two in a hundred.
    #expect(abs(counts[0] - 6000) < 350 && abs(counts[1] - 10_000) < 360 && abs(counts[2] - 4000) < 290, "\(counts)")
    #expect(counts[3] == 0)
  }

  /// What the shut one would have had goes to the others by their shares, and the rest stays where it was.
  @Test func aShutOnesShareGoesToTheOthers() {
    var candidates = [candidate(1, share: 50, after: 30), candidate(2, share: 30), candidate(3, share: 20)]
    let before = (0..<10_000).map { RouteChoice.next(among: candidates, order: order($0))?.index }
    candidates[0].shut = .init(.down, for: .seconds(10))
    #expect((0..<10_000).map { RouteChoice.next(among: candidates, order: order($0))?.index } == before)
    candidates[0].shut = .init(.down, for: .seconds(30))
    let during = (0..<10_000).map { RouteChoice.next(among: candidates, order: order($0))?.index }
    for (was, now) in zip(before, during) where was != 0 { #expect(was == now) }
    let moved = zip(before, during).filter { $0.0 == 0 }.map(\.1)
    #expect(!moved.contains(0))
    let second = moved.count { $0 == 1 }
    #expect(abs(second - moved.count * 3 / 5) < 250, "\(second) of \(moved.count)")
  }

  @Test func sharesHoldAmongNeighboursOnly() {
    let alone = [candidate(1, share: 1), candidate(2), candidate(3, share: 99)]
    let behind = [candidate(1), candidate(2, share: 50), candidate(3, share: 50)]
    for number in 0..<200 {
      #expect(RouteChoice.ranking(alone, order: order(UInt64(number)), isByCost: false) == [0, 1, 2])
      #expect(RouteChoice.ranking(behind, order: order(UInt64(number)), isByCost: false).first == 0)
    }
    #expect(Set((0..<200).map { RouteChoice.ranking(behind, order: order($0), isByCost: false)[1] }) == [1, 2])
  }

  /// Every combination of three candidates, against what must hold of each.
  @Test func whateverTheCombination() {
    var kinds: [Candidate] = []
    for refusals in [0, 1] {
      for notSent in [0, 1] {
        for cost in [nil, 10, 20] as [Int64?] {
          for shut in [nil, 5, 50] as [Int?] {
            for after in [nil, 30] as [Int?] {
              kinds.append(
                candidate(refusals: refusals, notSent: notSent, cost: cost, most: 15, shut: shut, after: after))
            }
          }
        }
      }
    }
    for one in kinds {
      for two in kinds {
        for three in [kinds[0], kinds[4], candidate(refusals: 1), candidate(shut: 50, after: 30)] {
          let all = [one, two, three]
          guard let choice = RouteChoice.next(among: all) else {
            #expect(all.allSatisfy { $0.refusals > 0 })
            continue
          }
          let (taken, left) = (all[choice.index], all.filter { $0.refusals == 0 })
          let isDear = { (candidate: Candidate) in candidate.cost.map { $0.tenThousandths > 150_000 } ?? false }
          #expect(taken.refusals == 0)
          #expect(choice.isTooDear == left.allSatisfy(isDear) && choice.isTooDear == isDear(taken))
          // Waits for a shut one only where it may not go on, or nobody else is open.
          let isOpen = { (candidate: Candidate) in candidate.shut == nil && !isDear(candidate) }
          if !choice.isTooDear, let shut = taken.shut, let after = taken.failoverAfter, left.contains(where: isOpen) {
            #expect(shut.lasted < after && choice.goesOn?.isOpen == true)
            #expect(choice.goesOn?.after == after - shut.lasted)
          }
          // Nobody is passed over who is open and failed no more often.
          for (index, other) in all.enumerated() where index < choice.index && other.refusals == 0 && isOpen(other) {
            #expect(other.sendsNotSent > taken.sendsNotSent || choice.isTooDear)
          }
        }
      }
    }
  }

  @Test func theReasonIsSaidInWords() {
    func words(_ candidates: [Candidate], isByCost: Bool = false) -> String {
      guard let choice = RouteChoice.next(among: candidates, order: order(1), isByCost: isByCost) else { return "" }
      return RouteChoice.words(choice, among: candidates, names: ["panel-a", "panel-b", "panel-c"])
    }
    #expect(
      words([candidate(shut: 41, .balance, after: 30), candidate()])
        == "taken by panel-b: panel-a was shut for 41 s (out of money), --failover-after 30s")
    #expect(words([candidate(refusals: 1), candidate()]) == "taken by panel-b: panel-a refused it")
    #expect(
      words([candidate(notSent: 1), candidate()])
        == "taken by panel-b: panel-a could not be reached or did not receive it")
    #expect(
      words([candidate(cost: 16, most: 15), candidate(most: 9)])
        == "taken by panel-b: panel-a asks 16.00, above its --cost-max 15.00"
        + "; nobody knows what panel-b asks, so its --cost-max 9.00 held nothing up")
    #expect(
      words([candidate(cost: 16), candidate(cost: 12), candidate()], isByCost: true)
        == "taken by panel-b: it asks 12.00, panel-a 16.00, panel-c nobody knows what")
    #expect(words([candidate(), candidate()]) == "taken by panel-a: it comes first")
    #expect(words([candidate(share: 70), candidate(share: 30)]).hasSuffix("of 100"))
  }
}
