import EventLoop
import Synchronization
import Testing

@testable import Notify

@LoopActor
@Suite struct ChannelPaceTests {
  @Test func noChannelTakesAllPlaces() {
    let pace = ChannelPace(slots: 16)
    for _ in 0..<4 { #expect(pace.enter(1) == nil) }
    #expect(pace.enter(1) != nil && pace.enter(2) == nil)
    pace.leave(1)
    #expect(pace.enter(1) == nil)
  }

  @Test func noChannelGetsTooMuchInASecond() throws {
    let now = Mutex(ContinuousClock.now)
    let pace = ChannelPace(slots: 400) { now.withLock { $0 } }
    for _ in 0..<25 { #expect(pace.enter(1) == nil) }
    let wait = try #require(pace.enter(1))
    #expect(wait >= .seconds(1) && pace.enter(2) == nil)
    now.withLock { $0 += wait }
    #expect(pace.enter(1) == nil)
  }
}
