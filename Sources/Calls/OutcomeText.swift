public import Orders

extension SendOutcome {
  func mapText(_ transform: (String) -> String) -> SendOutcome {
    switch self {
    case .accepted: self
    case .delivered(let pin, let note, let receipt): .delivered(pin, note: transform(note), receipt)
    case .refused(let text): .refused(transform(text))
    case .accountTrouble(let text, let isBalance): .accountTrouble(transform(text), isBalance: isBalance)
    case .notSent(let text): .notSent(transform(text))
    case .unknown(let text): .unknown(transform(text))
    }
  }

  var pin: Pin? {
    if case .delivered(let pin, _, _) = self { return pin }
    return nil
  }
}

extension QueryOutcome {
  func mapText(_ transform: (String) -> String) -> QueryOutcome {
    switch self {
    case .waiting(let text): .waiting(transform(text))
    case .completed(let pin, let note): .completed(pin, note: transform(note))
    case .cancelled(let text): .cancelled(transform(text))
    case .notFound(let text): .notFound(transform(text))
    case .queryFailed(let text): .queryFailed(transform(text))
    case .unintelligible(let text): .unintelligible(transform(text))
    }
  }

  /// What another answer must repeat before this one is believed; see ``ProviderClient/query(reference:account:)``.
  public var substance: [UInt8] {
    switch self {
    // Without a PIN only what is said beside it tells one order's row from another's.
    case .completed(let pin, let note): Array((pin?.secret ?? note).utf8)
    case .cancelled(let why): Array(why.utf8)
    case .waiting, .notFound, .queryFailed, .unintelligible: []
    }
  }

  var pin: Pin? {
    if case .completed(let pin, _) = self { return pin }
    return nil
  }
}
