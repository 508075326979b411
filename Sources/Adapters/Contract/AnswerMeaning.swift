/// What a row of a contract says that an answer means.
public enum AnswerMeaning: String, Sendable, CaseIterable {
  // To a send.
  case accepted, delivered, refused, repetition, trouble
  case noAccess = "no-access"
  case noBalance = "no-balance"
  // To a question.
  case waiting, completed, cancelled
  case completedWithoutPin = "completed-no-pin"
  case notFound = "not-found"
  case questionFailed = "question-failed"
  // To a probe.
  case balance
  // To a send or a question of several requests.
  case step

  /// For people.
  public var words: String {
    switch self {
    case .accepted: "the provider has the order"
    case .delivered: "the provider has the order and delivers at once"
    case .refused: "nothing was created, for the order's sake"
    case .repetition: "the reference is already there, or may be"
    case .trouble: "the provider is in trouble, and what it did is open"
    case .noAccess: "the account can't be served: login, address, permission, maintenance"
    case .noBalance: "the dealer's money is out"
    case .waiting: "the provider has the order and works on it"
    case .completed: "delivered, with a PIN"
    case .completedWithoutPin: "delivered, without a PIN"
    case .cancelled: "cancelled by the provider"
    case .notFound: "the provider does not know the reference"
    case .questionFailed: "the question failed, which says nothing about the order"
    case .balance: "login, address and permission work"
    case .step: "one answer of several: the next request follows, and by itself it proves nothing"
    }
  }

  /// What may follow from it, for people; `Orders` decides.
  public var allows: String {
    switch self {
    case .accepted, .waiting: "ask on; never sent again"
    case .delivered: "delivers when a question says the same"
    case .refused: "fails or takes the next route, when a question bears it out"
    case .repetition, .trouble: "ask; nothing is settled"
    case .noAccess, .noBalance: "the provider is closed, and the order waits, when a question bears it out"
    case .completed, .completedWithoutPin: "delivers when said twice, seconds apart"
    case .cancelled: "fails when said twice, seconds apart, and not of an invented reference"
    case .notFound:
      "nothing by itself; with the control question a person's, or sent anew where ops trust it; the same reference again where it is booked once"
    case .questionFailed: "ask again"
    case .balance: "the provider is open"
    case .step: "the next request; where none follows, ask again"
    }
  }
}
