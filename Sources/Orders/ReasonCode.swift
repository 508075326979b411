/// Why an order is where it is, for programs: the `reason_code` of orders and events. The reason beside it is for people,
/// and its words may change.
///
/// Decided with the reason (``Reason``) and kept with it. This is the only list; `openapi.json`, `docs/shops.md` and the runbook repeat
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

  /// The partner who had it gave it up, and it is offered to others.
  case offeredAgain = "offered_again"
  /// The shop or the customer wants it cancelled, and the partner who has it is asked.
  case cancelRequested = "cancel_requested"

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
  /// The answer to its send was lost, and its provider knows no reference of ours that it could be asked about.
  case cannotBeAsked = "cannot_be_asked"
  /// It could not be sent in time; the provider never had it.
  case notSent = "not_sent"
  /// The provider said two things of it that can't both be true.
  case contradicted
  /// Its PIN was given to another order too.
  case sharedPin = "shared_pin"
  /// Processes died while they worked on it.
  case processesDied = "processes_died"
  /// It was restored from a backup and may have been sent since.
  case restored
  /// Wrong hand-over codes were given for it again and again.
  case handoverLocked = "handover_locked"
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
  /// The shop or the customer wanted it cancelled, and the partner who had it agreed.
  case cancelAgreed = "cancel_agreed"
  /// The shop withdrew it.
  case withdrawn
  /// The shop claimed its refund, and it was proved that no provider has it.
  case refundClaimed = "refund_claimed"

  // Contested.
  /// The provider says of an order that ended what can't be true beside its end.
  case secondLook = "second_look"

  // Of several statuses.
  /// No partner of a desk took it; nothing of it was done. `pending`, `failed` or `held`, as the desk has it.
  case nobodyAccepted = "nobody_accepted"
  case delivered
  /// A person decided it.
  case decidedByPerson = "decided_by_person"
  /// Anything that has no code of its own yet.
  case other
}
