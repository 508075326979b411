import Adapters
public import EventLoop
public import HTTPClient
public import Jobs
public import Kinds
import Orders
public import Redis
public import Store
public import Telemetry

/// Handles ``DeliverEvent``: posts what is in line, oldest first, until nothing is or an attempt fails.
///
/// A receiver's faults are no faults of the job: they are written down with the delivery, and the job comes again when that
/// is due. So the dead set stays for what is Sevk's to mend.
@LoopActor
public final class EventDelivery {
  /// Posted by one job before others get its place.
  private static let batchMax = 20
  /// Kept of an answer to a failed attempt, in bytes.
  private static let answerBytesMax = 1024
  /// A shorter word of a PIN is no code.
  private static let codeBytesMin = 4
  /// When its receiver wants events again, one comes later by so much at most.
  private static let holdJitterMax = Duration.seconds(60)
  /// Nothing but failures for so long; before, it may be one event that the receiver does not like.
  private static let doubtfulAfter = Duration.seconds(10)

  private let store: DeliveryStore
  private let poster: EventPoster
  private let rate: EndpointRate
  private let lanes: Lanes
  private let retries: RetrySchedule
  private let log: Log
  private let metrics: Metrics
  private let delivered: MetricSample
  private let durations: MetricHistogram

  /// - Parameters:
  ///   - slots: jobs that this process runs at once.
  ///   - retries: after which pauses a failed delivery is tried again.
  public init(
    store: Store, http: HTTPClient, redis: RedisClient, slots: Int, retries: RetrySchedule, _ instruments: Instruments
  ) {
    self.retries = retries
    self.store = DeliveryStore(store: store)
    poster = EventPoster(http: http)
    rate = EndpointRate(redis: redis)
    lanes = Lanes(slots: slots)
    (log, metrics) = (instruments.log, instruments.metrics)
    metrics.describe("sevk_webhook_attempts_total", "counter", "Events posted to endpoints, by what came of it")
    metrics.describe("sevk_webhook_duration_seconds", "histogram", "How long receivers took to answer")
    delivered = metrics.sample("sevk_webhook_attempts_total", ["result": "delivered"])
    durations = metrics.histogram("sevk_webhook_duration_seconds")
  }

  public nonisolated static let connectionsMax = EventPoster.connectionsMax

  public func run(_ job: DeliverEvent, _ context: JobContext) async throws -> Outcome {
    let line = DeliveryStore.Line(endpoint: job.endpoint, order: job.order)
    // Before anything is read: thousands may come while their endpoint does not answer.
    guard lanes.hasRoom(job.endpoint) else { return .snooze(lanes.pause(job.endpoint)) }
    var next = try await store.due(line)
    for _ in 0..<Self.batchMax {
      guard let due = next, due.state == .active else { return .completed }
      guard due.untilDue <= .zero else { return .snooze(Self.pause(of: due)) }
      let isDoubtful = due.failingFor ?? .zero >= Self.doubtfulAfter || due.slowFor != nil
      lanes.note(due.endpointID, tenant: due.tenantID, isDoubtful: isDoubtful)
      let pause = try await lanes.run(due.endpointID) { () async throws -> Duration in
        if let most = due.ratePerSecond, let wait = try await self.rate.wait(for: due.endpointID, rate: most) {
          return wait
        }
        // Else another has the job, and tells it.
        guard context.lease.isHeld() else { return .seconds(1) }
        next = try await self.attempt(due, in: line)
        return .zero
      }
      guard let pause else { return .snooze(lanes.pause(job.endpoint)) }
      if pause > .zero { return .snooze(pause) }
      // What is next tells when: after a failure it is the same again, or what took its place.
    }
    return .snooze(.zero)
  }

  /// Thousands may wait for a receiver that asked to be left alone; they don't all come in the same moment then.
  private static func pause(of due: DeliveryStore.Due) -> Duration {
    due.untilDue + (due.isHeld ? min(due.untilDue, holdJitterMax) * Double.random(in: 0...0.5) : .zero)
  }

  /// - Returns: what is in line next.
  private func attempt(_ due: DeliveryStore.Due, in line: DeliveryStore.Line) async throws -> DeliveryStore.Due? {
    let body = try await body(of: due)
    let answer = try await poster.post(body, of: due)
    var ending =
      switch answer {
      case .accepted(let reply): success(reply)
      case .refused(let reply): failure(due, reply)
      case .failed(let error): failure(due, error)
      }
    lanes.note(due.endpointID, took: ending.duration)
    durations.observe(ending.duration)
    guard let cause = ending.cause else {
      delivered.add()
      return try await store.delivered(ending, of: due, in: line)
    }
    metrics.add("sevk_webhook_attempts_total", ["result": cause])
    ending.answer = await shown(ending.answer, to: due)
    let isNews = ending.endpoint != nil || ending.warnedPercent > due.warnedPercent
    // In one transaction with what it is about, so that it is neither lost nor said twice.
    try await store.record(ending, of: due, telling: isNews ? EndpointNotice(due, ending) : nil)
    tell(due, ending)
    return try await store.due(line)
  }

