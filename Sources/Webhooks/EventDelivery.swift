public import EventLoop
public import HTTPClient
public import Jobs
public import Kinds
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
  /// Until a job asks again for a place in its endpoint's lane.
  private static let pauses: ClosedRange<Int64> = 50...300
  /// Nothing but failures for so long; before, it may be one event that the receiver does not like.
  private static let doubtfulAfter = Duration.seconds(10)
  private static let doubtfulPauses: ClosedRange<Int64> = 2000...30_000

  private let store: DeliveryStore
  private let poster: EventPoster
  private let rate: EndpointRate
  private let lanes: Lanes
  private let retries: RetrySchedule
  private let plan: @LoopActor ([PlannedJob]) async -> Void
  private let log: Log
  private let metrics: Metrics

  /// - Parameters:
  ///   - slots: jobs that this process runs at once.
  ///   - plan: has jobs run.
  public init(
    store: Store, http: HTTPClient, redis: RedisClient, slots: Int, retries: RetrySchedule,
    plan: @escaping @LoopActor ([PlannedJob]) async -> Void, _ instruments: Instruments
  ) {
    self.plan = plan
    self.retries = retries
    self.store = DeliveryStore(store: store)
    poster = EventPoster(http: http)
    rate = EndpointRate(redis: redis)
    lanes = Lanes(slots: slots)
    (log, metrics) = (instruments.log, instruments.metrics)
    metrics.describe("sevk_webhook_attempts_total", "counter", "Events posted to endpoints, by what came of it")
    metrics.describe("sevk_webhook_duration_seconds", "histogram", "How long receivers took to answer")
    metrics.add("sevk_webhook_attempts_total", ["result": "delivered"], by: 0)
  }

  public nonisolated static let connectionsMax = EventPoster.connectionsMax

  public func run(_ job: DeliverEvent, _ context: JobContext) async throws -> Outcome {
    let line = DeliveryStore.Line(endpoint: job.endpoint, order: job.order)
    for _ in 0..<Self.batchMax {
      // Before anything is read: thousands may come while their endpoint does not answer.
      guard lanes.hasRoom(job.endpoint) else { return Self.comeAgain(lanes.isDoubtful(job.endpoint)) }
      guard let due = try await store.due(line), due.state == .active else { return .completed }
      guard due.untilDue <= .zero else { return .snooze(due.untilDue) }
      let isDoubtful = due.failingFor ?? .zero >= Self.doubtfulAfter || due.slowFor != nil
      let pause = try await lanes.run(due.endpointID, isDoubtful: isDoubtful) { () async throws -> Duration in
        if let most = due.ratePerSecond, let wait = try await self.rate.wait(for: due.endpointID, rate: most) {
          return wait
        }
        // Else another has the job, and tells it.
        guard context.lease.isHeld() else { return .seconds(1) }
        try await self.attempt(due)
        return .zero
      }
      guard let pause else { return Self.comeAgain(isDoubtful) }
      if pause > .zero { return .snooze(pause) }
      // What is next tells when: after a failure it is the same again, or what took its place.
    }
    return .snooze(.zero)
  }

  private static func comeAgain(_ isDoubtful: Bool) -> Outcome {
    .snooze(.milliseconds(Int64.random(in: isDoubtful ? doubtfulPauses : pauses)))
  }

  private func attempt(_ due: DeliveryStore.Due) async throws {
    let answer = try await poster.post(due)
    let ending =
      switch answer {
      case .accepted(let reply): success(reply)
      case .refused(let reply): failure(due, reply)
      case .failed(let error): failure(due, error)
      }
    metrics.add("sevk_webhook_attempts_total", ["result": ending.cause ?? "delivered"])
    metrics.observe("sevk_webhook_duration_seconds", [:], ending.duration)
    try await store.record(ending, of: due)
    tell(due, ending)
    if ending.endpoint != nil || ending.warnedPercent > due.warnedPercent { await announce(due, ending) }
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
    ending.answer = reply.body.isEmpty ? nil : Array(reply.body.prefix(Self.answerBytesMax))
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

  /// Tells the shop by its other endpoints. One that was not told sees it all the same where it looks at the endpoint.
  private func announce(_ due: DeliveryStore.Due, _ ending: DeliveryStore.Ending) async {
    let event = EndpointEvent(due, ending, at: Int64(Clock.unixMilliseconds()))
    do {
      let lines = try await store.announce(due, eventID: event.id, type: event.type, body: event.json)
      await plan(lines.map { DeliverEvent.planned(endpoint: $0.endpoint, order: $0.order) })
    } catch {
      log.warning(
        "the shop's other endpoints were not told of an endpoint",
        ["endpoint": due.endpoint, "tenant": due.tenant, "reason": "\(error)"])
    }
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
