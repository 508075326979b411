public import EventLoop
public import Store

/// Somewhere that events are delivered to: the Redis streams, and whatever comes next.
///
/// The relay brings each sink every event in the order of positions, and notes in `event_sinks` how far it is. An event
/// that a sink took over and whose note was lost comes again; none is left out, and none is dropped before every sink
/// has it.
public protocol EventSink: Sendable {
  /// Its row in `event_sinks`: lowercase letters, digits, `_` and `-`. Another name is another sink, which begins anew.
  var name: String { get }

  /// Takes events over, all or none: when this returns, they must survive the end of this process.
  ///
  /// The relay waits for it and meanwhile serves no other sink, so what takes time (a request to someone) is planned
  /// here, and done elsewhere.
  ///
  /// - Parameters:
  ///   - events: in the order of their positions, not empty; some may have come before.
  ///   - term: to be checked by whoever writes where two relays could mix their order: one that was frozen may come back.
  /// - Throws: what keeps it from taking them; they come again.
  @LoopActor func take(_ events: [OutboxEvent], in term: RelayTerm) async throws -> SinkAnswer

  /// Makes sure, after Redis was away, that what it took is still there, as far as it keeps that in Redis.
  ///
  /// - Parameter position: up to which it took everything.
  /// - Returns: how many events were lost and are back.
  @LoopActor func mend(through position: Int64, in term: RelayTerm) async throws -> Int

  /// Gives room back where it keeps what is old and others find none any more. Called when nothing was to be delivered for a while.
  ///
  /// - Returns: whether it gave any.
  @LoopActor func makeRoom() async throws -> Bool
}

extension EventSink {
  @LoopActor public func mend(through position: Int64, in term: RelayTerm) async throws -> Int { 0 }
  @LoopActor public func makeRoom() async throws -> Bool { false }
}

/// What became of events that a sink was given.
public enum SinkAnswer: Sendable, Equatable {
  /// It has them; `fresh` of them it did not know to be there already.
  case taken(fresh: Int)
  /// It has none of them: another relay's term began.
  case termOver
}
