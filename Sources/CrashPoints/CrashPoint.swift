/// A step on the way of an order from which another process must be able to go on.
///
/// Builds with the flag `SEVK_CRASH_POINTS` (debug builds, and those of `ops/chaos`) can be made to die, to freeze or to
/// be told to stop at each; see ``reach(_:)``. In all others the hooks are empty and gone.
public enum CrashPoint: String, CaseIterable, Sendable {
  // Taking an order in.
  /// It may be sent; it is not recorded.
  case intakeJudged = "intake-judged"
  /// It is recorded; it has no job, and upstream no answer.
  case intakeRecorded = "intake-recorded"
  /// Its job is in Redis; the answer may be on its way to upstream.
  case intakeAnnounced = "intake-announced"

  // Sending it.
  /// The job is ours; the order was not read yet.
  case sendClaimed = "send-claimed"
  /// The provider's limits let it through; the intent is not committed.
  case sendAllowed = "send-allowed"
  /// The intent is committed; no byte has left.
  case sendIntended = "send-intended"
  /// The request has left; its answer is awaited.
  case sendUnanswered = "send-unanswered"
  /// The answer is read; it is not written down.
  case sendAnswered = "send-answered"
  /// What the answer proved is committed; what comes next is not planned.
  case sendRecorded = "send-recorded"
  /// The first question is planned; the job is not acknowledged.
  case sendPlanned = "send-planned"

  // Asking about it.
  /// The job is ours; the order was not read yet.
  case checkClaimed = "check-claimed"
  /// The order is due; the provider was not asked.
  case checkAllowed = "check-allowed"
  /// The answer is read; it is not written down.
  case checkAnswered = "check-answered"
  /// What the answer proved is committed; the job is not acknowledged.
  case checkRecorded = "check-recorded"
  /// That nothing is settled is committed; the next question is not planned.
  case checkPostponed = "check-postponed"
  /// That it was not received is committed; the next send is not planned.
  case resendRecorded = "resend-recorded"
  /// The intent to repeat a lost send under its reference is committed; no byte has left.
  case resendIntended = "resend-intended"
  /// The answer to the repetition is read; it is not written down.
  case resendAnswered = "resend-answered"

  // Keeping the queues and the stream.
  /// Due jobs, or those of a process that is gone, were moved; nothing was noted of it.
  case jobsMoved = "jobs-moved"
  /// The tick of a periodic task is taken; the task has not begun.
  case tickClaimed = "tick-claimed"
  /// The open orders were read; their missing jobs were not added.
  case openOrdersRead = "open-orders-read"
  /// Events were read; they are not in the stream.
  case eventsRead = "events-read"
  /// Events are with a sink; that is not noted.
  case eventsPublished = "events-published"

  /// The program that passes here; `openOrdersRead` is passed by dispatchers too.
  public var program: String {
    switch self {
    case .intakeJudged, .intakeRecorded, .intakeAnnounced, .sendClaimed, .sendAllowed, .sendIntended, .sendUnanswered,
      .sendAnswered, .sendRecorded, .sendPlanned:
      "dispatcher"
    case .checkClaimed, .checkAllowed, .checkAnswered, .checkRecorded, .checkPostponed, .resendRecorded,
      .resendIntended,
      .resendAnswered:
      "worker"
    case .jobsMoved, .tickClaimed, .openOrdersRead, .eventsRead, .eventsPublished: "scheduler"
    }
  }

  /// Says that the process is at this point now.
  ///
  /// `SEVK_CRASH_AT` set to the point's name makes it die there by SIGKILL, `SEVK_STOP_AT` freezes it by SIGSTOP, and
  /// `SEVK_TERM_AT` sends it SIGTERM; `NAME:3` does so the third time only.
  @inlinable
  public static func reach(_ point: CrashPoint) {
    #if SEVK_CRASH_POINTS
      CrashOrder.current?.reach(point)
    #endif
  }

  /// Says that the process is about to be at this point: that what it begins now will be under way in 250 ms.
  @inlinable
  public static func reachSoon(_ point: CrashPoint) {
    #if SEVK_CRASH_POINTS
      guard let order = CrashOrder.current, order.point == point else { return }
      Task.detached {
        try? await Task.sleep(for: .milliseconds(250))
        order.reach(point)
      }
    #endif
  }
}
