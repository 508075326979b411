import Testing

@testable import Chaos

/// What shops were told: each broken promise is forged, and must be found under its own name.
struct ChaosOutsideTests {
  typealias Outside = Evidence.Outside

  /// The story of ``ChaosCheckerTests/good``, as one endpoint that wants all, one that wants the ends, and two subscribers got it.
  static let good: Evidence = {
    var evidence = ChaosCheckerTests.good
    let story: [(order: String, version: Int, type: String, status: String, refundSafe: String)] = [
      ("a", 1, "accepted", "pending", "no"), ("b", 1, "accepted", "pending", "no"), ("a", 3, "sent", "sent", "no"),
      ("b", 3, "sent", "sent", "no"), ("b", 4, "failed", "failed", "yes"), ("a", 4, "completed", "completed", "no"),
    ]
    var outside = Outside()
    outside.endpoints = [
      .init(name: "shop/all", tenant: "shop"),
      .init(name: "shop/ends", tenant: "shop", types: ["sevk.order.completed", "sevk.order.failed"]),
    ]
    outside.feeds = [.init(name: "shop/sse", tenant: "shop"), .init(name: "other/sse", tenant: "other")]
    for (index, event) in story.enumerated() {
      let type = "sevk.order.\(event.type)"
      let told = Outside.Told(
        order: event.order, version: event.version, type: type, status: event.status, refundSafe: event.refundSafe)
      outside.placed.append(
        .init(
          position: Int64(index + 1), tenant: "shop", order: event.order, version: event.version, type: type))
      outside.feeds[0].seen.append(.init(position: Int64(index + 1), told: told))
      for endpoint in outside.endpoints where endpoint.wants(type) {
        let arrival = outside.posts.count * 2 + 1
        outside.posts.append(
          .init(endpoint: endpoint.name, arrival: arrival, ended: arrival + 1, id: told.event, told: told))
      }
    }
    outside.upTo = Int64(story.count)
    evidence.outside = outside
    return evidence
  }()

  /// The number of a post to an endpoint about an event.
  static func post(_ event: String, to endpoint: String = "shop/all", _ evidence: Evidence) -> Int {
    evidence.outside.posts.firstIndex { $0.told?.event == event && $0.endpoint == endpoint } ?? -1
  }

  @Test func nothingIsFoundWhereNothingIsWrong() {
    #expect(Checker(Self.good).violations == [])
    #expect(Self.good.outside.posts.count == 8)
  }

  static let forgeries: [ChaosCheckerTests.Forgery] = [
    .init("an event that was never posted", [.webhookLost]) { $0.outside.posts.remove(at: post("a/4", $0)) },
    .init("an event that an endpoint with types did not get", [.webhookLost]) {
      $0.outside.posts.remove(at: post("a/4", to: "shop/ends", $0))
    },
    .init("posted, never taken, and given up", [.webhookLost]) { $0.outside.posts[post("a/4", $0)].ended = nil },
    .init("kept, and not posted when it was asked for", [.webhookLost]) {
      $0.outside.posts.remove(at: post("a/4", $0))
      $0.outside.kept = ["shop/all 6"]
    },
    .init("posted before what came before it was taken", [.webhookOrder]) {
      $0.outside.posts[post("a/1", $0)].ended = 100
    },
    .init("posted before what came before it", [.webhookOrder]) { evidence in
      let (first, second) = (post("a/1", evidence), post("a/3", evidence))
      let (former, later) = (evidence.outside.posts[first], evidence.outside.posts[second])
      (evidence.outside.posts[first].arrival, evidence.outside.posts[first].ended) = (later.arrival, later.ended)
      (evidence.outside.posts[second].arrival, evidence.outside.posts[second].ended) = (former.arrival, former.ended)
    },
    .init("a failure passed over", [.webhookOrder]) { evidence in
      // Taken only at a second try, after the next event had come.
      let first = post("a/1", evidence)
      var again = evidence.outside.posts[first]
      (again.arrival, again.ended) = (200, 201)
      evidence.outside.posts[first].ended = nil
      evidence.outside.posts.append(again)
    },
    .init("one event under two ids", [.webhookIdentity]) { evidence in
      var again = evidence.outside.posts[post("a/4", evidence)]
      (again.arrival, again.ended, again.id) = (200, 201, "a/4-2")
      evidence.outside.posts.append(again)
    },
    .init("two events under one id", [.webhookIdentity]) { $0.outside.posts[post("a/4", $0)].id = "b/4" },
    .init("a wrong signature", [.webhookRefused]) {
      $0.outside.posts[post("a/4", $0)].problem = "its signature is not that of the endpoint"
    },
    .init("a type that was not asked for", [.webhookUnwanted]) { evidence in
      var post = evidence.outside.posts[post("a/1", evidence)]
      post.endpoint = "shop/ends"
      evidence.outside.posts.append(post)
    },
    .init("another tenant's event", [.webhookUnwanted]) { evidence in
      evidence.outside.endpoints.append(.init(name: "other/all", tenant: "other"))
      var post = evidence.outside.posts[post("a/1", evidence)]
      post.endpoint = "other/all"
      evidence.outside.posts.append(post)
    },
    .init("deliveries that hang", [.webhookLate]) { $0.outside.late = 1 },
    .init("a position that was passed over", [.liveGap]) { $0.outside.feeds[0].seen.remove(at: 2) },
    .init("a position that came twice", [.liveOrder]) { evidence in
      evidence.outside.feeds[0].seen.append(evidence.outside.feeds[0].seen[5])
    },
    .init("positions out of order", [.liveOrder]) { $0.outside.feeds[0].seen.swapAt(1, 2) },
    .init("a position that is another event", [.toldOtherwise]) { $0.outside.feeds[0].seen[5].told.version = 3 },
    .init("a stream that shows another tenant's event", [.toldOtherwise]) { evidence in
      evidence.outside.feeds[1].seen.append(evidence.outside.feeds[0].seen[0])
    },
    .init("a stream that was refused", [.liveRefused]) { $0.outside.feeds[0].refusals = ["it was answered 422"] },
    .init("an event that says one thing here and another there", [.toldOtherwise]) {
      $0.outside.posts[post("a/4", $0)].told?.status = "failed"
    },
    .init("a refund that was safe and is not", [.refundContradicted]) { evidence in
      evidence = later(evidence, status: "completed", refundSafe: "no")
    },
  ]

