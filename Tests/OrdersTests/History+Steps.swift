import Orders

extension History {
  /// Mistakes that the invariants must notice.
  enum Mistake {
    case none, resendBlindly, trustALiar, forgetTheFence, sendWhatIsBeingSent, believeOneLine, believeRefusals
    case forgetTheClaim
    /// A lost send is repeated under its reference at any provider.
    case repeatAnywhere
    /// Neither a version nor the life of an order keeps anybody off.
    case forgetEveryFence
  }

  /// Whom a job asks to work on the order.
  enum Work: CaseIterable { case dispatch, check }
  /// How a job ends, and what it leaves to do.
  struct JobEnd {
    var snooze: Duration?
    var plan: (Work, Duration)?
  }

  /// Something a process does later, if it has not crashed by then.
  enum Later {
    case send(version: Int, reference: Int, begun: Duration)
    case noteSend(SendOutcome, version: Int, attempt: Int, age: Duration)
    case noteCheck(Decision, Witness?, version: Int, checks: Int)
    case repeatSend(version: Int, begun: Duration)
    case noteRepeated(SendOutcome, version: Int)
    /// A person who was shown the order decides by what the provider's panel shows then.
    case person(Status, version: Int, sends: [SendState], isClaimed: Bool)
    case look(version: Int, said: (print: String, at: Duration)?, tries: Int)
    case contest(version: Int)
    case claim
  }
}
