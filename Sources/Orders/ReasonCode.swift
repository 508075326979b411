/// Why an order is where it is, for programs: the `reason_code` of orders and events. The reason beside it is for people,
/// and its words may change.
///
/// Kept with the reason when that is written. This is the only list; `openapi.json`, `docs/shops.md` and the runbook repeat
/// it, and a test holds them together. Programs must expect codes that are new: treat those as what the status says.
public enum ReasonCode: String, CaseIterable, Sendable {
  // Pending.
  /// Its last send provably never left, or was proved not received, and it is sent again.
  case sendingAgain = "sending_again"
  /// The provider refused it, and another one is tried.
  case nextProvider = "next_provider"

  // Sent.
  /// The provider accepted it and works on it.
  case inProgress = "in_progress"
  /// The last question about it settled nothing; it is asked again.
  case askingAgain = "asking_again"

  // Unresolved.
  /// The provider's answer to its send was lost.
  case answerLost = "answer_lost"
  /// The provider refused the send, and a question must bear that out before it is believed.
  case confirmingRefusal = "confirming_refusal"

  // Held.
  /// No final answer came in time.
  case noFinalAnswer = "no_final_answer"
  /// The provider probably never got it; a person must look before it is sent again.
  case probablyNotReceived = "probably_not_received"
  /// It could not be sent in time; the provider never had it.
  case notSent = "not_sent"
  /// Its PIN was given to another order too.
  case sharedPin = "shared_pin"
  /// Processes died while they worked on it.
  case processesDied = "processes_died"
  /// It was restored from a backup and may have been sent since.
  case restored
  /// A person looks after it.
  case personDecides = "person_decides"

  // Failed.
  /// The provider refused to take it.
  case refused
  /// The provider took it and cancelled it.
  case providerCancelled = "provider_cancelled"
  /// There is no route for its product any more.
  case noRoute = "no_route"
  /// The route wants what the order has not.
  case invalidFields = "invalid_fields"

  // Cancelled.
  /// The shop withdrew it.
  case withdrawn

  // Of several statuses.
  case delivered
  /// A person decided it.
  case decidedByPerson = "decided_by_person"
  /// Anything that has no code of its own yet.
  case other

  /// The code of a reason of this program that is being written without one; nil where the status says all there is. Rows
  /// have theirs: they are never asked by their words, but for those of programs from before (`schema_0015.sql`).
  public static func of(_ status: Status, reason: String?) -> ReasonCode? {
    if status == .completed { return byPerson(reason) ? .decidedByPerson : .delivered }
    guard let reason else { return status == .sent ? .inProgress : nil }
    if byPerson(reason) { return .decidedByPerson }
    switch status {
    case .pending: return reason.hasPrefix("the provider refused") ? .nextProvider : .sendingAgain
    case .sending: return nil
    case .sent: return isQuestion(reason) ? .askingAgain : .inProgress
    case .unresolved: return isRefusal(reason) ? .confirmingRefusal : .answerLost
    case .held: return held(reason)
    case .failed: return failed(reason)
    case .cancelled: return .withdrawn
    case .completed: return .delivered
    }
  }

  /// Begins the reason of what a person decided; see `PersonChoice.words`.
  public static let personPrefix = "a person decided: "

  private static func byPerson(_ reason: String?) -> Bool { reason?.hasPrefix(personPrefix) ?? false }

  private static func isRefusal(_ reason: String) -> Bool {
    [AfterSend.refusedPrefix, "the provider turned the account away", "the provider said of the send"]
      .contains { reason.hasPrefix($0) }
  }

  private static func isQuestion(_ reason: String) -> Bool {
    [AfterQuery.failedPrefix, "the answer made no sense", "the provider accepted the order but does not find it"]
      .contains { reason.hasPrefix($0) }
  }

  private static func held(_ reason: String) -> ReasonCode {
    let known: [(String, ReasonCode)] = [
      ("no final answer within", .noFinalAnswer), ("probably not received", .probablyNotReceived),
      ("the provider gave it the PIN of", .sharedPin), ("restored from a backup", .restored),
      ("taken up by a person", .personDecides), ("not sent", .notSent), ("proved not received", .notSent),
      ("the provider refused", .notSent),
    ]
    if let (_, code) = known.first(where: { reason.hasPrefix($0.0) }) { return code }
    return reason.contains("processes died") ? .processesDied : .other
  }

  private static func failed(_ reason: String) -> ReasonCode {
    let known: [(String, ReasonCode)] = [
      ("the provider refused", .refused), ("the provider cancelled", .providerCancelled),
      ("the provider had received the order and cancelled it", .providerCancelled),
      ("there is no route left", .noRoute), ("not sent: ", .invalidFields),
    ]
    return known.first { reason.hasPrefix($0.0) }?.1 ?? .other
  }
}
