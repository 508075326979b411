import EventLoop
import Events

@testable import Gateway

/// A subscriber in memory.
@LoopActor
final class FakeChannel: EventChannel {
  private(set) var positions: [Int64] = []
  private(set) var beats = 0
  private(set) var reason: StreamEnd?
  private(set) var after: Int64?
  /// Takes nothing: all that is sent waits.
  var isDeaf = false
  private(set) var bytesWaiting = 0
  var onDrained: (@LoopActor () -> Void)?
  var onEnd: (@LoopActor () -> Void)?
  private let changed = LoopEvent()

  nonisolated init() {}

  func send(_ event: FeedEvent) {
    positions.append(event.position)
    if isDeaf { bytesWaiting += event.listed.count }
    changed.signal()
  }

  func send(_ batch: FeedBatch) { for event in batch.events { send(event) } }

  func beat(silenceMax silence: Duration) {
    beats += 1
    changed.signal()
  }

  func end(_ reason: StreamEnd, after position: Int64) {
    (self.reason, after) = (reason, position)
    leave()
  }

  private(set) var wasCut = false
  func cut() {
    wasCut = true
    leave()
  }

  /// The subscriber is gone.
  func leave() {
    let report = onEnd
    onEnd = nil
    report?()
    changed.signal()
  }

  func wait(_ isTrue: () -> Bool) async { while !isTrue(), !Task.isCancelled { _ = await changed.wait() } }

  func until(_ position: Int64) async { await wait { positions.last ?? 0 >= position } }

  func untilEnd() async { await wait { reason != nil } }

  func untilBeat() async { await wait { beats > 0 || reason != nil } }
}
