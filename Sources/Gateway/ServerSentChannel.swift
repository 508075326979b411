import EventLoop
import Events
import HTTPServer

/// Events as server-sent events (the HTML standard, section 9.2).
@LoopActor
final class ServerSentChannel: EventChannel {
  /// How soon a browser connects again, in ms.
  private static let retry = Array("retry: 2000\n\n".utf8)
  private static let comment = Array(":\n\n".utf8)
  /// What a half-open connection was sent is lost within so long, and so it is noticed.
  private static let unacknowledgedMax = Duration.seconds(30)

  private let connection: HandedConnection
  var onDrained: (@LoopActor () -> Void)? {
    get { connection.onDrained }
    set { connection.onDrained = newValue }
  }
  var onEnd: (@LoopActor () -> Void)? {
    get { connection.onEnd }
    set { connection.onEnd = newValue }
  }

  init(_ connection: HandedConnection) {
    self.connection = connection
    connection.limitUnacknowledged(Self.unacknowledgedMax)
    connection.write(Self.retry)
  }

  var bytesWaiting: Int { connection.bytesWaiting }

  func send(_ event: FeedEvent) { connection.write(event.serverSent) }

  func send(_ batch: FeedBatch) { connection.write(batch.serverSent) }

  func beat(silenceMax silence: Duration) { connection.write(Self.comment) }

  func cut() { connection.cut() }

  /// The reason is an event of its own type, which a browser that does not ask for it passes over; the browser connects
  /// again by itself, with the last id.
  func end(_ reason: StreamEnd, after position: Int64) {
    let data = "{\"reason\":\"\(reason.rawValue)\",\"detail\":\"\(reason.text)\",\"after\":\(position)}"
    connection.write(Array("event: sevk.stream.end\ndata: \(data)\n\n".utf8))
    connection.end()
  }
}
