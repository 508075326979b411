/// What an attempt to send a message came to.
public enum MessageOutcome: Sendable, Equatable {
  /// The service has it; with its own name for it, where it says one.
  case sent(id: String?)
  /// It will never take this message for this person: it is not tried again.
  case refused(String)
  /// The person blocked us, or is not there: it takes nothing for them, whatever the message is.
  case blocked(String)
  /// The person is reached there from now on.
  case moved(to: String)
  /// It has too much to do and takes nothing from this account for so long.
  case busy(Duration)
  /// It takes nothing from this account until somebody mends that: the login, the money.
  case trouble(String)
  /// Proved not sent, and worth another attempt.
  case failed(String)
  /// It may have it.
  case unknown(String)
}

/// What a service says of a message that it may have.
public enum MessageAnswer: Sendable, Equatable {
  /// It has it, and in words what became of it.
  case has(String)
  /// It has none of that id.
  case hasNot
  /// It took it and could not bring it there, and why.
  case failed(String)
  /// Nothing can be read from the answer.
  case unreadable(String)
  case trouble(String)
  case busy(Duration)
}
