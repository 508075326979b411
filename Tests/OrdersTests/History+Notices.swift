import Orders
import Seeded

/// What a provider posts by itself, and what others post in its name: as NoticeTaker and `AfterReport` do.
extension History {
  /// Takes over what the provider has to tell.
  mutating func takePosts() {
    let posts = provider.posts
    provider.posts = []
    guard notices != .none, isAlone else { return }
    for post in posts {
      later.append((max(post.at, now), .notice(post.said, reference: post.reference, isGenuine: true)))
    }
  }

  /// Anybody posts what would do harm, now and once more.
  mutating func forge() {
    let lies: [QueryOutcome] = [
      .completed(Pin("FORGED"), note: ""), .completed(nil, note: ""), .cancelled("out of stock"),
      .cancelled("forged"), .waiting("working on it"),
    ]
    guard let lie = lies.randomElement(using: &random) else { return }
    for pause in [0, Int.random(in: 0...20_000, using: &random)] {
      later.append((now + .milliseconds(pause), .notice(lie, reference: reference, isGenuine: false)))
    }
  }

  mutating func take(_ said: QueryOutcome, about noticed: Int, isGenuine: Bool) {
    guard mistake != .believeNotices else { return believe(said) }
    var outcome: QueryOutcome?
    switch notices {
    case .none: return
    case .unsigned: break
    case .signed:
      guard isGenuine || mistake == .trustAnySender else { return }
      outcome = said
      if isGenuine { note(said: said) }
    }
    var earlier = witness?.what
    earlier?.age = now - (witness?.since ?? now)
    let decision = AfterReport.decide(
      outcome, isCurrent: noticed == attempt, status,
      fingerprint: outcome.map { Array("\($0.substance)".utf8) } ?? [], earlier: earlier, schedule: schedule)
    corners.insert("notice while \(status)")
    switch decision {
    case .nothing: break
    case .ask: askNow()
    case .keep(let witness, let pause):
      corners.insert("report kept")
      checks += 1
      keep(witness)
      dueAt = now + pause
    case .hold:
      corners.insert("report contradicts")
      mustContradict()
      move(to: .held, from: version)
    }
  }

  /// The mistake.
  private mutating func believe(_ said: QueryOutcome) {
    guard status == .sent || status == .unresolved else { return }
    switch said {
    case .completed(let pin, _):
      self.pin = pin
      move(to: .completed, from: version, sendState: .accepted)
    case .cancelled: move(to: .failed, from: version, sendState: .refused)
    case .waiting, .notFound, .queryFailed, .unintelligible: break
    }
  }
}