  /// With one more event of the order that failed, which only subscribers have got so far.
  static func later(_ evidence: Evidence, status: String, refundSafe: String, version: Int = 5) -> Evidence {
    var evidence = evidence
    let told = Outside.Told(
      order: "b", version: version, type: "sevk.order.\(status)", status: status, refundSafe: refundSafe)
    let position = Int64(evidence.outside.placed.count + 1)
    evidence.outside.placed.append(
      .init(position: position, tenant: "shop", order: "b", version: version, type: told.type))
    evidence.outside.feeds[0].seen.append(.init(position: position, told: told))
    return evidence
  }

  @Test(arguments: forgeries)
  func eachBrokenPromiseIsFound(_ forgery: ChaosCheckerTests.Forgery) {
    var evidence = Self.good
    forgery.forge(&evidence)
    #expect(Set(Checker(evidence).violations.map(\.kind)) == forgery.kinds)
  }

  /// Who posted it may have died before that was noted, or have slept meanwhile.
  @Test func whatWasTakenMayComeAgainAtAnyTime() {
    var evidence = Self.good
    for var post in evidence.outside.posts {
      (post.arrival, post.ended) = (post.arrival + 100, post.arrival.isMultiple(of: 3) ? nil : post.arrival + 101)
      evidence.outside.posts.append(post)
    }
    #expect(Checker(evidence).violations == [])
  }

  /// A failure is tried again before the next event of the order is posted, and others go on meanwhile.
  @Test func triesThatFailedAreAllowed() {
    var evidence = Self.good
    for number in evidence.outside.posts.indices {
      evidence.outside.posts[number].arrival *= 10
      evidence.outside.posts[number].ended = evidence.outside.posts[number].arrival + 5
    }
    for var post in evidence.outside.posts {
      (post.arrival, post.ended) = (post.arrival - 3, nil)
      evidence.outside.posts.append(post)
    }
    #expect(Checker(evidence).violations == [])
  }

  /// Nobody waits for what is kept, so the next goes on; and it has to come when it is asked for.
  @Test func whatWasKeptMayComeLate() {
    var evidence = Self.good
    let first = Self.post("a/1", evidence)
    (evidence.outside.posts[first].arrival, evidence.outside.posts[first].ended) = (100, 101)
    #expect(Set(Checker(evidence).violations.map(\.kind)) == [.webhookOrder])
    evidence.outside.kept = ["shop/all 1"]
    #expect(Checker(evidence).violations == [])
  }

  /// What came after the last look may be on its way.
  @Test func whatIsOnItsWayAtTheEndIsNotLost() {
    var evidence = Self.good
    evidence.outside.upTo = 4
    evidence.outside.posts.removeAll { $0.told?.version == 4 }
    evidence.outside.feeds[0].seen.removeLast(2)
    #expect(Checker(evidence).violations == [])
  }

  @Test func aTurnedClockExcusesDelay() {
    var evidence = Self.good
    (evidence.outside.late, evidence.outside.clocksWereTurned) = (1, true)
    #expect(Checker(evidence).violations == [])
  }

  /// A provider that contradicts itself is said to: from then on nothing is safe until a person has looked.
  @Test func aRefundThatWasSafeMayBeContested() {
    var evidence = Self.later(Self.good, status: "contested", refundSafe: "no")
    #expect(Checker(evidence).violations == [])
    evidence = Self.later(evidence, status: "completed", refundSafe: "no", version: 6)
    #expect(Checker(evidence).violations == [])
  }

  @Test func faultsOfTheOutsideRunBesideOthers() {
    #expect(FaultKind.parse("hook").kinds.count == ShopReceiver.Mode.allCases.count - 1, "all but good")
    #expect(FaultKind.parse("hook,live").kinds.allSatisfy { $0.isOfOutside })
    let plan = FaultPlan(seed: 1, kinds: FaultKind.allCases, milliseconds: 60_000)
    #expect(plan.outside.allSatisfy { $0.kind.isOfOutside } && !plan.outside.isEmpty)
    #expect((plan.servers + plan.panel).allSatisfy { !$0.kind.isOfOutside })
  }

  /// A line of the log may stand for many drops and tells their sum.
  @Test func aLineOfManyDropsIsReadWithItsSum() {
    let one = #"{"message":"balance fell more than the orders explain","provider":"panel","unexplained":"3.5"}"#
    #expect(Collector.amounts(ofDrops: one) == [35_000])
    let many = #"{"message":"balance fell more than the orders explain","unexplained":"80","drops":"4"}"#
    #expect(Collector.amounts(ofDrops: many) == [800_000, 0, 0, 0])
    #expect(Collector.amounts(ofDrops: "balance fell more than the orders explain") == [0])
  }
}
