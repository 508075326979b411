import Orders
import Seeded

/// What can be asked of its provider, and what becomes of an order that it can't be asked about.
extension History {
  /// As askedName has it; a provider that answers no question is asked all the same.
  var canAsk: Bool { asked != .itsNumber || hasNumber }

  mutating func answer() -> QueryOutcome {
    guard asked != .nothing else { return .queryFailed("it answers no questions") }
    let answer = provider.answer(reference, at: now, &random)
    note(said: answer)
    return answer
  }

  /// As OrderChecker does.
  mutating func handToPerson() {
    corners.insert("unaskable")
    guard mistake != .resendUnaskable else {
      return carryOut(.sendAgain(after: .zero, reason: "can't be asked"), nil, version, checks)
    }
    carryOut(Unaskable.decide(Order.sample(status, version: version), window: nil), nil, version, checks)
  }

  mutating func note(said outcome: QueryOutcome) {
    switch outcome {
    case .completed: said.insert("completed \(outcome.substance)")
    case .cancelled: said.insert("cancelled \(outcome.substance)")
    case .waiting, .notFound, .queryFailed, .unintelligible: break
    }
  }

  /// A person is told of a contradiction only where the provider contradicts itself.
  mutating func mustContradict() {
    if said.count < 2 { fail("held for a contradiction that is none of its provider's") }
  }
}