  // MARK: PINs

  /// What is posted: with the PIN of a completed order where its endpoint has a key to seal it to.
  private func body(of due: DeliveryStore.Due) async throws -> String {
    guard let key = due.sealedTo, due.type == Status.completed.eventType,
      let found = try await store.pin(of: due), found.isTold
    else { return due.body }
    guard
      let body = SealedPin.add(found.pin, to: due.body, order: due.orderID, event: due.eventID, for: key)
    else { throw SealedPin.Unusable(endpoint: due.endpoint) }
    return body
  }

  /// What is kept of a receiver's answer. It may print the PIN that it was told, or has read: then its form is anybody's guess.
  private func shown(_ answer: [UInt8]?, to due: DeliveryStore.Due) async -> [UInt8]? {
    guard let answer, due.sealedTo == nil else { return nil }
    do {
      guard let found = try await store.pin(of: due) else { return Array(answer.prefix(Self.answerBytesMax)) }
      var rest = Redaction.removing(found.pin, from: answer)
      // Several codes are one PIN, and each a secret.
      for word in found.pin.secret.split(separator: " ") where word.utf8.count >= Self.codeBytesMin {
        rest = Redaction.removing(Pin(String(word)), from: rest)
      }
      return Array(rest.prefix(Self.answerBytesMax))
    } catch {
      return nil
    }
  }

  // MARK: Endings

  private func success(_ reply: HTTPClientReply) -> DeliveryStore.Ending {
    var ending = DeliveryStore.Ending(state: .delivered, duration: reply.duration)
    ending.httpStatus = reply.status
    ending.appliedVersion = reply.header("sevk-applied").flatMap { Int64($0) }.flatMap { $0 >= 0 ? $0 : nil }
    ending.isSlow = reply.duration > EndpointHealth.slowAnswer
    return ending
  }

  private func failure(_ due: DeliveryStore.Due, _ reply: HTTPClientReply) -> DeliveryStore.Ending {
    var least: Duration?
    if reply.status == 429 || reply.status == 503 {
      least = reply.header("retry-after").flatMap { RetryAfter.read($0, now: Int64(Clock.unixMilliseconds() / 1000)) }
    }
    var ending = failure(due, reply.duration, .status, "answered \(reply.status)", status: reply.status, least: least)
    ending.answer = reply.body.isEmpty ? nil : reply.body
    // Whoever has too much to do has it for each event.
    ending.hold = least.flatMap { $0 > .zero ? min($0, RetryAfter.holdMax) : nil }
    return ending
  }

  private func failure(_ due: DeliveryStore.Due, _ error: HTTPClientError) -> DeliveryStore.Ending {
    // Where a name leads inside the network of whoever runs Sevk is not the shop's to know.
    failure(
      due, error.duration, FailureCause(error), error.words.replacing("the provider", with: "the receiver"),
      status: nil,
      least: nil)
  }

  private func failure(
    _ due: DeliveryStore.Due, _ duration: Duration, _ cause: FailureCause, _ error: String, status: Int?,
    least: Duration?
  ) -> DeliveryStore.Ending {
    var generator = SystemRandomNumberGenerator()
    let pause = retries.pause(
      after: due.attempts + 1, triedFor: due.triedFor ?? .zero, least: least, using: &generator)
    let after = EndpointHealth.afterFailure(status: status, failingFor: due.failingFor ?? .zero)
    // What is given up with its endpoint is kept as well.
    var ending = DeliveryStore.Ending(
      state: pause == nil || after.state != nil ? .kept : .waiting, duration: duration)
    ending.pause = after.state == nil ? pause : nil
    (ending.httpStatus, ending.cause, ending.error) = (status, cause.rawValue, error)
    (ending.endpoint, ending.warnedPercent) = (after.state, max(after.warnedPercent, due.warnedPercent))
    ending.isSlow = due.slowFor != nil || duration > EndpointHealth.slowAnswer
    return ending
  }

  private func tell(_ due: DeliveryStore.Due, _ ending: DeliveryStore.Ending) {
    if let state = ending.endpoint {
      log.error(
        "an endpoint is given up; its events are kept",
        [
          "endpoint": due.endpoint, "tenant": due.tenant, "state": state.rawValue, "cause": ending.cause,
          "reason": ending.error,
        ])
    } else if ending.warnedPercent > due.warnedPercent {
      log.warning(
        "an endpoint takes no events, and is given up when it goes on so",
        [
          "endpoint": due.endpoint, "tenant": due.tenant, "of_the_way": "\(ending.warnedPercent) %",
          "cause": ending.cause, "reason": ending.error,
        ])
    } else if ending.state == .kept {
      log.warning(
        "an event was not delivered in time and is kept",
        ["endpoint": due.endpoint, "tenant": due.tenant, "event": due.eventID, "reason": ending.error])
    }
  }
}
