import CrashPoints
public import EventLoop
public import Store

/// One term of the relay: brings sinks forward batch by batch, each from where it is. A sink that fails keeps no other
/// from going on.
@LoopActor
public struct SinkRounds {
  /// What a round came to.
  public enum Outcome: Sendable, Equatable {
    /// How many events each sink took that it did not have, by its name.
    case moved([String: Int])
    /// Another relay has the lease: this one must look again at what there is.
    case termOver
  }

  /// A sink that could not take its events.
  public struct Failure: Error, CustomStringConvertible {
    public let sink: String
    public let cause: any Error
    public var description: String { "\(cause)" }
  }

  /// The first sink that failed in this term.
  public private(set) var failure: Failure?
  private var failed: Set<String> = []
  /// How far sinks are beyond what is noted.
  private var delivered: [String: Int64] = [:]
  private let sinks: [any EventSink]
  private let outbox: Outbox
  private let batchMax: Int

  public nonisolated init(sinks: [any EventSink], outbox: Outbox, batchMax: Int) {
    self.sinks = sinks
    self.outbox = outbox
    self.batchMax = batchMax
  }

  /// Whether a sink that has not failed lacks something.
  public func isOwed(_ turn: OutboxTurn) -> Bool {
    sinks.contains { !failed.contains($0.name) && turn.cursors[$0.name].map { $0 < turn.last } ?? true }
  }

  /// What sinks took that is not noted yet, for ``Outbox/place(limit:delivered:)`` to note with the next look.
  public mutating func takeDelivered() -> [String: Int64] {
    defer { delivered = [:] }
    return delivered
  }

  /// Notes what sinks took, at the end of a term.
  public mutating func noteDelivered() async throws {
    for (sink, position) in takeDelivered() { try await outbox.advance(sink, to: position) }
  }

  /// Has sinks bring back what they lost with Redis.
  ///
  /// - Returns: how many events that were.
  public mutating func mend(_ turn: OutboxTurn, in term: RelayTerm) async throws -> Int {
    var mended = 0
    for sink in sinks {
      if let cursor = turn.cursors[sink.name] { mended += try await sink.mend(through: cursor, in: term) }
    }
    return mended
  }

  /// Gives each sink that lacks something one batch. The next look at the outbox notes how far it is then.
  ///
  /// A crash between the two gives it the batch again, in the same order.
  public mutating func deliver(_ turn: OutboxTurn, in term: RelayTerm) async throws -> Outcome {
    var moved: [String: Int] = [:]
    for sink in sinks where !failed.contains(sink.name) {
      do {
        guard let cursor = turn.cursors[sink.name] else {
          try await outbox.register(sink.name)
          continue
        }
        guard cursor < turn.last else { continue }
        // Who is up to date gets what was just given its position, and nothing is read again.
        let isNext = turn.events.first?.position == cursor + 1
        let events = isNext ? turn.events : try await outbox.read(after: cursor, limit: batchMax)
        guard let end = events.last?.position else {
          // What was there is kept no longer, as positions that a restore left out.
          try await outbox.advance(sink.name, to: turn.last)
          continue
        }
        guard case .taken(let fresh) = try await sink.take(events, in: term) else { return .termOver }
        CrashPoint.reach(.eventsPublished)
        delivered[sink.name] = end
        moved[sink.name] = fresh
      } catch let error as CancellationError {
        throw error
      } catch {
        failed.insert(sink.name)
        if failure == nil { failure = Failure(sink: sink.name, cause: error) }
      }
    }
    return .moved(moved)
  }
}
