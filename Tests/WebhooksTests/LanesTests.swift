import EventLoop
import Synchronization
import Testing

@testable import Webhooks

/// Who may have how many requests under way, with receivers that answer when the test says.
@Suite struct LanesTests {
  private static let slots = 16

  private final class Clock: Sendable {
    private let time = Mutex(ContinuousClock.now)
    var now: ContinuousClock.Instant { time.withLock { $0 } }
    func pass(_ duration: Duration) { time.withLock { $0 += duration } }
  }

  /// Lanes and a clock that stands still.
  @LoopActor
  private final class World {
    let lanes: Lanes
    private let clock = Clock()
    private var open: [Int64: [Lanes.Place]] = [:]

    init() { lanes = Lanes(slots: LanesTests.slots) { [clock] in clock.now } }

    func pass(_ duration: Duration) { clock.pass(duration) }

    /// Posts until there is no room, and answers none.
    ///
    /// - Returns: how many.
    func fill(_ endpoint: Int64, tenant: Int64, isDoubtful: Bool = false) -> Int {
      var count = 0
      lanes.note(endpoint, tenant: tenant, isDoubtful: isDoubtful)
      while lanes.hasRoom(endpoint) {
        open[endpoint, default: []].append(lanes.enter(endpoint))
        count += 1
      }
      return count
    }

    /// All that is under way to an endpoint is answered.
    func answer(_ endpoint: Int64) {
      for place in open[endpoint] ?? [] { lanes.leave(place) }
      open[endpoint] = nil
    }
  }

  @Test @LoopActor func oneAloneHasAboutHalfAndThereIsAlwaysRoomForOneMore() {
    let world = World()
    #expect(world.fill(1, tenant: 1) == 7)
    #expect(world.fill(2, tenant: 2) == 5)
    #expect(world.fill(3, tenant: 3) == 2)
    #expect(world.fill(4, tenant: 4) == 1)
    // What the first gave back, others may have.
    world.answer(1)
    #expect(world.fill(5, tenant: 5) == 4)
  }

  /// The case that this rule is for: two receivers that stall, and a third that answers.
  @Test @LoopActor func twoThatStallLeaveRoomForAThird() {
    let world = World()
    _ = world.fill(1, tenant: 1)
    _ = world.fill(2, tenant: 2)
    world.pass(.seconds(2))
    #expect(!world.lanes.hasRoom(1) && !world.lanes.hasRoom(2))
    for _ in 0..<100 {
      #expect(world.fill(3, tenant: 3) >= 1)
      world.answer(3)
    }
  }

  @Test @LoopActor func aTenantWithManyEndpointsLeavesRoomForOthers() {
    let world = World()
    // As among tenants, a share of what is left is for the next.
    for (endpoint, count) in [(1, 7), (2, 4), (3, 2), (4, 1)] as [(Int64, Int)] {
      #expect(world.fill(endpoint, tenant: 1) == count)
    }
    #expect(world.fill(21, tenant: 1) == 0)
    #expect(world.fill(22, tenant: 2) >= 1)
  }

  @Test @LoopActor func whoAnswersSlowlyHasASmallShareUntilItIsQuickAgain() {
    let world = World()
    world.lanes.note(1, took: .seconds(10))
    #expect(world.fill(1, tenant: 1) == 2)
    world.answer(1)
    for _ in 0..<10 { world.lanes.note(1, took: .milliseconds(10)) }
    #expect(world.fill(1, tenant: 1) == 7)
  }

  @Test @LoopActor func allSlowOnesTogetherHaveHalf() {
    let world = World()
    var count = 0
    for endpoint in Int64(1)...20 {
      world.lanes.note(endpoint, took: .seconds(10))
      count += world.fill(endpoint, tenant: endpoint)
    }
    #expect(count == 8)
    #expect(world.fill(30, tenant: 30) >= 1)
  }

  @Test @LoopActor func whoDoesNotAnswerIsAskedOneAtATime() {
    let world = World()
    for endpoint in Int64(1)...4 { #expect(world.fill(endpoint, tenant: endpoint, isDoubtful: true) == 1) }
    #expect(world.fill(5, tenant: 5, isDoubtful: true) == 0, "all such together have a quarter")
    #expect(world.fill(6, tenant: 6) >= 1)
  }

  @Test(arguments: [1, 2, 3]) @LoopActor func thereIsAPlaceHoweverFewThereAre(slots: Int) {
    let lanes = Lanes(slots: slots)
    lanes.note(1, tenant: 1, isDoubtful: true)
    #expect(lanes.hasRoom(1))
    lanes.note(1, tenant: 1, isDoubtful: false)
    #expect(lanes.hasRoom(1))
    lanes.note(1, took: .seconds(20))
    #expect(lanes.hasRoom(1))
  }
}
