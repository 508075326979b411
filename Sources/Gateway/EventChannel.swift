import EventLoop
import Events

/// How events go out to one subscriber.
@LoopActor
protocol EventChannel: AnyObject {
  func send(_ event: FeedEvent)
  /// Sends all events of a batch.
  func send(_ batch: FeedBatch)
  /// Bytes that were sent and that the subscriber's side has not taken.
  var bytesWaiting: Int { get }
  /// Called when all of them have left.
  var onDrained: (@LoopActor () -> Void)? { get set }
  /// Called once, at the end, whoever ended it.
  var onEnd: (@LoopActor () -> Void)? { get set }
  /// Shows the subscriber, and whatever is between, that this side is there.
  ///
  /// - Parameter silence: ends the connection of one that was not heard of for so long, where it can be heard at all.
  func beat(silenceMax silence: Duration)
  /// Ends it at once; what waits is dropped.
  func cut()
  /// Ends it, with a reason that the subscriber gets to see if it reads at all.
  func end(_ reason: StreamEnd, after position: Int64)
}

/// Why a stream was ended by this side.
enum StreamEnd: String {
  case tooSlow = "too_slow"
  case goingAway = "going_away"
  case tokenGone = "token_gone"
  case tooMany = "too_many"
  /// Too much waited for all subscribers together; this one is not told.
  case overloaded

  var text: String {
    switch self {
    case .tooSlow: "events come faster than you read them"
    case .goingAway: "this gateway stops; connect again"
    case .tokenGone: "the token was revoked or has expired"
    case .overloaded: "too much waits for slow readers; connect again later"
    case .tooMany: "too many connections; connect again later"
    }
  }

  /// The WebSocket close code (RFC 6455, section 7.4, and IANA's list).
  var code: UInt16 {
    switch self {
    case .goingAway: 1001
    case .tooSlow, .tokenGone: 1008
    case .tooMany, .overloaded: 1013
    }
  }
}
