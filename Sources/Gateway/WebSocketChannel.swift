import EventLoop
import Events
import WebSocket

/// Events as text frames of the subprotocol `sevk.events.v1`. What the subscriber sends means nothing, and is dropped.
@LoopActor
final class WebSocketChannel: EventChannel {
  nonisolated static let subprotocol = "sevk.events.v1"

  private let socket: WebSocket
  var onDrained: (@LoopActor () -> Void)? {
    get { socket.onDrained }
    set { socket.onDrained = newValue }
  }
  var onEnd: (@LoopActor () -> Void)? {
    get { socket.onEnd }
    set { socket.onEnd = newValue }
  }

  init(_ socket: WebSocket) { self.socket = socket }

  var bytesWaiting: Int { socket.bytesWaiting }

  func send(_ event: FeedEvent) { socket.send(frames: event.frame) { [event.listed] } }

  func send(_ batch: FeedBatch) { socket.send(frames: batch.frames) { batch.events.map { $0.listed } } }

  func beat(silenceMax silence: Duration) {
    guard EventLoop.shared.nowMilliseconds - socket.heardAt < silence.wholeMilliseconds else { return socket.cut() }
    socket.ping()
  }

  func cut() { socket.cut() }

  func end(_ reason: StreamEnd, after position: Int64) {
    socket.close(code: reason.code, reason: "\(reason.text); after=\(position)")
  }
}
