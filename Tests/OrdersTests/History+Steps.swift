import Orders

extension History {
  /// Mistakes that the invariants must notice.
  enum Mistake {
    case none, resendBlindly, trustALiar, forgetTheFence, sendWhatIsBeingSent, believeOneLine, believeRefusals
    case forgetTheClaim
    /// A lost send is repeated under its reference at any provider.
    case repeatAnywhere
    /// What a notice says is done, whoever posted it.
    case believeNotices
    /// A signed notice is read without a look at its signature.
    case trustAnySender
    /// What was lost at a provider that can't be asked is sent again.
    case resendUnaskable
    /// Neither a version nor the life of an order keeps anybody off.
    case forgetEveryFence
    /// A job ends when another has moved its order, though that one may have lost the job's lease.
    case endAfterConflict
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
    case intend(version: Int)
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
    /// A provider, or somebody in its name, posts what became of a reference.
    case notice(QueryOutcome, reference: Int, isGenuine: Bool)
  }

  /// By what its provider can be asked about the order.
  enum Asked: Equatable {
    case ourReference
    /// By its own number, which only the answer to the send names.
    case itsNumber
    /// No question is ever answered.
    case nothing
  }

  /// What its provider posts by itself.
  enum Notices: CaseIterable {
    case none
    /// Anybody may have posted them.
    case unsigned
    case signed
  }
}
